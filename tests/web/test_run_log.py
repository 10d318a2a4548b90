"""The log of a whole run: order, search, and pages that leave nothing out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.memory import MemoryStateStore
from penstock.kit.veil import Veil
from penstock.web.console import Console
from penstock.web.pages.log_page import Log, read_around, read_log
from tests.factories import T0
from tests.web.browsing import run, write_output
from tests.web.reading import read


def a_log(blocks: list[int], searched: str = "") -> Log:
    """A log of blocks of so many lines each, among facts of other runs."""
    store, line, events = MemoryStateStore(), 1, []
    for size in blocks:
        text = "".join(f"line {number} {'odd' if number % 2 else 'even'}\n" for number in range(line, line + size))
        told = {"attempt": 1, "stream": "stdout", "line": line, "text": text}
        events += [Event(EventKind.OUTPUT_WRITTEN, T0, "R1", "load", told), Event(EventKind.MESSAGE_LOGGED, T0, "R2")]
        line += size
    store.append_events(events)
    return Log(store, "R1", Veil.over({}), attempt=1, searched=searched)


_BLOCKS = st.lists(st.integers(min_value=1, max_value=400), max_size=30)


@settings(max_examples=40, deadline=None)
@given(blocks=_BLOCKS)
def test_older_pages_reach_every_line_once(blocks: list[int]) -> None:
    log, seen, query = a_log(blocks), [], {}
    while True:
        page = read_log(log, query)
        seen = [line.number for line in page.lines] + seen
        if page.older is None:
            break
        query = {"before": str(page.older)}
    assert seen == list(range(1, sum(blocks) + 1))


@settings(max_examples=40, deadline=None)
@given(blocks=_BLOCKS)
def test_newer_pages_reach_every_line_once(blocks: list[int]) -> None:
    log, seen, query = a_log(blocks), [], {"after": "0"}
    while True:
        page = read_log(log, query)
        seen += [line.number for line in page.lines]
        if page.newer is None:
            break
        query = {"after": str(page.newer)}
    assert seen == list(range(1, sum(blocks) + 1))


@settings(max_examples=40, deadline=None)
@given(blocks=_BLOCKS.filter(bool), data=st.data())
def test_every_line_is_found_by_its_number(blocks: list[int], data: st.DataObject) -> None:
    number = data.draw(st.integers(min_value=1, max_value=sum(blocks)))
    assert number in [line.number for line in read_around(a_log(blocks), number).lines]


def test_a_search_that_looked_through_enough_says_so_and_goes_on() -> None:
    log = a_log([2] * 5000, searched="line 1 ")
    page = read_log(log, {})
    assert page.is_partial
    assert page.lines == ()
    assert page.older is not None
    behind = read_log(log, {"before": str(page.older)})
    assert [line.text for line in behind.lines] == ["line 1 odd"]


def test_lines_of_all_tasks_stand_in_the_order_they_came(client: TestClient, console: Console) -> None:
    run_id = run(console).run.run_id
    write_output(console, run_id, "greet", ["from the script\n"], stream="stderr")
    write_output(console, run_id, "fetch", ["and another\n"])
    text = read(client, f"/runs/{run_id}?tab=logs").text
    assert text.index("fetching 3 guests") < text.index("from the script") < text.index("and another")


def test_a_search_marks_what_it_found(client: TestClient, console: Console) -> None:
    run_id = run(console).run.run_id
    page = read(client, f"/runs/{run_id}?tab=logs&q=GUESTS")
    assert any(name == "mark" for name, _ in page.elements)
    assert "No line of the log holds “<b>”" in read(client, f"/runs/{run_id}?tab=logs&q=<b>").text


def test_a_place_that_is_no_number_is_refused(client: TestClient, console: Console) -> None:
    run(console)
    assert "`before` in the address takes a whole number" in read(client, "/runs/last?tab=logs&before=x", 404).text
