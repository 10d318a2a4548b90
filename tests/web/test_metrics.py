"""Prometheus reads figures that agree with the state store."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from penstock.engine.planning.request import RunRequest
from penstock.kit.pace import Window
from penstock.web.console import Console
from tests.factories import a_run, a_task, claim_one, some_items


def figures(client: TestClient) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_store_without_runs_has_figures_too(client: TestClient) -> None:
    found = figures(client)
    assert found[("penstock_task_runs_running",)] == 0
    assert found[("penstock_oldest_pending_firing_seconds",)] == 0
    assert found[("penstock_live_connections",)] == 0


def test_runs_are_counted_by_pipeline_and_status(client: TestClient, console: Console) -> None:
    console.engine.run(RunRequest("party"))
    console.engine.run(RunRequest("party", {"rude": 1}))
    found = figures(client)
    assert found[("penstock_runs", "party", "completed")] == 1
    assert found[("penstock_runs", "party", "failed")] == 1
    completed, failed = sorted(console.engine.history("party"), key=lambda view: view.status.value)
    assert found[("penstock_last_success_timestamp_seconds", "party")] == completed.run.finished_at.timestamp()
    took = failed.run.finished_at - failed.run.created_at
    assert found[("penstock_newest_run_duration_seconds", "party")] == took.total_seconds()


def test_what_is_under_way_is_counted(client: TestClient, console: Console) -> None:
    store, now = console.engine.store, console.clock.now()
    store.create_run(a_run("R1", a_task("greet"), pipeline="party", created_at=now), "ann:1#1", timedelta(minutes=5))
    claim = claim_one(store, owner="ann:1#1", now=now)
    store.add_items(claim, some_items(3), "b", None, now)
    found = figures(client)
    assert found[("penstock_task_runs_running",)] == 1
    assert found[("penstock_items", "party", "pending", "greet")] == 3


def test_calls_left_are_told_by_source_and_window(client: TestClient, console: Console) -> None:
    now = console.clock.now()
    console.engine.store.claim_call("openfec", [Window(60, timedelta(hours=1))], now, now + timedelta(seconds=30))
    assert figures(client)[("penstock_budget_calls_left", "openfec", "3600")] == 59


def test_health_is_told_to_everybody(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"Host": "10.0.0.7"})
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()) == {"status", "version"}


def test_a_state_store_that_is_away_is_told(client: TestClient, console: Console) -> None:
    console.engine.store.close()
    assert client.get("/healthz").status_code == 503
