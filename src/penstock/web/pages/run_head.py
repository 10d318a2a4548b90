"""The head of a run's page: where it stands, what asked for it, what failed first, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from penstock.engine.state.records import ItemCounts, RunSignal, RunStatus, TaskRun, TaskStatus
from penstock.web.console import Console
from penstock.web.pages.run_command import Piece, cause_of, command_of, form_address, is_typed
from penstock.web.pages.run_retry import Retry, retry_of
from penstock.web.pages.run_subject import Subject
from penstock.web.paging import address

_STOPPED = (RunStatus.CANCELLED, RunStatus.ABANDONED)
_PLAIN_EXIT = "its process ended with exit code"


@dataclass(frozen=True, slots=True)
class FirstFailure:
    """What failed first.

    Args:
        href: The task's page, at the line of its log that tells most where one is known.
        more: How many other tasks failed.
    """

    task: str
    error: str
    message: str
    hint: str
    href: str
    line: int | None
    more: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks of the run have a status."""

    status: str
    tasks: int
    href: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the tabs.

    Args:
        is_typed: Whether the command is the cause itself: a person typed it.
        launch_problem: Why the process this server started for it did not go well.
        items_failed: How many items of its fan-outs failed.
        retry: What can be tried again; None for nothing.
        compared: Address of a comparison with the run before; empty for the first one.
    """

    subject: Subject
    duration: timedelta
    cause: tuple[Piece, ...]
    command: str
    is_typed: bool
    params: Mapping[str, Any]
    counts: tuple[Count, ...]
    failure: FirstFailure | None
    items_failed: int
    again: str
    launch_problem: str
    retry: Retry | None
    compared: str

    @property
    def may_cancel(self) -> bool:
        """Whether it can be told to stop, and was not yet."""
        return self.may_cancel_now and self.subject.run.cancel_signal is None

    @property
    def may_cancel_now(self) -> bool:
        """Whether what it has under way can be ended, and nobody asked for that yet."""
        return self.subject.status is RunStatus.RUNNING and self.subject.run.cancel_signal is not RunSignal.CANCEL_NOW

    @property
    def may_resume(self) -> bool:
        """Whether it stopped before its end, and can be gone on with."""
        return self.subject.status in _STOPPED and self.subject.pipeline is not None


def head_of(console: Console, subject: Subject, tasks: Sequence[TaskRun], items: Mapping[str, ItemCounts]) -> Head:
    """Return the head of a run's page.

    Args:
        tasks: Its task runs; none where nothing failed and its command was typed.
        items: The sums of its fan-outs.
    """
    run = subject.run
    return Head(
        subject=subject,
        duration=max((run.finished_at or subject.now) - run.created_at, timedelta(0)),
        cause=cause_of(subject),
        command=command_of(subject, tasks),
        is_typed=is_typed(subject),
        params={name: value for name, value in subject.veil.params.items() if value is not None},
        counts=_counts(subject),
        failure=_first_failure(subject, tasks),
        items_failed=sum(counts.failed for counts in items.values()),
        again=form_address(subject) if subject.pipeline else "",
        launch_problem=_launch_problem(console, run.run_id),
        retry=retry_of(subject, tasks, items),
        compared=_compared(console, subject),
    )


def _counts(subject: Subject) -> tuple[Count, ...]:
    return tuple(
        Count(standing, tasks, address(subject.here, tab="tasks", status=standing))
        for standing, tasks in subject.standings.items()
    )


def _compared(console: Console, subject: Subject) -> str:
    """Return the address of a comparison with the run before it in its partition."""
    run = subject.run
    before = console.engine.store.list_runs(pipeline=run.pipeline, partition=run.partition, before=run.run_id, limit=1)
    return address("/runs/compare", first=before[0].run_id, second=run.run_id) if before else ""


def _first_failure(subject: Subject, tasks: Sequence[TaskRun]) -> FirstFailure | None:
    failed = [task for task in tasks if task.status is TaskStatus.FAILED and task.failure is not None]
    if not failed:
        return None
    first = min(failed, key=lambda task: task.finished_at or subject.now)
    assert first.failure is not None  # noqa: S101 - those without were left out
    line = first.failure.line
    return FirstFailure(
        task=subject.title_of(first.task),
        error=first.failure.error,
        message=subject.veil.text(first.failure.message),
        hint=subject.veil.text(first.failure.hint or ""),
        href=line_address(subject, first),
        line=line,
        more=len(failed) - 1,
    )


def line_address(subject: Subject, task: TaskRun) -> str:
    """Return the address of a failed task's log, at the line that tells most where one is known."""
    line = task.failure.line if task.failure else None
    query = address(subject.address_of(task.task), attempt=task.attempt, line=line)
    return f"{query}#L{line}" if line else f"{subject.address_of(task.task)}#failure"


def _launch_problem(console: Console, run_id: str) -> str:
    """Return why a process started here ended, where the run itself does not tell it."""
    started = console.launches.find(run_id)
    message = started.ending.message if started and started.ending else None
    return "" if message is None or message.startswith(_PLAIN_EXIT) else message
