"""The run a page is about, with its true status, and what may be shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.planning.reason import veiled_reason
from penstock.engine.reading import RunReader
from penstock.engine.state.records import Run, RunStatus, TaskRun, TaskStatus
from penstock.errors import PenstockError, UsageError
from penstock.kit.placeholders import filled
from penstock.kit.spelling import did_you_mean
from penstock.kit.veil import Veil
from penstock.web.console import Console
from penstock.web.words import brief, part


@dataclass(frozen=True, slots=True)
class Subject:
    """One run.

    Args:
        status: As a person should read it: a run whose processes are dead is ABANDONED.
        pipeline: As it is declared now; None when it is no longer there, or cannot be read.
        now: When it was looked at.
        problem: Why its pipeline cannot be read; empty when it can.
    """

    run: Run
    status: RunStatus
    pipeline: Pipeline | None
    veil: Veil
    now: datetime
    problem: str = ""

    @property
    def title(self) -> str:
        """What people call its pipeline."""
        return self.pipeline.title if self.pipeline else self.run.pipeline

    @property
    def here(self) -> str:
        """Address of the run's page."""
        return f"/runs/{part(self.run.run_id)}"

    @property
    def is_dead(self) -> bool:
        """Whether its processes died before it was over."""
        return self.status is RunStatus.ABANDONED

    def standing_of(self, task: TaskRun) -> str:
        """Return where a task run is, as people read it: what was open when the run died is cancelled."""
        return TaskStatus.CANCELLED.value if self.is_dead and not task.status.is_final else task.standing

    @property
    def standings(self) -> Mapping[str, int]:
        """How many of its tasks stand where, as people read it."""
        sums = dict(self.run.standings)
        dropped = sum(sums.pop(status.value, 0) for status in TaskStatus if not status.is_final and self.is_dead)
        cancelled = sums.get(TaskStatus.CANCELLED, 0) + dropped
        return {**sums, TaskStatus.CANCELLED.value: cancelled} if cancelled else sums

    def reason_of(self, task: TaskRun) -> str:
        """Return why a task ran or not, as a sentence; datasets in it are named as in this run."""
        return self.veil.text(filled(str(veiled_reason(task.reason).get("sentence", "")), self.veil.params))

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
    pipeline, problem = _find_pipeline(console, run.pipeline)
    return Subject(run, reader.status_of(run), pipeline, Veil.over(run.params), console.clock.now(), problem)


def _find_pipeline(console: Console, name: str) -> tuple[Pipeline | None, str]:
    """Return a pipeline, or why there is none: a run stays readable when it was removed or broken since."""
    try:
        return console.engine.pipeline(name), ""
    except PenstockError as error:
        return None, tell_unreadable(error)


def tell_unreadable(error: PenstockError) -> str:
    """Return in a line why a pipeline is not to be had."""
    if isinstance(error, UsageError):
        return error.message
    return f"its file cannot be read now: {brief(error.message)}"


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
