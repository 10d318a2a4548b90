"""The schedules page tells what fires when, what nobody follows, and lets people record, pause and remove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from penstock import Pipeline, task
from penstock.engine.definition.deployment import Cron, Deployment
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.deployments import Deployments
from penstock.kit.clock import ManualClock
from penstock.web.console import Console
from tests.web.browsing import browse
from tests.web.conftest import BASE, OpenConsole
from tests.web.reading import read
from tests.web.shop import shop

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at a Saturday's noon."""
    return ManualClock(NOW)


@pytest.fixture
def console(open_console: OpenConsole, tmp_path: Path, clock: ManualClock) -> Console:
    """A console that knows the shop, with nothing recorded."""
    return open_console(shop(tmp_path), clock=clock)


@pytest.fixture
def client(console: Console) -> TestClient:
    """A browser on the machine itself."""
    return browse(console)


def record(console: Console, name: str) -> StoredDeployment:
    """Record one of the shop's deployments."""
    pipeline = console.engine.pipeline("shop")
    return Deployments(console.engine).record(pipeline, [pipeline.deployment(name)], {})[0]


def press(client: TestClient, action: str, number: int = 0, **fields: str) -> int:
    """Send one of the forms of the page, as it is filled in, with these fields beside."""
    form = [one for one in read(client, "/schedules").forms if one.action == action][number]
    answer = client.post(action, data={**form.fields, **fields}, headers={"Origin": BASE})
    assert answer.headers.get("location", "/schedules") == "/schedules", answer.text
    return int(answer.status_code)


def test_declared_deployments_wait_to_be_recorded(client: TestClient) -> None:
    page = read(client, "/schedules")
    assert "No schedule is recorded" in page.text
    assert "At night." in page.text
    assert [form.fields["deployment"] for form in page.forms if form.action == "/schedules/deploy"][-2:] == [
        "nightly",
        "report",
    ]


def test_a_declared_deployment_is_recorded_with_its_parameters(client: TestClient, console: Console) -> None:
    forms = [form for form in read(client, "/schedules").forms if form.fields.get("pipeline") == "shop"]
    nightly = forms[0]
    answer = client.post("/schedules/deploy", data={**nightly.fields, "param.cycle": "2024"}, headers={"Origin": BASE})
    assert answer.status_code == 303
    assert [one.name for one in Deployments(console.engine).list_all()] == ["shop/nightly[cycle=2024]"]
    assert "shop / nightly" in read(client, "/schedules").text


def test_the_next_five_fires_are_told_by_both_clocks(client: TestClient, console: Console) -> None:
    record(console, "nightly")
    told = read(client, "/schedules").text
    for local in ("Fri 2026-11-27 01:00 EST", "Fri 2026-12-04 01:00 EST", "Sun 2026-12-13 01:00 EST"):
        assert local in told
    assert "2026-11-27 06:00:00Z" in told
    assert told.count("01:00 EST") == 5
    assert "of what was missed, the newest is made up for" in told


def test_traps_of_a_rule_are_told(client: TestClient, console: Console) -> None:
    record(console, "nightly")
    assert "cron fires when either fits" in read(client, "/schedules").text


def test_what_follows_runs_has_no_ticks(client: TestClient, console: Console) -> None:
    record(console, "report")
    told = read(client, "/schedules").text
    assert "after nightly" in told
    assert "when what it follows completes" in told


def test_a_schedule_is_paused_resumed_and_removed(client: TestClient, console: Console) -> None:
    record(console, "nightly")
    assert press(client, "/schedules/pause") == 303
    assert "nothing until it is resumed" in read(client, "/schedules").text
    assert press(client, "/schedules/resume") == 303
    assert "01:00 EST" in read(client, "/schedules").text
    assert press(client, "/schedules/remove") == 303
    assert Deployments(console.engine).list_all() == []


def test_a_tick_nobody_followed_is_told(client: TestClient, console: Console, clock: ManualClock) -> None:
    record(console, "nightly")
    assert "not followed" not in read(client, "/schedules").text
    clock.advance(timedelta(days=7))
    told = read(client, "/schedules").text
    assert "1 schedule is not followed" in told
    assert "not followed since 2026-11-27 06:00:00Z" in told
    assert "penstock scheduler" in told


def test_a_paused_schedule_is_not_late(client: TestClient, console: Console, clock: ManualClock) -> None:
    record(console, "nightly")
    press(client, "/schedules/pause")
    clock.advance(timedelta(days=7))
    assert "not followed" not in read(client, "/schedules").text


def test_firings_are_told_with_their_runs_and_lateness(client: TestClient, console: Console) -> None:
    name = record(console, "nightly").name
    store = console.engine.store
    firings = [
        Firing(name, f"K{number}", f"RUN{number}", NOW - timedelta(minutes=60 * number), {}, "deployment nightly")
        for number in range(3)
    ]
    watermark = store.list_deployments()[0].watermark
    store.add_firings(name, firings, watermark, watermark)
    claimed = store.claim_firing("me:1:1", NOW, timedelta(seconds=30))
    assert claimed is not None
    store.finish_firing(claimed, FiringStatus.FAILED, NOW, message="<b>broke</b>")
    page = read(client, "/schedules")
    assert "<b>broke</b>" in page.text
    assert f"/runs/{claimed.run_id}" in page.links
    assert [link for link in page.links if link.startswith("/runs/RUN")].count("/runs/RUN0") == 0
    assert "1 firing waits past its time" in page.text


def test_a_pipeline_that_is_gone_leaves_its_schedule_readable(open_console: OpenConsole, clock: ManualClock) -> None:
    gone = Pipeline(
        "gone",
        tasks=[task(name="work")(lambda _: None)],
        deployments=[Deployment("nightly", Cron("weekdays 01:00 UTC"))],
    )
    before = open_console(gone, clock=clock)
    Deployments(before.engine).record(gone, [gone.deployment("nightly")], {})
    page = read(browse(open_console(clock=clock)), "/schedules")
    assert "there is no pipeline `gone`" in page.text
    assert "/schedules/remove" in [form.action for form in page.forms]
