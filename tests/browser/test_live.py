"""An open page follows what happens, and catches up after the server was away."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.project import write_project
from tests.cli.shell import penstock
from tests.servers.console import ServedConsole


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for these stories alone."""
    return write_project(tmp_path_factory.mktemp("live") / "project")


def start_slow_run(page: Any, base: str, seconds: int) -> str:
    """Start the slow pipeline as a person does, and return the run's address."""
    page.goto(f"{base}/pipelines/slow")
    page.get_by_label("seconds").fill(str(seconds))
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    return page.url.partition("?")[0]


def test_a_run_page_follows_the_run_to_its_end(own: Path, open_page: Callable[..., Any]) -> None:
    served = ServedConsole(own)
    try:
        page = open_page(base=served.address)
        address = start_slow_run(page, served.address, seconds=3)
        page.goto(f"{address}?tab=logs")
        page.get_by_text("tick 3", exact=True).wait_for(timeout=20_000)
        page.locator("main .status-completed").first.wait_for(timeout=20_000)
        page.get_by_text("tick 14", exact=True).wait_for(timeout=20_000)
    finally:
        served.close()


def test_a_run_goes_on_without_the_server_and_the_page_catches_up_by_itself(
    own: Path, open_page: Callable[..., Any]
) -> None:
    served = ServedConsole(own)
    page = open_page(base=served.address)
    address = start_slow_run(page, served.address, seconds=6)
    page.goto(f"{address}?tab=logs")
    page.get_by_text("tick 2", exact=True).wait_for(timeout=20_000)
    served.kill()
    page.get_by_text("disconnected, last update").wait_for(timeout=20_000)
    until = time.monotonic() + 30
    while time.monotonic() < until and penstock(own, "status", "last", "--json").json["status"] == "running":
        time.sleep(0.5)
    assert penstock(own, "status", "last", "--json").json["status"] == "completed"
    again = ServedConsole(own, port=served.port)
    try:
        page.locator("main .status-completed").first.wait_for(timeout=30_000)
        page.get_by_text("tick 29", exact=True).wait_for(timeout=20_000)
        page.locator("#connection[data-state=live]").wait_for(timeout=20_000)
    finally:
        again.close()
        page.problems[:] = [told for told in page.problems if "ERR_" not in told and "WebSocket" not in told]


def test_what_a_person_types_is_not_taken_away_by_an_update(own: Path, open_page: Callable[..., Any]) -> None:
    served = ServedConsole(own)
    try:
        page = open_page("/pipelines/slow", base=served.address)
        page.get_by_label("seconds").fill("41")
        penstock(own, "run", "nightly")
        page.wait_for_timeout(6_500)  # longer than the time after which every region is drawn anew
        assert page.get_by_label("seconds").input_value() == "41"
    finally:
        served.close()
