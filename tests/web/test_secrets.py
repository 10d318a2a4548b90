"""No page and no answer of the API shows a secret parameter, whatever run it belonged to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from penstock import Context, Cron, Deployment, Param, Pipeline, task
from penstock.engine.state.records import NewTaskRun, TaskStatus
from penstock.settings import load_settings
from penstock.web.console import Console, Knob
from tests.web.browsing import TABS, a_stored_run, browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import read

FIRST, SECOND, THIRD = "sk-first-0001", "sk-second-0002", "sk-third-0003"
DEFAULT, SETTING = "sk-default-0004", "sk-setting-0005"


@task
def call(ctx: Context) -> Any:
    """Call with the token."""
    ctx.log(f"calling with {ctx.params.api_token}")
    return {"used": ctx.params.api_token}


def caller() -> Pipeline:
    """A pipeline that calls with a token, which it has by itself."""
    token = Param("api_token", str, DEFAULT, "Lets in.")
    needed = Param("password", str, required=True)
    return Pipeline(
        "caller", tasks=[call], params=[token, needed], deployments=[Deployment("often", Cron("weekdays 01:00 UTC"))]
    )


def called(console: Console, token: str) -> str:
    view = run(console, "caller", f"penstock run caller --api-token {token}", params=ask(token))
    return view.run.run_id


def ask(token: str) -> dict[str, str]:
    return {"api_token": token, "password": "the-pass-word"}


@pytest.fixture
def console(open_console: OpenConsole) -> Console:
    return open_console(caller())


@pytest.fixture
def client(console: Console) -> TestClient:
    return browse(console)


def secrets_in(text: str) -> list[str]:
    return [one for one in (FIRST, SECOND, THIRD, DEFAULT, SETTING, "the-pass-word") if one in text]


def test_pages_and_answers_tell_that_a_secret_changed_and_not_how(console: Console, client: TestClient) -> None:
    ids = [called(console, token) for token in (FIRST, SECOND, THIRD)]
    compared = [f"first={one}&second={other}" for one in ids for other in ids if one != other]
    addresses = [
        *("/pipelines", "/pipelines/caller", "/pipelines/caller/tasks/call", "/pipelines/caller/plan?param.password=x"),
        *("/runs", "/schedules", "/datasets", "/workers", "/pipelines/caller/reset"),
        *(f"/runs/{one}?tab={tab}" for one in ids for tab in TABS),
        *(f"/runs/{one}/tasks/call" for one in ids),
        *(f"/runs/compare?{two}" for two in compared),
        *(f"/api/compare?{two}" for two in compared),
        *("/api/pipelines", "/api/pipelines/caller", "/api/pipelines/caller/plan?param=password=x", "/api/runs"),
        *(f"/api/runs/{one}{more}" for one in ids for more in ("", "/tasks", "/tasks/call", "/events", "/log")),
        *("/api/schedules", "/api/settings", "/metrics"),
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        assert not secrets_in(answer.text), address
    reason = "parameter `api_token` changed *** → ***"
    assert reason in read(client, "/pipelines/caller").text
    told = client.get(f"/api/compare?first={ids[0]}&second={ids[1]}").json()
    assert told["params"] == [{"name": "api_token", "first": "***", "second": "***"}]
    assert told["tasks"][0]["second"]["reason"] == reason


def test_the_form_asks_for_a_secret_without_telling_the_one_it_has(client: TestClient) -> None:
    page = read(client, f"/pipelines/caller?param.api_token={FIRST}")
    fields = {told["name"]: told for tag, told in page.elements if tag == "input" and "name" in told}
    assert [(fields[name]["type"], fields[name]["value"]) for name in ("param.api_token", "param.password")] == [
        ("password", ""),
        ("password", ""),
    ]
    assert "default ***" in page.text


def test_a_secret_typed_for_a_plan_stays_out_of_addresses_and_is_typed_again(client: TestClient) -> None:
    form = read(client, "/pipelines/caller").form("/pipelines/caller/run")
    answer = client.post(
        "/pipelines/caller/run",
        data={"csrf": form.fields["csrf"], "dry": "1", "param.api_token": FIRST, "param.password": "the-pass-word"},
        headers={"Origin": str(client.base_url)},
    )
    assert answer.status_code == 200
    assert "would run" in answer.text
    assert not secrets_in(answer.text)
    assert '<input type="password" name="param.api_token" value="" autocomplete="off" required>' in answer.text


@pytest.mark.parametrize("text", ["first-0001", "sk-", "the-pass", "api_token sk-first"])
def test_a_search_finds_no_run_by_a_piece_of_its_secret(console: Console, client: TestClient, text: str) -> None:
    called(console, FIRST)
    assert client.get(f"/api/runs?text={quote(text)}").json()["runs"] == []
    assert FIRST not in client.get(f"/runs?text={quote(text)}").text
    assert len(client.get("/api/runs?text=api-token").json()["runs"]) == 1


def test_a_secret_in_a_cause_that_an_older_version_wrote_is_neither_shown_nor_found(
    console: Console, client: TestClient
) -> None:
    a_stored_run(console, caller(), cause=f"penstock run caller --api-token {FIRST} --days 3")
    assert client.get("/api/runs?text=first-0001").json()["runs"] == []
    (found,) = client.get("/api/runs?text=--days%203").json()["runs"]
    assert found["cause"] == "penstock run caller --api-token *** --days 3"
    for address in ("/runs", "/runs/R1", "/runs/R1?tab=config", "/runs/R1?tab=events", "/api/runs/R1/events"):
        assert not secrets_in(client.get(address).text), address


def test_a_secret_of_the_settings_is_stars_in_their_page_and_in_their_answer(console: Console, tmp_path: Path) -> None:
    file = f'[penstock.params.caller]\napi_token = "{SETTING}"\ndays = 3\n'
    (tmp_path / "penstock.toml").write_text(file, encoding="utf-8")
    described = load_settings({}, tmp_path).describe()
    raw = Knob("params", f'{{"caller":{{"api_token":"{SETTING}","days":3}}}}', "penstock.toml:2", "defaults")
    for knobs in ([Knob(one.name, str(one.value or ""), one.source, one.doc) for one in described], [raw]):
        client = browse(replace(console, knobs=lambda knobs=knobs: knobs))
        assert not secrets_in(client.get("/settings").text)
        answer = client.get("/api/settings").text
        assert not secrets_in(answer)
        assert "***" in answer
        assert "days" in answer


def test_a_reason_that_an_older_version_wrote_is_veiled_as_well(console: Console, client: TestClient) -> None:
    sentence = f"parameter `api_token` changed {FIRST} → {SECOND}"
    facts = {"kind": "param_changed", "what": "api_token", "before": FIRST, "after": SECOND, "sentence": sentence}
    tasks = (NewTaskRun("call", TaskStatus.PENDING, "run", facts, ()),)
    a_stored_run(console, caller(), params={"api_token": THIRD}, tasks=tasks)
    for address in ("/pipelines/caller", "/runs/R1?tab=tasks", "/runs/R1/tasks/call", "/api/runs/R1", "/api/runs"):
        assert not secrets_in(client.get(address).text), address
    assert "changed *** → ***" in read(client, "/runs/R1/tasks/call").text
