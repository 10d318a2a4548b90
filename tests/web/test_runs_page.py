"""The list of runs finds them by what people remember of them, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from penstock.errors import UsageError
from penstock.kit.clock import ManualClock
from penstock.web.console import Console
from penstock.web.pages.runs import read_since
from tests.web.browsing import a_stored_run, browse, run
from tests.web.conftest import OpenConsole, party
from tests.web.reading import Document, read

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def ids(page: Document) -> list[str]:
    """The runs listed, in the order of the page."""
    rows = [link.removeprefix("/runs/") for link in page.links if link.startswith("/runs/")]
    return list(dict.fromkeys(one for one in rows if not one.startswith("compare")))


def test_a_store_without_runs_says_how_to_start_one(client: TestClient) -> None:
    page = read(client, "/runs")
    assert "There are no runs yet" in page.text
    assert "penstock run PIPELINE" in page.text


def test_a_run_is_listed_with_status_cause_parameters_and_tasks(client: TestClient, console: Console) -> None:
    view = run(console, cause="penstock run party --guests 2", params={"guests": 2})
    page = read(client, "/runs")
    assert ids(page) == [view.run.run_id]
    for told in ("completed", "penstock run party --guests 2", "guests= 2", "2 completed"):
        assert told in page.text


def test_a_cause_leads_to_the_run_or_deployment_it_names(client: TestClient, console: Console) -> None:
    first = run(console).run.run_id
    run(console, cause=f"retry {first}", force=True)
    run(console, cause="deployment party/nightly, tick 2026-11-21 01:00 EST", force=True)
    page = read(client, "/runs")
    assert page.links.count(f"/runs/{first}") == 2
    assert page.links.count("/schedules") == 2  # of the navigation, and of the cause


def test_runs_are_found_by_pipeline_status_deployment_and_text(client: TestClient, console: Console) -> None:
    whole = run(console, params={"guests": 2}).run.run_id
    broken = run(console, params={"guests": 2, "rude": 1}, cause="a bad day").run.run_id
    nightly = a_stored_run(console, party(), "Z1", deployment="nightly")
    for query, found in {
        "pipeline=party": [nightly, broken, whole],
        "pipeline=nobody": [],
        "status=failed": [broken],
        "status=completed": [whole],
        "status=running": [nightly],
        "deployment=nightly": [nightly],
        "text=bad+DAY": [broken],
        f"text={whole}": [whole],
        "text=%22rude%22:1": [broken],
        "status=failed&text=nothing": [],
    }.items():
        page = read(client, f"/runs?{query}")
        assert ids(page) == found, query
        assert found or "No run is like this" in page.text


def test_a_form_keeps_what_was_asked_for(client: TestClient, console: Console) -> None:
    run(console)
    form = read(client, "/runs?text=%22%3E%3Cscript%3E&since=24h").form("/runs")
    assert (form.method, form.fields["text"], form.fields["since"]) == ("get", '"><script>', "24h")


def test_each_status_shown_is_counted_and_leads_to_its_runs(client: TestClient, console: Console) -> None:
    for rude in (-1, 1, 2):
        run(console, params={"rude": rude})
    page = read(client, "/runs?pipeline=party")
    assert "/runs?pipeline=party&status=failed" in page.links
    assert "2 ✕ failed" in page.text
    assert "/runs?pipeline=party" in read(client, "/runs?pipeline=party&status=failed").links


def test_pages_hold_every_run_once_and_lead_back(open_console: OpenConsole) -> None:
    clock = ManualClock(NOW)
    console = open_console(party(), clock=clock)
    for number in range(120):
        clock.advance(timedelta(seconds=1))
        a_stored_run(console, party(), f"R{number:03}", created_at=clock.now())
    client, address, seen, way = browse(console), "/runs?pipeline=party", list[str](), list[str]()
    while address:
        page = read(client, address)
        way.append(address)
        seen += ids(page)
        address = next((told["href"] for tag, told in page.elements if told.get("rel") == "next"), "")
    assert seen == [f"R{number:03}" for number in reversed(range(120))]
    back = [
        next((told["href"] for tag, told in read(client, one).elements if told.get("rel") == "prev"), "") for one in way
    ]
    assert [ids(read(client, one)) for one in back[1:]] == [ids(read(client, one)) for one in way[:-1]]
    assert back[0] == ""


def test_old_runs_are_left_out(open_console: OpenConsole) -> None:
    console = open_console(party(), clock=ManualClock(NOW))
    for hours in (50, 30, 3):
        a_stored_run(console, party(), f"R{90 - hours}", created_at=NOW - timedelta(hours=hours))
    client = browse(console)
    assert ids(read(client, "/runs?since=24h")) == ["R87"]
    assert ids(read(client, "/runs?since=2026-11-20")) == ["R87", "R60"]
    assert ids(read(client, "/runs?since=2026-11-20T10:00:00%2B05:00")) == ["R87", "R60"]


def test_a_run_whose_process_died_is_told_as_abandoned(client: TestClient, console: Console) -> None:
    a_stored_run(console, party(), ttl=timedelta(seconds=-1))
    assert ids(read(client, "/runs?status=abandoned")) == ["R1"]
    assert ids(read(client, "/runs?status=running")) == []


@pytest.mark.parametrize(
    ("query", "told"),
    [("status=fine", "no run has the status `fine`"), ("since=soon", "neither a day"), ("before=nothing", "`nothing`")],
)
def test_what_cannot_be_asked_is_told(client: TestClient, console: Console, query: str, told: str) -> None:
    run(console)
    assert told in read(client, f"/runs?{query}", 404).text


@given(text=st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\d.{0,12}", fullmatch=True))
def test_any_time_typed_is_read_or_refused(text: str) -> None:
    try:
        found: datetime | None = read_since(text, NOW)
    except UsageError:
        found = None
    assert found is None or found.tzinfo is not None


def test_secret_parameters_are_stars(open_console: OpenConsole) -> None:
    from penstock import Param, Pipeline, task

    pipeline = Pipeline("safe", tasks=[task(name="open")(lambda _: None)], params=[Param("api_token", str, "")])
    console = open_console(pipeline)
    run(
        console,
        "safe",
        params={"api_token": "open-sesame-1234"},
        cause="penstock run safe --api-token open-sesame-1234",
    )
    client = browse(console)
    for address in ("/runs", "/runs/compare", "/runs?text=sesame"):
        assert "open-sesame-1234" not in read(client, address).text
    assert "api_token= ***" in read(client, "/runs").text
