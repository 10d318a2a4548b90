"""The tab with a run's attempts as bars over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from penstock.engine.state.records import PASSED_OVER, Attempt, TaskRun, TaskStatus
from penstock.web.drawing.timeline import Bar, draw_timeline
from penstock.web.pages.run_subject import Subject
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import cut

_SHEET = 150
_WAITING = (TaskStatus.PENDING, TaskStatus.QUEUED)


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return one page of the timeline: tasks in the order they began, then those that wait."""
    subject = matter.subject
    told = [task for task in matter.tasks if task.attempts or subject.standing_of(task) in _WAITING]
    last = subject.now
    told.sort(key=lambda task: task.attempts[0].started_at if task.attempts else last)
    sheet = cut(told, _SHEET, subject.here, matter.query, tab="timeline")
    bars = list(_bars(subject, sheet.rows))
    drawing = draw_timeline(bars, _end(subject), title="timeline of the run") if bars else None
    return {"sheet": sheet, "timeline": drawing, "left_out": len(matter.tasks) - len(told)}


def _end(subject: Subject) -> datetime:
    return subject.run.finished_at or (min(subject.now, subject.run.alive_until) if subject.is_dead else subject.now)


def _bars(subject: Subject, tasks: Sequence[TaskRun]) -> Iterator[Bar]:
    for task in tasks:
        label, href = subject.title_of(task.task), subject.address_of(task.task)
        if not task.attempts:
            yield Bar(label, href, None, None, subject.standing_of(task))
        for attempt in task.attempts:
            ended = attempt.finished_at or (_end(subject) if subject.status.is_final else None)
            yield Bar(label, href, attempt.started_at, ended, _status(subject, task, attempt), attempt.number)


def _status(subject: Subject, task: TaskRun, attempt: Attempt) -> str:
    if task.standing == PASSED_OVER and attempt is task.attempts[-1]:
        return PASSED_OVER
    if attempt.outcome is not None:
        return attempt.outcome.value
    return "abandoned" if subject.status.is_final else "running"
