"""Everything a person can make happen, done as a person does it."""

from __future__ import annotations

import json
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
    return write_project(tmp_path_factory.mktemp("actions") / "project")


@pytest.fixture(scope="module")
def served(own: Path) -> Any:
    """Its console."""
    console = ServedConsole(own)
    yield console
    console.close()


@pytest.fixture
def page(served: ServedConsole, open_page: Callable[..., Any]) -> Any:
    """A page of that console."""
    return open_page(base=served.address)


def wait_for_end(page: Any, status: str) -> None:
    """Wait until the run whose page is open ended like this."""
    page.locator(f"#head .status-{status}").first.wait_for(timeout=30_000)


def test_a_run_with_parameters_is_shown_as_a_plan_first(page: Any, served: ServedConsole) -> None:
    page.goto(f"{served.address}/pipelines/nightly")
    page.get_by_label("days").fill("4")
    page.get_by_role("button", name="Show what it would do").click()
    assert page.locator("h1").inner_text() == "What a run would do"
    row = page.locator("main tbody tr", has=page.get_by_role("link", name="fetch", exact=True))
    assert row.locator("td").first.inner_text() == "run"
    assert row.locator("td").last.inner_text().strip()
    page.get_by_role("button", name="Run this").click()
    page.wait_for_url("**/runs/*")
    wait_for_end(page, "completed")


def test_one_step_runs_alone_and_from_here_on(page: Any, served: ServedConsole, own: Path) -> None:
    page.goto(f"{served.address}/pipelines/nightly")
    row = page.locator("#steps tr", has=page.get_by_role("link", name="clean up", exact=True))
    row.get_by_role("button", name="run", exact=True).click()
    page.wait_for_url("**/runs/*")
    wait_for_end(page, "completed")
    ran = [
        one["name"] for one in penstock(own, "status", "last", "--json").json["tasks"] if one["status"] == "completed"
    ]
    assert ran == ["clean-up"]
    page.goto(f"{served.address}/pipelines/nightly")
    row = page.locator("#steps tr", has=page.get_by_role("link", name="fetch", exact=True))
    row.get_by_role("button", name="from here").click()
    page.wait_for_url("**/runs/*")
    wait_for_end(page, "completed")


def test_a_tested_mark_is_set_and_taken_back_and_the_status_file_says_so(
    page: Any, served: ServedConsole, own: Path
) -> None:
    def tested() -> bool:
        told = json.loads((own / "pipelines" / ".nightly.status.json").read_text(encoding="utf-8"))
        return bool(told["steps"]["fetch"]["tested"])

    page.goto(f"{served.address}/pipelines/nightly")
    row = page.locator("#steps tr", has=page.get_by_role("link", name="fetch", exact=True))
    row.get_by_role("button", name="mark tested").click()
    row.get_by_text("✓ tested").wait_for()
    assert tested()
    row.get_by_role("button", name="unmark").click()
    row.get_by_text("not yet").wait_for()
    assert not tested()


def test_a_running_run_is_cancelled_and_resumed(page: Any, served: ServedConsole) -> None:
    page.goto(f"{served.address}/pipelines/slow")
    page.get_by_label("seconds").fill("60")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    page.goto(page.url.partition("?")[0] + "?tab=logs")
    page.get_by_text("tick 1", exact=True).wait_for(timeout=20_000)
    page.get_by_role("button", name="Cancel now").click()
    wait_for_end(page, "cancelled")
    page.get_by_role("button", name="Resume").click()
    wait_for_end(page, "running")
    page.get_by_role("button", name="Cancel now").click()
    wait_for_end(page, "cancelled")


def test_failed_items_are_tried_again(page: Any, served: ServedConsole) -> None:
    page.goto(f"{served.address}/runs?pipeline=letters&status=failed")
    page.locator("main tbody a[href^='/runs/0']").first.click()
    page.get_by_role("button", name="Retry failed").click()
    wait_for_end(page, "failed")  # nobody knows bob this time either
    assert "bob" in page.locator("main").inner_text()


def test_a_failure_leads_to_the_failing_line(page: Any, served: ServedConsole) -> None:
    page.goto(f"{served.address}/pipelines/nightly")
    page.get_by_label("days").fill("9")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    wait_for_end(page, "failed")
    page.get_by_role("link", name="failing line").first.click()
    assert "too many numbers" in page.locator(".log li.telling").first.inner_text()


def test_a_schedule_is_paused_and_resumed(page: Any, served: ServedConsole) -> None:
    page.goto(f"{served.address}/schedules")
    page.get_by_role("button", name="Pause").first.click()
    page.get_by_role("button", name="Resume").first.wait_for()
    page.get_by_role("button", name="Resume").first.click()
    page.get_by_role("button", name="Pause").first.wait_for()


def test_a_reset_asks_first(page: Any, served: ServedConsole, own: Path) -> None:
    page.goto(f"{served.address}/pipelines/nightly/reset")
    page.get_by_role("button", name="Reset").click()
    assert page.url.endswith("/reset")  # the browser wants the box ticked
    page.get_by_label("yes, forget them").check()
    page.get_by_role("button", name="Reset").click()
    page.wait_for_url("**/pipelines/nightly*")
    plan = penstock(own, "plan", "nightly", "--json").json
    assert {one["reason"]["kind"] for one in plan["decisions"]} == {"never_ran"}


def test_a_changed_file_is_picked_up_without_a_restart(page: Any, served: ServedConsole, own: Path) -> None:
    file = own / "pipelines" / "slow.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good + "  oops: [\n", encoding="utf-8")
    page.goto(f"{served.address}/pipelines")
    assert "slow.yaml" in page.locator(".notice.bad").first.inner_text()
    file.write_text(good.replace("name: Slow", "name: Slower"), encoding="utf-8")
    page.goto(f"{served.address}/pipelines")
    assert page.get_by_role("link", name="Slower").is_visible()
    file.write_text(good, encoding="utf-8")
