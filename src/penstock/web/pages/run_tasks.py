"""The tab with a run's tasks: why each ran or not, how long it took, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from penstock.engine.state.records import PASSED_OVER, ItemCounts, TaskRun, TaskStatus
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean
from penstock.web.pages.run_subject import Subject
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import Sheet, cut
from penstock.web.words import brief

_SHEET = 200
#: All of them, whatever the run has now: what an open page filters by may come to be in the next moment.
_STANDINGS = (*(status.value for status in TaskStatus), PASSED_OVER)
_NOT_BEGUN: Mapping[str, str] = {
    TaskStatus.CANCELLED: "was not begun",
    TaskStatus.UPSTREAM_FAILED: "a task it needs did not complete",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One task of the run.

    Args:
        told: Its result or its failure, in short.
    """

    title: str
    href: str
    status: str
    reason: str
    duration: timedelta | None
    attempts: int
    told: str
    items: ItemCounts | None

    @property
    def is_failed(self) -> bool:
        """Whether what is told is a failure."""
        return self.status in (TaskStatus.FAILED, PASSED_OVER)


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return the tasks that `status` and `q` in the query leave, one page of them."""
    subject, query = matter.subject, matter.query
    status, searched = _status(query.get("status", "")), query.get("q", "").strip()
    found = [task for task in matter.tasks if _is_wanted(subject, task, status, searched.lower())]
    sheet = cut(found, _SHEET, subject.here, query, tab="tasks", status=status, q=searched)
    rows = tuple(_row(subject, task, matter.items.get(task.task)) for task in sheet.rows)
    return {
        "sheet": Sheet(rows, sheet.total, sheet.first, sheet.previous, sheet.next),
        "status": status,
        "searched": searched,
        "statuses": _STANDINGS,
        "all_tasks": len(matter.tasks),
    }


def _status(given: str) -> str:
    if given and given not in _STANDINGS:
        raise UsageError(f"a task has no status `{given}`", hint=did_you_mean(given, _STANDINGS))
    return given


def _is_wanted(subject: Subject, task: TaskRun, status: str, searched: str) -> bool:
    if status and subject.standing_of(task) != status:
        return False
    return not searched or any(searched in text.lower() for text in _texts(subject, task))


def _texts(subject: Subject, task: TaskRun) -> Iterator[str]:
    yield task.task
    yield subject.title_of(task.task)
    yield subject.reason_of(task)
    if task.failure is not None:
        yield subject.veil.text(task.failure.message)


def _row(subject: Subject, task: TaskRun, items: ItemCounts | None) -> Row:
    standing = subject.standing_of(task)
    return Row(
        title=subject.title_of(task.task),
        href=subject.address_of(task.task),
        status=standing,
        reason=_why(subject, task, standing),
        duration=None if standing == TaskStatus.SKIPPED else subject.duration_of(task),
        attempts=task.attempt,
        told=_told(subject, task),
        items=items,
    )


def _why(subject: Subject, task: TaskRun, standing: str) -> str:
    if standing == PASSED_OVER:
        return "the run goes on when it fails"
    if standing in _NOT_BEGUN and not task.attempt:
        return _NOT_BEGUN[standing]
    return subject.reason_of(task)


def _told(subject: Subject, task: TaskRun) -> str:
    if task.failure is not None:
        return brief(subject.veil.text(task.failure.message), 300)
    return "" if task.result is None else brief(subject.veil.value(task.result))
