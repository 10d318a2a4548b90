"""The run a page is about, with its true status, and what may be shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.reading import RunReader
from penstock.engine.state.records import Run, RunStatus, TaskRun, TaskStatus
from penstock.errors import PenstockError, UsageError
from penstock.kit.spelling import did_you_mean
from penstock.web.console import Console
from penstock.web.veil import Veil
from penstock.web.words import part


@dataclass(frozen=True, slots=True)
class Subject:
    """One run.

    Args:
        status: As a person should read it: a run whose processes are dead is ABANDONED.
        pipeline: As it is declared now; None when it is no longer there, or cannot be read.
        now: When it was looked at.
    """

    run: Run
    status: RunStatus
    pipeline: Pipeline | None
    veil: Veil
    now: datetime

    @property
    def here(self) -> str:
        """Address of the run's page."""
        return f"/runs/{part(self.run.run_id)}"

    @property
    def is_dead(self) -> bool:
        """Whether its processes died before it was over."""
        return self.status is RunStatus.ABANDONED

    def status_of(self, task: TaskRun) -> TaskStatus:
        """Return where a task run is: what was open when the run died is cancelled."""
        return TaskStatus.CANCELLED if self.is_dead and not task.status.is_final else task.status

    def duration_of(self, task: TaskRun) -> timedelta | None:
        """Return how long a task run's newest attempt took, or has been taking."""
        if task.started_at is None:
            return None
        is_running = task.status is TaskStatus.RUNNING and not self.is_dead
        ended = task.finished_at or (self.now if is_running else None)
        return None if ended is None else max(ended - task.started_at, timedelta(0))

    def address_of(self, task: str) -> str:
        """Return the address of one of its tasks."""
        return f"{self.here}/tasks/{part(task)}"

    def title_of(self, task: str) -> str:
        """Return what people call a task."""
        declared = self.pipeline.tasks.get(task) if self.pipeline else None
        return declared.title if declared and declared.title else task


def find_subject(console: Console, run_id: str) -> Subject:
    """Return the run of this id, or beginning of an id; `last` is the newest.

    Raises:
        UsageError: There is none, or several begin like this.
    """
    reader = RunReader(console.engine.store, console.clock)
    run = reader.get_run(run_id)
    return Subject(
        run, reader.status_of(run), _find_pipeline(console, run.pipeline), Veil.over(run.params), console.clock.now()
    )


def _find_pipeline(console: Console, name: str) -> Pipeline | None:
    """Return a pipeline; a run stays readable when its pipeline was removed or broken since."""
    try:
        return console.engine.pipeline(name)
    except PenstockError:
        return None


def list_tasks(console: Console, subject: Subject) -> Sequence[TaskRun]:
    """Return all task runs of a run, in the order they were created."""
    return console.engine.store.list_task_runs(subject.run.run_id)


def get_task(console: Console, subject: Subject, name: str) -> TaskRun:
    """Return one task run.

    Raises:
        UsageError: The run has no such task.
    """
    found = console.engine.store.list_task_runs(subject.run.run_id, tasks=[name])
    if not found:
        known = subject.pipeline.tasks if subject.pipeline else ()
        hint = did_you_mean(name, known) or f"its tasks are at {subject.here}"
        raise UsageError(f"run `{subject.run.run_id}` has no task `{name}`", hint=hint)
    return found[0]
