"""The budgets page tells how many calls are left, when the next may go, and who draws on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from penstock.kit.clock import ManualClock
from penstock.kit.pace import Window, next_turn
from penstock.web.console import Console
from penstock.web.pages.budgets import say_limit
from tests.web.browsing import browse
from tests.web.conftest import OpenConsole
from tests.web.reading import Document, read
from tests.web.shop import SHOP_API, shop

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def console(open_console: OpenConsole, tmp_path: Path) -> Console:
    """A console that knows the shop, at a noon that does not pass."""
    return open_console(shop(tmp_path), clock=ManualClock(NOW))


@pytest.fixture
def client(console: Console) -> TestClient:
    """A browser on the machine itself."""
    return browse(console)


def call(console: Console, at: datetime, *, blocked_until: datetime | None = None) -> None:
    """Make one call that ended at this instant."""
    grant = console.engine.store.claim_call("shopapi", SHOP_API.windows, at, at)
    assert grant.number is not None
    console.engine.store.settle_call("shopapi", grant.number, at, blocked_until=blocked_until)


def meters(page: Document) -> list[tuple[str, str]]:
    """What the bars show: calls left, of so many."""
    return [(told["value"], told["max"]) for tag, told in page.elements if tag == "meter" and told["max"] == "60"]


def test_a_declared_source_is_shown_before_its_first_call(client: TestClient) -> None:
    page = read(client, "/budgets")
    assert ("60", "60") in meters(page)
    assert "60 calls a minute" in page.text
    assert "/pipelines/shop/tasks/load_orders" in page.links
    assert "nobody has called yet" in page.text


def test_calls_are_counted_until_the_window_has_passed(client: TestClient, console: Console) -> None:
    for seconds in (90, 50, 10):
        call(console, NOW - timedelta(seconds=seconds))
    assert ("58", "60") in meters(read(client, "/budgets"))


def test_an_empty_budget_tells_when_the_next_call_may_go(client: TestClient, console: Console) -> None:
    for _ in range(60):
        call(console, NOW - timedelta(seconds=20))
    page = read(client, "/budgets")
    assert ("0", "60") in meters(page)
    assert "may go at 2026-11-21 12:00:40Z" in page.text


def test_a_publisher_that_refuses_is_told(client: TestClient, console: Console) -> None:
    call(console, NOW, blocked_until=NOW + timedelta(minutes=5))
    assert "The publisher refuses calls until 2026-11-21 12:05:00Z" in read(client, "/budgets").text


@given(calls=st.integers(1, 10**6), seconds=st.integers(1, 10**7))
def test_a_limit_in_words_names_its_calls(calls: int, seconds: int) -> None:
    told = say_limit(Window(calls, timedelta(seconds=seconds)))
    assert told.startswith(f"{calls:,} call")
    assert ("calls" in told) == (calls != 1)


def test_limits_are_said_as_people_say_them() -> None:
    units = {(60, 60): "60 calls a minute", (1000, 3600): "1,000 calls an hour", (1, 2): "1 call in 2 s"}
    assert {key: say_limit(Window(key[0], timedelta(seconds=key[1]))) for key in units} == units


def test_the_next_call_is_told_as_budgets_grant_it(client: TestClient, console: Console) -> None:
    for seconds in range(59):
        call(console, NOW - timedelta(seconds=seconds / 10))
    (state,) = console.engine.store.list_budgets()
    assert next_turn(state.windows, state.counted, NOW) == NOW
    assert "may go at once" in read(client, "/budgets").text
