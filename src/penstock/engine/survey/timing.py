"""How long a task took, run by run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from penstock.engine.reading import RunReader
from penstock.engine.state.records import TaskStatus
from penstock.engine.state.store import StateStore
from penstock.engine.view import TaskView

#: Runs looked at before giving up: a task that is nearly always fresh has few durations to show.
_MOST_RUNS = 200
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class TaskTime:
    """One task run whose body ran.

    Args:
        duration: Of its newest attempt; up to now while it runs.
        standing: Where it is, as people read it.
    """

    run_id: str
    started_at: datetime
    duration: timedelta
    standing: str
    attempts: int


def read_times(store: StateStore, reader: RunReader, pipeline: str, task: str, limit: int) -> tuple[TaskTime, ...]:
    """Return the newest task runs whose body ran, newest first."""
    times = (_time(view) for view in _views(store, reader, pipeline, task))
    return tuple(islice((time for time in times if time is not None), limit))


def _views(store: StateStore, reader: RunReader, pipeline: str, task: str) -> Iterator[TaskView]:
    before: str | None = None
    for _ in range(_MOST_RUNS // _AT_ONCE):
        runs = store.list_runs(pipeline=pipeline, before=before, limit=_AT_ONCE)
        for run in runs:
            yield from reader.view(run, tasks=[task]).tasks
        if len(runs) < _AT_ONCE:
            return
        before = runs[-1].run_id


def _time(view: TaskView) -> TaskTime | None:
    if view.started_at is None or view.duration is None:
        return None
    if view.status is TaskStatus.SKIPPED and view.failure is None:
        return None  # an attempt that found the task fresh did not call its body
    return TaskTime(view.run_id, view.started_at, view.duration, view.standing, view.attempts)
