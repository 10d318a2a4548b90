"""The last runs of a pipeline against its tasks: one status per cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.reading import RunReader
from penstock.engine.state.store import StateStore
from penstock.engine.view import RunView, TaskView

#: A grid of more tasks than this is neither quick to read nor of use to anybody.
MOST_TASKS = 300


@dataclass(frozen=True, slots=True)
class Cell:
    """How one task went in one run.

    Args:
        standing: Where it is, as people read it.
    """

    run_id: str
    standing: str
    duration: timedelta | None


@dataclass(frozen=True, slots=True)
class GridRow:
    """One task in every run of the grid, newest first; None where a run did not know the task.

    Args:
        title: What people call the task.
    """

    task: str
    title: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The last runs, newest first, and a row per task in the pipeline's order."""

    runs: tuple[RunView, ...]
    rows: tuple[GridRow, ...]


def read_grid(store: StateStore, reader: RunReader, pipeline: Pipeline, limit: int) -> Grid | None:
    """Return the grid of the last runs; None for more than `MOST_TASKS` tasks."""
    if len(pipeline.tasks) > MOST_TASKS:
        return None
    views = [reader.view(run) for run in store.list_runs(pipeline=pipeline.name, limit=limit)]
    cells = [{task.name: _cell(task) for task in view.tasks} for view in views]
    rows = tuple(
        GridRow(name, pipeline.tasks[name].title or name, tuple(column.get(name) for column in cells))
        for name in pipeline.graph.order
    )
    return Grid(tuple(RunView(view.run, view.status, ()) for view in views), rows)


def _cell(task: TaskView) -> Cell:
    return Cell(task.run_id, task.standing, task.duration)
