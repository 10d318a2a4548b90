"""Forms make happen what they say, and the page behind them shows it."""

from __future__ import annotations

from starlette.testclient import TestClient

from penstock.engine.state.records import RunStatus
from penstock.web.console import Console
from tests.web.reading import send


def test_a_form_starts_a_run_and_leads_to_its_page(client: TestClient, console: Console) -> None:
    answer = send(client, "/pipelines/party/run", **{"param.guests": "2"})
    (view,) = console.engine.history("party")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/runs/{view.run.run_id}"
    assert (view.status, view.run.params["guests"]) == (RunStatus.COMPLETED, 2)
