"""Engines and pipelines for tests: sensible defaults, one thing overridden at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from penstock import Pipeline, Task, task
from penstock.bootstrap import open_engine
from penstock.engine.engine import Engine
from penstock.engine.planning.request import RunRequest
from penstock.engine.view import RunView, TaskView
from penstock.kit.clock import Clock, ManualClock
from penstock.settings import Settings


def an_engine(home: Path, *pipelines: Pipeline, clock: Clock | None = None, **settings: Any) -> Engine:
    """An engine over a SQLite state store in the home folder; delays pass on a clock that needs no waiting."""
    chosen = Settings(home=home, pipelines_path=home / "pipelines", **settings)
    return open_engine(chosen, pipelines=pipelines, clock=clock or ManualClock(), chance=lambda: 1.0)


def a_task(name: str, body: Callable[..., Any] | None = None, **declared: Any) -> Task:
    """A task of this name that does nothing."""
    return task(name=name, **declared)(body or (lambda *_: None))


def a_pipeline(*tasks: Task, name: str = "sample", **declared: Any) -> Pipeline:
    """A pipeline of these tasks."""
    return Pipeline(name, tasks=tasks, **declared)


def run(
    engine: Engine, pipeline: str = "sample", *, executor: str = "inline", workers: int | None = None, **asked: Any
) -> RunView:
    """Run a pipeline."""
    return engine.run(RunRequest(pipeline, **asked), executor=executor, workers=workers)


def by_name(view: RunView) -> dict[str, TaskView]:
    """The tasks of a run by name."""
    return {task.name: task for task in view.tasks}


def statuses(view: RunView) -> dict[str, str]:
    """The status of each task of a run."""
    return {task.name: task.status.value for task in view.tasks}


def executed(view: RunView) -> set[str]:
    """The tasks of a run whose bodies ran to their end."""
    return {task.name for task in view.tasks if task.status == "completed"}


def seconds(number: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=number)


class Calls(list[str]):
    """Notes which bodies ran, in order."""

    def body(self, name: str, value: Any = None) -> Callable[..., Any]:
        """A body that notes its name and returns the value."""

        def note(*_: Any) -> Any:
            self.append(name)
            return value

        return note

    def take(self) -> list[str]:
        """What was noted since the last look."""
        noted = list(self)
        self.clear()
        return noted


def names(things: Iterable[Any]) -> list[str]:
    """The names of things."""
    return [thing.name for thing in things]
