"""A run's page tells where it stands, why, and what to do next."""

from __future__ import annotations

from datetime import timedelta
from shlex import split
from typing import Any

import pytest
from starlette.testclient import TestClient

from penstock import Context, Param, Pipeline, Task, task
from penstock.engine.state.records import Failure, Outcome, TaskOutcome, TaskStatus
from penstock.kit.clock import SystemClock
from penstock.web.console import Console
from penstock.web.page import Role, Viewer
from penstock.web.render import render_page
from penstock.web.router import find_page
from tests.web.browsing import TABS, a_stored_run, browse, claim, run
from tests.web.conftest import OpenConsole, party
from tests.web.reading import Document, read


def a_task(name: str, *upstream: str, body: Any = None, **declared: Any) -> Task:
    """A task of this name that does nothing."""
    return task(name=name, depends_on=upstream, **declared)(body or (lambda *_: None))


def breaks(_: Context) -> None:
    """Fail."""
    raise ValueError("the <b>third</b> file is missing")


def fragile() -> Pipeline:
    """A pipeline whose second task fails."""
    return Pipeline(
        "fragile", tasks=[a_task("first"), a_task("second", "first", body=breaks), a_task("third", "second")]
    )


def test_a_run_page_tells_status_cause_parameters_and_counts(client: TestClient, console: Console) -> None:
    view = run(console, params={"guests": 2}, cause="penstock run party --guests 2")
    page = read(client, f"/runs/{view.run.run_id}")
    for told in ("party", "completed", "penstock run party --guests 2", "guests = 2", view.run.run_id):
        assert told in page.text
    assert "/pipelines/party" in page.links
    assert f"/runs/{view.run.run_id}?tab=tasks&status=completed" in page.links


def test_the_newest_run_and_the_beginning_of_an_id_are_addresses(client: TestClient, console: Console) -> None:
    view = run(console)
    assert view.run.run_id in read(client, "/runs/last").text
    assert view.run.run_id in read(client, f"/runs/{view.run.run_id[:22]}").text


@pytest.mark.parametrize("address", ["/runs/nothing", "/runs/nothing/tasks/fetch", "/runs/last/tasks/nobody"])
def test_an_unknown_run_or_task_is_not_found(client: TestClient, console: Console, address: str) -> None:
    run(console)
    assert "there is no run `nothing`" in (told := read(client, address, 404).text) or "no task `nobody`" in told


def test_a_store_without_runs_tells_how_to_start_one(client: TestClient) -> None:
    assert "penstock run PIPELINE" in read(client, "/runs/last", 404).text


def test_an_unknown_tab_names_the_nearest(client: TestClient, console: Console) -> None:
    run(console)
    assert "did you mean `timeline`?" in read(client, "/runs/last?tab=timelin", 404).text


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_prints_with_one_heading_and_nothing_dangerous(
    client: TestClient, console: Console, tab: str
) -> None:
    view = run(console, params={"rude": 1}, continue_on_failure=True)
    page = read(client, f"/runs/{view.run.run_id}?tab={tab}")
    assert sum(name == "h1" for name, _ in page.elements) == 1
    assert page.dangers == []
    current = [told for name, told in page.elements if name == "a" and told.get("aria-current") == "page"]
    assert f"/runs/{view.run.run_id}?tab={tab}" in [told["href"] for told in current]


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_prints_for_a_run_that_has_not_begun(open_console: OpenConsole, tab: str) -> None:
    console = open_console(fragile())
    a_stored_run(console, fragile())
    assert "running" in read(browse(console), f"/runs/R1?tab={tab}").text


@pytest.mark.parametrize("tab", TABS)
def test_a_run_stays_readable_when_its_pipeline_is_gone(open_console: OpenConsole, tab: str) -> None:
    view = run(open_console(party()), params={"rude": 1})
    page = read(browse(open_console()), f"/runs/{view.run.run_id}?tab={tab}")
    assert "failed" in page.text


def test_the_first_failure_stands_at_the_top_with_a_link_to_it(open_console: OpenConsole) -> None:
    console = open_console(fragile())
    view = run(console, "fragile")
    page = read(browse(console), "/runs/last?tab=graph")
    assert "second failed: the <b>third</b> file is missing ValueError" in page.text
    assert f"/runs/{view.run.run_id}/tasks/second#failure" in page.links


def test_a_failed_script_is_linked_at_the_line_that_tells_most(open_console: OpenConsole) -> None:
    console = open_console(fragile())
    a_stored_run(console, fragile())
    failure = Failure("ScriptFailed", "`second.py` ended with exit code 3", "look at line 42", line=42)
    ended = TaskOutcome(TaskStatus.FAILED, Outcome.FAILED, console.clock.now(), failure=failure)
    console.engine.store.finish_task_run(claim(console, "R1"), ended)
    page = read(browse(console), "/runs/R1")
    assert "look at line 42" in page.text
    assert "/runs/R1/tasks/first?attempt=1&line=42#L42" in page.links


def test_further_failures_are_counted(open_console: OpenConsole) -> None:
    two = Pipeline("two", tasks=[a_task("left", body=breaks), a_task("right", body=breaks)])
    console = open_console(two)
    run(console, "two", continue_on_failure=True)
    assert "1 further task failed" in read(browse(console), "/runs/last").text


def test_a_retry_links_the_run_it_retries(client: TestClient, console: Console) -> None:
    first = run(console).run.run_id
    run(console, cause=f"retry {first}")
    assert f"/runs/{first}" in read(client, "/runs/last").links


def test_a_deployment_in_the_cause_leads_to_the_schedules(client: TestClient, console: Console) -> None:
    run(console, cause="deployment party/daily, tick 2026-03-04 01:00 UTC")
    assert "/schedules" in read(client, "/runs/last").links


def command_of(page: Document) -> list[str]:
    """The command to copy from a page."""
    return split(
        next(told["data-copy"] for _, told in page.elements if told.get("data-copy", "").startswith("penstock run"))
    )


def test_a_run_that_nobody_typed_tells_the_command_for_the_same_again(open_console: OpenConsole) -> None:
    params = [Param("name", str, "all"), Param("deep", bool, default=False), Param("kept", int, 3)]
    pipeline = Pipeline("p", tasks=[a_task("a"), a_task("b"), a_task("c")], params=params)
    console = open_console(pipeline)
    name = 'it\'s "two words" 🙂 $HOME'
    asked = {"name": name, "deep": True}
    run(console, "p", params=asked, tasks=("b",), force=True, continue_on_failure=True, cause="console")
    assert command_of(read(browse(console), "/runs/last")) == [
        *("penstock", "run", "p", "--name", name, "--deep", "--tasks", "b", "--force", "--continue-on-failure")
    ]


def test_the_command_leaves_out_few_tasks_rather_than_naming_many(open_console: OpenConsole) -> None:
    console = open_console(Pipeline("p", tasks=[a_task("a"), a_task("b"), a_task("c")]))
    run(console, "p", skip=("c",))
    assert command_of(read(browse(console), "/runs/last")) == ["penstock", "run", "p", "--skip", "c"]


def test_running_again_leads_to_the_form_with_the_same_parameters(client: TestClient, console: Console) -> None:
    run(console, params={"guests": 7})
    assert "/pipelines/party?param.guests=7&param.rude=-1#run" in read(client, "/runs/last").links


def test_secrets_are_stars_on_every_page(open_console: OpenConsole) -> None:
    secret = "sk-0123-very-secret"

    def talks(ctx: Context) -> dict[str, str]:
        ctx.log(f"using {ctx.params.api_key}")
        return {"used": ctx.params.api_key}

    def fails(ctx: Context) -> None:
        raise ValueError(f"refused {ctx.params.api_key}")

    params = [Param("api_key"), Param("days", int, 3)]
    console = open_console(
        Pipeline("p", tasks=[a_task("talks", body=talks), a_task("fails", body=fails)], params=params)
    )
    run(console, "p", params={"api_key": "sk-another-secret-1"}, continue_on_failure=True)
    typed = f"penstock run p --api-key {secret} --days 4"
    run(console, "p", params={"api_key": secret, "days": 4}, continue_on_failure=True, cause=typed)
    asking = browse(console)
    for address in [*(f"/runs/last?tab={tab}" for tab in TABS), "/runs/last/tasks/talks", "/runs/last/tasks/fails"]:
        answer = asking.get(address)
        assert answer.status_code == 200
        assert secret not in answer.text, address
        assert "sk-another" not in answer.text, address
    page = read(asking, "/runs/last")
    assert "api_key = ***" in page.text
    assert command_of(page) == ["penstock", "run", "p", "--api-key", "***", "--days", "4"]


def buttons(page: Document) -> set[str]:
    """Where the forms that act on a run lead."""
    return {form.action.rpartition("/")[2] for form in page.forms if form.method == "post"}


def test_a_running_run_can_be_cancelled_in_two_ways(open_console: OpenConsole) -> None:
    console = open_console(fragile())
    a_stored_run(console, fragile())
    page = read(browse(console), "/runs/R1")
    assert buttons(page) == {"cancel"}
    assert [form.fields.get("now") for form in page.forms if form.action == "/runs/R1/cancel"] == [None, "1"]


def test_a_failed_run_can_be_retried_and_a_completed_one_cannot(open_console: OpenConsole) -> None:
    console = open_console(fragile(), party())
    run(console, "fragile")
    assert buttons(read(browse(console), "/runs/last")) == {"retry"}
    run(console)
    assert buttons(read(browse(console), "/runs/last")) == set()


def test_a_run_whose_process_died_says_so_and_can_be_resumed(open_console: OpenConsole) -> None:
    console = open_console(fragile())
    a_stored_run(console, fragile(), ttl=timedelta(0), created_at=console.clock.now() - timedelta(minutes=5))
    page = read(browse(console), "/runs/R1")
    assert "Its process died" in page.text
    assert buttons(page) == {"resume"}
    assert "cancelled 3" in page.text  # what waited will not begin by itself


def test_who_may_only_look_sees_no_buttons(console: Console) -> None:
    run(console, params={"rude": 1})
    viewer = Viewer(Role.READER)
    page = find_page(console, "/runs/last", viewer)
    told = Document(render_page(page, viewer, seq=0, path="/runs/last"))
    assert [form.method for form in told.forms] == ["get"]
    assert "Run again" not in told.text


class _Launch:
    """Starts nothing, and tells of it as it is told to."""

    def __init__(self, ending: Any) -> None:
        self.ending = ending

    def __call__(self, order: Any) -> Any:
        return self

    def poll(self) -> Any:
        return self.ending


def test_a_run_that_was_just_launched_is_starting(console: Console) -> None:
    from dataclasses import replace

    from penstock.engine.planning.request import RunRequest
    from penstock.web.launches import Launches

    told = replace(console, launches=Launches(_Launch(None), SystemClock()))
    run_id = told.launches.run(RunRequest("party"))
    page = read(browse(told), f"/runs/{run_id}")
    assert "starting…" in page.text
    assert any(told.get("id") == "head" and "data-region" in told for _, told in page.elements)


def test_a_launch_that_came_to_nothing_tells_why(console: Console) -> None:
    from dataclasses import replace

    from penstock.engine.planning.request import RunRequest
    from penstock.engine.triggers.launch import Ending
    from penstock.web.launches import Launches

    ending = Ending("another run of `party` is alive", is_conflict=True)
    told = replace(console, launches=Launches(_Launch(ending), SystemClock()))
    run_id = told.launches.run(RunRequest("party"))
    assert "another run of `party` is alive" in read(browse(told), f"/runs/{run_id}", 404).text
