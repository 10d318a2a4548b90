"""The log of one attempt of a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import TaskRun
from penstock.engine.state.store import StateStore
from penstock.errors import UsageError
from penstock.web.pages.log_lines import MESSAGE
from penstock.web.pages.log_page import Log, LogPage, read_around, read_log
from penstock.web.pages.run_subject import Subject
from penstock.web.paging import address, whole_number

#: What a reader may choose to see alone.
STREAMS = ("stdout", "stderr", MESSAGE)


@dataclass(frozen=True, slots=True)
class TaskLog:
    """One page of an attempt's log.

    Args:
        attempt: Its number; 0 before the first.
        telling: Number of the line that tells most of its failure.
        telling_href: Address of that line.
        is_followed: Whether it keeps to its end while it grows.
    """

    page: LogPage
    attempt: int
    searched: str
    stream: str
    telling: int | None
    telling_href: str
    is_followed: bool
    older: str
    newer: str
    newest: str


def read_task_log(store: StateStore, subject: Subject, task: TaskRun, query: Mapping[str, str]) -> TaskLog:
    """Return the page of the log that a query asks for: `attempt`, `q`, `stream`, `line`, `before` or `after`.

    Raises:
        UsageError: There is no such attempt or stream, or a number is none.
    """
    attempt = _attempt(task, query)
    searched, stream = query.get("q", "").strip(), query.get("stream", "")
    if stream and stream not in STREAMS:
        raise UsageError(f"a log has no stream `{stream}`", hint=f"known are {', '.join(STREAMS)}")
    belongs = _belonging(store, task, attempt, stream)
    log = Log(store, subject.run.run_id, subject.veil, task.task, belongs, attempt, searched)
    line = whole_number(query, "line")
    page = read_log(log, query) if line is None or searched else read_around(log, line)
    here = subject.address_of(task.task)
    kept = {"attempt": attempt if attempt != task.attempt else None, "q": searched, "stream": stream}
    telling = _telling(task, attempt)
    return TaskLog(
        page=page,
        attempt=attempt,
        searched=searched,
        stream=stream,
        telling=telling,
        telling_href=address(here, attempt=attempt, line=telling) + f"#L{telling}" if telling else "",
        is_followed=page.newer is None and line is None,
        older=address(here, **kept, before=page.older) if page.older is not None else "",
        newer=address(here, **kept, after=page.newer) if page.newer is not None else "",
        newest=address(here, **kept),
    )


def _attempt(task: TaskRun, query: Mapping[str, str]) -> int:
    asked = whole_number(query, "attempt")
    if asked is None or asked == task.attempt:
        return task.attempt
    if all(attempt.number != asked for attempt in task.attempts):
        raise UsageError(f"task `{task.task}` has no attempt {asked}", hint=f"its newest is {task.attempt}")
    return asked


def _belonging(store: StateStore, task: TaskRun, attempt: int, stream: str) -> Callable[[Event], bool]:
    """Return what tells the attempt's facts from those of others: output names its attempt, messages came meanwhile."""
    first, behind = _span(store, task, attempt)

    def belongs(event: Event) -> bool:
        if event.kind is EventKind.OUTPUT_WRITTEN:
            of_stream = stream in ("", event.facts.get("stream", "stdout"))
            return of_stream and event.facts.get("attempt", attempt) == attempt
        return stream in ("", MESSAGE) and first <= event.seq and (behind is None or event.seq < behind)

    return belongs


def _span(store: StateStore, task: TaskRun, attempt: int) -> tuple[int, int | None]:
    if task.attempt <= 1:
        return 0, None
    starts = {
        event.facts.get("attempt"): event.seq
        for event in store.read_events(run_id=task.run_id, task=task.task, kinds=(EventKind.TASK_STARTED,))
    }
    return starts.get(attempt, 0) if attempt > 1 else 0, starts.get(attempt + 1)


def _telling(task: TaskRun, attempt: int) -> int | None:
    for one in task.attempts:
        if one.number == attempt and one.failure is not None:
            return one.failure.line
    return None
