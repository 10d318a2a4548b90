"""Forms make happen what they say, and lead to the page that shows it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from penstock import Cron, Deployment, Pipeline
from penstock.engine.definition.task import Task
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import RunSignal, RunStatus
from penstock.engine.triggers.launch import Ending
from penstock.kit.clock import SystemClock
from penstock.web.console import Console
from penstock.web.launches import Launches
from penstock.web.steering import MOST_RUNS
from tests.factories import a_run, a_task
from tests.web.conftest import OpenConsole, browse, party
from tests.web.reading import Document, send

RUN = "/pipelines/party/run"


def begun(console: Console, run_id: str = "R1") -> None:
    """Let a run of another process be under way."""
    now = console.clock.now()
    new = a_run(run_id, a_task("fetch"), pipeline="party", created_at=now)
    console.engine.store.create_run(new, "elsewhere:1#1", timedelta(minutes=5))


# Runs -----------------------------------------------------------------------------------------------------------------


def test_a_form_starts_a_run_and_leads_to_its_page(client: TestClient, console: Console) -> None:
    answer = send(client, RUN, **{"param.guests": "2", "param.rude": ""})
    (view,) = console.engine.history("party")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{view.run.run_id}")
    assert (view.status, view.run.params["guests"], view.run.cause) == (RunStatus.COMPLETED, 2, "console")


def test_a_choice_of_tasks_is_all_that_runs(client: TestClient, console: Console) -> None:
    send(client, RUN)
    send(client, RUN, tasks="greet", force="1")
    tasks = console.engine.view("last").tasks
    assert {task.name: task.status.value for task in tasks} == {"fetch": "skipped", "greet": "completed"}


def test_a_dry_run_leads_to_the_plan_with_all_that_was_asked(client: TestClient, console: Console) -> None:
    told = {"param.guests": "2", "tasks": "greet+", "skip": "fetch", "force": "1", "dry": "1"}
    parts = urlsplit(send(client, RUN, **told).headers["location"])
    assert parts.path == "/pipelines/party/plan"
    assert parse_qs(parts.query) == {name: [value] for name, value in told.items() if name != "dry"}
    assert console.engine.history() == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"param.guests": "many"}, "takes a value of type int, not `many`"),
        ({"param.guests": "0"}, "must be at least 1"),
        ({"param.guest": "2"}, "there is no parameter `guest`"),
        ({"tasks": "greeet"}, "`greeet`"),
        ({"deployment": "nightly"}, "has no deployment `nightly`"),
    ],
)
def test_what_does_not_fit_is_told_at_once_and_starts_nothing(
    client: TestClient, console: Console, fields: dict[str, str], told: str
) -> None:
    answer = send(client, RUN, **fields)
    assert answer.status_code == 400
    assert told in Document(answer.text).text
    assert console.engine.history() == []


def test_a_pipeline_that_is_none_is_not_found(client: TestClient) -> None:
    answer = send(client, "/pipelines/partie/run")
    assert answer.status_code == 404
    assert "did you mean `party`?" in Document(answer.text).text


def test_a_second_run_beside_a_living_one_is_refused(client: TestClient, console: Console) -> None:
    begun(console)
    answer = send(client, RUN)
    assert answer.status_code == 409
    assert "run `R1` of `party` is under way" in Document(answer.text).text


def test_so_many_runs_are_started_at_one_time_and_no_more(console: Console) -> None:
    class Endless:
        def poll(self) -> Ending | None:
            return None

        def stop(self, *, now: bool) -> None: ...

    launches = Launches(lambda _order: Endless(), SystemClock())
    crowded = Console(console.engine, launches, console.knobs, console.clock, console.project)
    client = browse(crowded)
    codes = [send(client, RUN).status_code for _ in range(MOST_RUNS + 1)]
    assert codes == [303] * MOST_RUNS + [409]


@pytest.mark.parametrize(("fields", "signal"), [({}, RunSignal.CANCEL), ({"now": "1"}, RunSignal.CANCEL_NOW)])
def test_a_run_of_another_process_is_told_to_end(
    client: TestClient, console: Console, fields: dict[str, str], signal: RunSignal
) -> None:
    begun(console)
    now = console.clock.now()
    console.engine.store.claim_task_runs("R1", "elsewhere:1#1", now, timedelta(minutes=5))
    assert send(client, "/runs/R1/cancel", **fields).headers["location"] == "/runs/R1"
    run = console.engine.store.find_run("R1")
    assert run is not None
    assert run.cancel_signal is signal


def test_a_run_that_is_over_is_not_cancelled(client: TestClient) -> None:
    send(client, RUN)
    answer = send(client, "/runs/last/cancel")
    assert answer.status_code == 400
    assert "is already over (completed)" in Document(answer.text).text


def test_a_launch_that_has_not_written_its_run_yet_is_stopped(console: Console) -> None:
    stopped: list[bool] = []

    class Starting:
        def poll(self) -> Ending | None:
            return None

        def stop(self, *, now: bool) -> None:
            stopped.append(now)

    launches = Launches(lambda _order: Starting(), SystemClock())
    client = browse(Console(console.engine, launches, console.knobs, console.clock, console.project))
    run = send(client, RUN).headers["location"]
    assert client.get(f"/api{run}").status_code == 404
    assert send(client, f"{run}/cancel", now="1").headers["location"] == run
    assert stopped == [True]


def test_a_launch_whose_process_ended_is_told_with_what_it_said(console: Console) -> None:
    class Ended:
        def poll(self) -> Ending | None:
            return Ending("the warehouse is held by another process")

        def stop(self, *, now: bool) -> None: ...

    launches = Launches(lambda _order: Ended(), SystemClock())
    client = browse(Console(console.engine, launches, console.knobs, console.clock, console.project))
    run_id = client.post("/api/runs", json={"pipeline": "party"}).json()["run_id"]
    answer = client.get(f"/api/runs/{run_id}")
    assert answer.status_code == 409
    assert "the warehouse is held by another process" in answer.json()["error"]["message"]


def test_a_failed_run_is_resumed(open_console: OpenConsole) -> None:
    broken = [True]

    def work(ctx: object) -> int:
        if broken.pop() if broken else False:
            raise ValueError("not yet")
        return 1

    console = open_console(Pipeline("party", tasks=[Task("work", work)]))
    client = browse(console)
    send(client, "/pipelines/party/run")
    run = console.engine.view("last").run
    assert run.status is RunStatus.FAILED
    assert send(client, f"/runs/{run.run_id}/resume").headers["location"] == f"/runs/{run.run_id}"
    assert console.engine.view(run.run_id).status is RunStatus.COMPLETED


def test_failed_items_of_a_completed_run_are_tried_again_in_a_new_one(open_console: OpenConsole) -> None:
    console = open_console(party(failure_tolerance=1))
    client = browse(console)
    send(client, RUN, **{"param.rude": "1"})
    first = console.engine.view("last").run.run_id
    leads_to = send(client, f"/runs/{first}/retry").headers["location"]
    newest, oldest = (view.run.run_id for view in console.engine.history("party"))
    assert (oldest, leads_to) == (first, f"/runs/{newest}")
    answered = browse(console).post(f"/api/runs/{newest}/retry").json()["run_id"]
    assert answered == console.engine.view("last").run.run_id not in (newest, oldest)


def test_nothing_that_failed_is_nothing_to_retry(client: TestClient) -> None:
    send(client, RUN)
    assert send(client, "/runs/last/retry").status_code == 400
    assert send(client, "/runs/last/resume").status_code == 400


# Marks and resets -----------------------------------------------------------------------------------------------------


def test_a_task_is_marked_as_tested_and_unmarked(client: TestClient, console: Console) -> None:
    address = "/pipelines/party/tasks/greet/tested"
    assert send(client, address, value="1").headers["location"] == "/pipelines/party"
    assert console.engine.survey.is_tested("party", "greet")
    assert send(client, address, value="0", back="/pipelines/party/tasks/greet").headers["location"].endswith("greet")
    assert not console.engine.survey.is_tested("party", "greet")


def test_a_mark_leads_back_to_no_other_site(client: TestClient) -> None:
    answer = send(client, "/pipelines/party/tasks/greet/tested", value="1", back="//evil.example")
    assert answer.headers["location"] == "/pipelines"


def test_a_reset_happens_only_when_it_is_sure(client: TestClient, console: Console) -> None:
    send(client, RUN)
    assert send(client, "/pipelines/party/reset").status_code == 400
    assert console.engine.plan(RunRequest("party")).to_run == ()
    assert send(client, "/pipelines/party/reset", sure="1", tasks=["greet"]).status_code == 303
    assert console.engine.plan(RunRequest("party")).to_run == ("greet",)
    assert send(client, "/pipelines/party/reset", sure="1", tasks=["fetch", "greet"]).status_code == 303
    assert "fetch" in console.engine.plan(RunRequest("party")).to_run


# Schedules ------------------------------------------------------------------------------------------------------------


def test_a_schedule_is_recorded_paused_resumed_and_removed(open_console: OpenConsole) -> None:
    nightly = Deployment("nightly", Cron("daily 01:00 UTC"))
    console = open_console(Pipeline("party", tasks=[Task("work", lambda ctx: 1)], deployments=[nightly]))
    client, store = browse(console), console.engine.store
    seen = []
    for verb, fields in (
        ("deploy", {"pipeline": "party", "deployment": "nightly"}),
        ("pause", {"name": "party/nightly"}),
        ("resume", {"name": "party/nightly"}),
        ("remove", {"name": "party/nightly"}),
    ):
        assert send(client, f"/schedules/{verb}", **fields).headers["location"] == "/schedules"
        seen.append([(one.name, one.is_paused) for one in store.list_deployments()])
    assert seen == [[("party/nightly", False)], [("party/nightly", True)], [("party/nightly", False)], []]


@pytest.mark.parametrize("verb", ["pause", "resume", "remove", "deploy"])
def test_a_schedule_that_is_none_is_told(client: TestClient, verb: str) -> None:
    assert send(client, f"/schedules/{verb}", name="nightly", pipeline="party", deployment="x").status_code == 400
    assert send(client, f"/schedules/{verb}").status_code == 400
