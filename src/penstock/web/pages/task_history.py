"""How one task of a pipeline went in its last runs."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.engine.reading import RunReader
from penstock.engine.state.records import TESTED, Mark
from penstock.engine.survey.timing import TaskTime, read_times
from penstock.web.console import Console
from penstock.web.drawing.durations import Point, draw_durations
from penstock.web.words import part

_RUNS = 30


def list_past(console: Console, pipeline: str, task: str) -> Sequence[TaskTime]:
    """Return the last runs in which a task really ran, the newest first; also of one that is no longer declared."""
    store = console.engine.store
    return read_times(store, RunReader(store, console.clock), pipeline, task, _RUNS)


def draw_past(past: Sequence[TaskTime], task: str) -> str:
    """Return how long the task took in its last runs, as SVG; the oldest first."""
    points = [
        Point(f"run of {one.started_at:%Y-%m-%d %H:%M}Z", one.duration, one.standing, past_address(one, task))
        for one in reversed(past)
    ]
    return draw_durations(points, title="how long the task took in its last runs")


def past_address(one: TaskTime, task: str) -> str:
    """Return the address of the task in that run."""
    return f"/runs/{part(one.run_id)}/tasks/{part(task)}"


def find_tested(console: Console, pipeline: str, task: str) -> Mark | None:
    """Return the mark that says somebody tested the task; None where nobody did."""
    for mark in console.engine.store.list_marks(pipeline):
        if mark.task == task and mark.name == TESTED and mark.value:
            return mark
    return None
