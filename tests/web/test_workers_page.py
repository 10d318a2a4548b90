"""The workers page tells who holds what, and how to take over from the dead."""

from __future__ import annotations

from datetime import timedelta

from starlette.testclient import TestClient

from penstock.web.console import Console
from tests.web.browsing import a_stored_run, claim
from tests.web.conftest import party
from tests.web.reading import read


def test_nobody_at_work_is_said(client: TestClient) -> None:
    assert "Nobody is at work" in read(client, "/workers").text


def test_a_process_is_shown_with_what_it_holds(client: TestClient, console: Console) -> None:
    run_id = a_stored_run(console, party())
    claim(console, run_id)
    console.engine.store.acquire_lease("<scheduler>", "elsewhere:1:1", console.clock.now(), timedelta(minutes=1))
    page = read(client, "/workers")
    assert "alive process 1 on elsewhere" in page.text
    assert f"/runs/{run_id}" in page.links
    assert f"/runs/{run_id}/tasks/fetch" in page.links
    assert "lease <scheduler>" in page.text
    assert "Dead" not in page.text


def test_a_dead_process_is_told_apart_and_its_run_can_be_taken_over(client: TestClient, console: Console) -> None:
    run_id = a_stored_run(console, party(), ttl=timedelta(seconds=-5))
    page = read(client, "/workers")
    assert "dead process 1 on elsewhere" in page.text
    assert "ran out" in page.text
    assert f"penstock resume {run_id}" in page.text
    assert f"/runs/{run_id}/resume" in [form.action for form in page.forms]
