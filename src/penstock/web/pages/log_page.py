"""One page of a log, read backwards from its end, or on from a place in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from penstock.engine.events import Event, EventKind
from penstock.engine.state.store import StateStore
from penstock.kit.veil import Veil
from penstock.web.pages.log_lines import LOG_KINDS, Line, lines_of, place_of
from penstock.web.paging import whole_number

#: A page holds about so many lines: blocks a script wrote at once are never cut.
LINES = 500
#: So many facts are looked through for one page of a search; the next page goes on from there.
_LOOKED_THROUGH = 4_000
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Log:
    """Which log is read.

    Args:
        task: Of this task; None for all of the run.
        belongs: Whether a fact is part of it.
        attempt: Of this attempt, where its numbered lines are looked up.
        searched: Only lines that hold this, whatever the case of its letters; empty for all.
    """

    store: StateStore
    run_id: str
    veil: Veil
    task: str | None = None
    belongs: Callable[[Event], bool] = lambda _event: True
    attempt: int = 0
    searched: str = ""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines of a log.

    Args:
        older: Sequence number that what comes before lies before; None at the beginning.
        newer: Sequence number that what follows lies behind; None at the end.
        is_partial: Whether the search ended for now because it looked through enough.
    """

    lines: tuple[Line, ...]
    older: int | None
    newer: int | None
    is_partial: bool = False


def read_log(log: Log, query: Mapping[str, str]) -> LogPage:
    """Return the page that `before` or `after` in the query names; the newest one if neither does.

    Raises:
        UsageError: One of them is not a number.
    """
    before, after = whole_number(query, "before"), whole_number(query, "after")
    if before is None and after is not None:
        return _read_on(log, after)
    return _read_back(log, before)


def read_around(log: Log, number: int) -> LogPage:
    """Return the page that holds a line of this number of the log's attempt, the newest one if none does."""
    newest = _read_back(log, None)
    if any(line.number == number for line in newest.lines):
        return newest
    seq = _find_block(log, number)
    if seq is None:
        return newest
    before, behind = _read_back(log, seq + 1), _read_on(log, seq)
    return replace(behind, lines=before.lines + behind.lines, older=before.older)


def _find_block(log: Log, number: int) -> int | None:
    """Return the place of the block that holds a line: halved step by step, for blocks come in the order of lines."""
    kinds = (EventKind.OUTPUT_WRITTEN,)
    last = log.store.read_events(run_id=log.run_id, task=log.task, kinds=kinds, newest=True, limit=1)
    found, low, high = None, 0, last[0].seq if last else 0
    while low < high:
        middle = (low + high) // 2
        next_one = log.store.read_events(
            run_id=log.run_id, task=log.task, kinds=kinds, after=middle, before=high + 1, limit=1
        )
        if next_one and place_of(next_one[0]) <= (log.attempt, number):
            found = low = next_one[0].seq
        else:
            high = middle
    return found


def _read_back(log: Log, before: int | None) -> LogPage:
    found: list[list[Line]] = []
    lines = 0
    older = None
    for looked, event in enumerate(_backwards(log, before)):
        if lines >= LINES or looked >= _LOOKED_THROUGH:
            older = event.seq + 1
            break
        found.append(kept := _kept(log, event))
        lines += len(kept)
    shown = tuple(line for block in reversed(found) for line in block)
    newer = before - 1 if before is not None else None
    return LogPage(shown, older, newer, is_partial=older is not None and lines < LINES)


def _read_on(log: Log, after: int) -> LogPage:
    found: list[Line] = []
    newer = None
    for looked, event in enumerate(_forwards(log, after)):
        if len(found) >= LINES or looked >= _LOOKED_THROUGH:
            newer = event.seq - 1
            break
        found += _kept(log, event)
    return LogPage(
        tuple(found), after + 1 if after else None, newer, is_partial=newer is not None and len(found) < LINES
    )


def _kept(log: Log, event: Event) -> list[Line]:
    if not log.belongs(event):
        return []
    wanted = log.searched.lower()
    if wanted and event.kind is EventKind.OUTPUT_WRITTEN and wanted not in str(event.facts.get("text", "")).lower():
        return []
    return [line for line in lines_of(event, log.veil) if wanted in line.text.lower()]


def _backwards(log: Log, before: int | None) -> Iterator[Event]:
    while True:
        events = log.store.read_events(
            run_id=log.run_id, task=log.task, kinds=LOG_KINDS, before=before, newest=True, limit=_BATCH
        )
        yield from reversed(events)
        if len(events) < _BATCH:
            return
        before = events[0].seq


def _forwards(log: Log, after: int) -> Iterator[Event]:
    while True:
        events = log.store.read_events(run_id=log.run_id, task=log.task, kinds=LOG_KINDS, after=after, limit=_BATCH)
        yield from events
        if len(events) < _BATCH:
            return
        after = events[-1].seq
