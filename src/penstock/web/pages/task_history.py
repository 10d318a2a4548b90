"""How one task of a pipeline went in its last runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from penstock.engine.guard import is_dead
from penstock.engine.state.records import Mark, Run, TaskRun, TaskStatus
from penstock.web.console import Console
from penstock.web.drawing.durations import Point, draw_durations
from penstock.web.veil import Veil
from penstock.web.words import part

#: So many are shown, out of so many runs looked at.
SHOWN, _LOOKED_AT = 30, 100
TESTED = "tested"


@dataclass(frozen=True, slots=True)
class Past:
    """One run in which the task really ran.

    Args:
        duration: Of its newest attempt; None while that goes on.
        told: What failed, in short.
    """

    run_id: str
    href: str
    started_at: datetime
    duration: timedelta | None
    status: str
    attempts: int
    told: str


def list_past(console: Console, pipeline: str, task: str) -> list[Past]:
    """Return the last runs in which a task really ran, the newest first."""
    found: list[Past] = []
    store, now = console.engine.store, console.clock.now()
    for run in store.list_runs(pipeline=pipeline, limit=_LOOKED_AT):
        records = store.list_task_runs(run.run_id, tasks=[task])
        found += [_past(run, record, is_over=is_dead(run, now)) for record in records if record.attempts]
        if len(found) >= SHOWN:
            break
    return found


def _past(run: Run, record: TaskRun, *, is_over: bool) -> Past:
    newest = record.attempts[-1]
    status = TaskStatus.CANCELLED if is_over and not record.status.is_final else record.status
    return Past(
        run_id=record.run_id,
        href=f"/runs/{part(record.run_id)}/tasks/{part(record.task)}",
        started_at=newest.started_at,
        duration=None if newest.finished_at is None else newest.finished_at - newest.started_at,
        status=status.value,
        attempts=record.attempt,
        told=Veil.over(run.params).text(record.failure.message) if record.failure else "",
    )


def draw_past(past: Sequence[Past]) -> str:
    """Return how long the task took in its last runs, as SVG; the oldest first."""
    points = [
        Point(f"run of {one.started_at:%Y-%m-%d %H:%M}Z", one.duration, one.status, one.href) for one in reversed(past)
    ]
    return draw_durations(points, title="how long the task took in its last runs")


def find_tested(console: Console, pipeline: str, task: str) -> Mark | None:
    """Return the mark that says somebody tested the task; None where nobody did."""
    for mark in console.engine.store.list_marks(pipeline):
        if mark.task == task and mark.name == TESTED and mark.value:
            return mark
    return None
