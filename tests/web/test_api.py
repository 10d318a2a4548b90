"""The API answers with what the pages show, and refuses what does not fit."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

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
