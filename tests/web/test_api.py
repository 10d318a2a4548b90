"""The API answers with what the pages show, and refuses what does not fit."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from penstock import Cron, Deployment, Param, Pipeline
from penstock.engine.definition.task import Task
from penstock.web.console import Console
from penstock.web.router import PAGES
from tests.web.conftest import OpenConsole, browse

READING = [
    "/api/pipelines",
    "/api/pipelines/party",
    "/api/pipelines/party/plan?param=guests=2&tasks=fetch&force=true",
    "/api/runs?pipeline=party&status=completed&limit=1",
    "/api/runs/last",
    "/api/runs/last/tasks",
    "/api/runs/last/tasks/greet",
    "/api/runs/last/tasks/greet/attempts",
    "/api/runs/last/tasks/greet/items?status=completed&limit=2",
    "/api/runs/last/log?task=fetch",
    "/api/runs/last/events?kind=task_finished&limit=1",
    "/api/running",
    "/api/compare?first=last&second=last",
    "/api/schedules",
    "/api/schedules/preview?rule=weekdays+01:00+America/New_York",
    "/api/budgets",
    "/api/workers",
    "/api/datasets",
    "/api/settings",
    "/healthz",
]


@pytest.mark.parametrize("address", READING)
def test_every_address_for_reading_answers_with_json(client: TestClient, address: str) -> None:
    assert client.post("/api/runs", json={"pipeline": "party"}).status_code == 202
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json(), dict)


def guide() -> str:
    return (Path(__file__).resolve().parents[2] / "docs/guides/console.md").read_text(encoding="utf-8")


def routes_of_the_guide() -> list[tuple[str, str]]:
    """The addresses in the second column of the guide's table of equivalents."""
    rows = [line.split(" | ")[1] for line in guide().splitlines() if line.startswith(("| `GET", "| `POST"))]
    return [found for row in rows for found in re.findall(r"`(GET|POST|PUT) (/[^`]*)`", row)]


def test_every_equivalent_the_guide_names_exists(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()["paths"]
    named = routes_of_the_guide()
    assert len(named) >= 13
    missing = [
        f"{verb} {path}"
        for verb, path in named
        if verb.lower() not in described.get(path, {}) and not (verb == "GET" and path in PAGES)
    ]
    assert not missing


def test_every_figure_the_guide_names_exists(client: TestClient) -> None:
    named = set(re.findall(r"^\| `(penstock_\w+)`", guide(), re.MULTILINE))
    told = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").text, re.MULTILINE))
    assert named == told


def test_the_json_of_a_run_is_that_of_the_command_line(client: TestClient, console: Console) -> None:
    run_id = client.post("/api/runs", json={"pipeline": "party", "params": {"rude": 1}}).json()["run_id"]
    told = client.get(f"/api/runs/{run_id}").json()
    printed = console.engine.view(run_id).as_json()
    assert set(told) == set(printed)
    assert told["tasks"] == json.loads(json.dumps(printed["tasks"]))
    assert {name: told[name] for name in ("run_id", "pipeline", "params", "status")} == {
        name: printed[name] for name in ("run_id", "pipeline", "params", "status")
    }


def test_runs_are_listed_page_by_page(client: TestClient) -> None:
    made = [client.post("/api/runs", json={"pipeline": "party", "force": True}).json()["run_id"] for _ in range(5)]
    seen: list[str] = []
    before = None
    while True:
        page = client.get("/api/runs", params={"limit": 2, **({"before": before} if before else {})}).json()
        seen += [run["run_id"] for run in page["runs"]]
        before = page["next_before"]
        if before is None:
            break
    assert seen == sorted(made, reverse=True)


def test_a_log_is_read_on_from_where_it_was_left(client: TestClient) -> None:
    client.post("/api/runs", json={"pipeline": "party"})
    first = client.get("/api/runs/last/log").json()
    assert [line["text"] for line in first["lines"]] == ["fetching 3 guests"]
    assert client.get("/api/runs/last/log", params={"after": first["next_after"]}).json()["lines"] == []


def test_failed_items_are_told_with_their_errors(client: TestClient) -> None:
    client.post("/api/runs", json={"pipeline": "party", "params": {"rude": 1}})
    told = client.get("/api/runs/last/tasks/greet/items", params={"status": "failed"}).json()
    assert (told["counts"]["failed"], told["errors"]) == (1, {"ValueError": 1})
    assert [(item["key"], item["error"]["type"]) for item in told["items"]] == [("guest-1", "ValueError")]


@pytest.mark.parametrize(
    ("told", "status", "message"),
    [
        ({"pipeline": "partie"}, 404, "there is no pipeline `partie`"),
        ({"pipeline": "party", "params": {"guests": 0}}, 400, "must be at least 1"),
        ({"pipeline": "party", "params": {"guest": 1}}, 400, "there is no parameter `guest`"),
        ({"pipeline": "party", "tasks": ["greeet"]}, 400, "greeet"),
        ({"pipeline": "party", "taks": ["greet"]}, 422, "taks"),
        ({}, 422, "pipeline"),
        ([], 422, "body"),
    ],
)
def test_what_does_not_fit_is_told_and_starts_nothing(
    client: TestClient, console: Console, told: Any, status: int, message: str
) -> None:
    answer = client.post("/api/runs", json=told)
    assert answer.status_code == status
    assert message in answer.json()["error"]["message"]
    assert console.engine.history() == []


def test_secret_parameters_are_stars_wherever_they_turn_up(open_console: OpenConsole) -> None:
    def tell(ctx: Any) -> dict[str, str]:
        ctx.log(f"using {ctx.params.api_key}")
        return {"used": ctx.params.api_key}

    params = [Param("api_key", default="a-default-key-of-tests")]
    client = browse(open_console(Pipeline("secretive", tasks=[Task("tell", tell)], params=params)))
    client.post("/api/runs", json={"pipeline": "secretive", "params": {"api_key": "a-very-secret-key"}})
    addresses = ["pipelines", "pipelines/secretive", "pipelines/secretive/plan", "runs", "runs/last"]
    addresses += ["runs/last/tasks/tell", "runs/last/log", "runs/last/events", "compare?first=last&second=last"]
    told = "".join(client.get(f"/api/{address}").text for address in addresses)
    assert "***" in told
    assert "a-very-secret-key" not in told
    assert "a-default-key-of-tests" not in told


def test_a_schedule_is_recorded_looked_at_paused_and_removed(open_console: OpenConsole) -> None:
    nightly = Deployment("nightly", Cron("daily 01:00 UTC"))
    client = browse(open_console(Pipeline("party", tasks=[Task("work", lambda ctx: 1)], deployments=[nightly])))
    told = client.post("/api/schedules", json={"pipeline": "party", "deployment": "nightly"}).json()
    assert len(told["deployments"][0]["next"]) == 5
    assert client.post("/api/schedules/pause", json={"name": "nightly"}).json()["is_paused"] is True
    assert client.get("/api/schedules").json()["deployments"][0]["next"] == []
    assert client.post("/api/schedules/resume", json={"name": "nightly"}).json()["is_paused"] is False
    assert client.post("/api/schedules/remove", json={"name": "nightly"}).json()["name"] == "party/nightly"
    assert client.get("/api/schedules").json() == {"deployments": []}


def test_marks_and_resets_are_told(client: TestClient) -> None:
    client.post("/api/runs", json={"pipeline": "party"})
    assert client.put("/api/pipelines/party/tasks/greet/tested", json={"tested": True}).json()["tested"] is True
    tested = {task["name"]: task["tested"] for task in client.get("/api/pipelines/party").json()["tasks"]}
    assert tested == {"fetch": False, "greet": True}
    assert client.post("/api/pipelines/party/reset", json={"tasks": ["greet"]}).json()["forgotten"] == 1
    assert client.put("/api/pipelines/party/tasks/nobody/tested", json={"tested": True}).status_code == 404


def test_a_file_that_is_new_is_found_without_a_restart(open_console: OpenConsole, tmp_path: Path) -> None:
    client = browse(open_console())
    (tmp_path / "pipelines").mkdir()
    text = (
        "from penstock import Pipeline, task\n\n\n@task\ndef a(ctx):\n    pass\n\n\np = Pipeline('fresh', tasks=[a])\n"
    )
    (tmp_path / "pipelines" / "fresh.py").write_text(text, encoding="utf-8")
    names = [one["name"] for one in client.post("/api/refresh").json()["pipelines"]]
    assert "fresh" in names
