"""One run as lists show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.state.records import PASSED_OVER, TaskStatus
from penstock.engine.view import RunView
from penstock.kit.veil import Veil
from penstock.web.drawing.status import counted_as
from penstock.web.pages.run_command import Piece, cause_of
from penstock.web.pages.run_subject import Subject
from penstock.web.words import part

#: In this order, and only these: a reader of a list wants to know what ran and what is wrong.
_TOLD: tuple[str, ...] = (
    TaskStatus.RUNNING,
    TaskStatus.COMPLETED,
    TaskStatus.FAILED,
    PASSED_OVER,
    TaskStatus.UPSTREAM_FAILED,
    TaskStatus.CANCELLED,
    TaskStatus.SKIPPED,
)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run.

    Args:
        href: Address of its page.
        pipeline_href: Address of its pipeline's page.
        duration: Up to now while it runs; up to when it was last heard of for one that died.
        params: Those that were given a value, secret ones as stars.
        tasks: How many of its tasks are where.
    """

    run_id: str
    href: str
    pipeline: str
    pipeline_href: str
    partition: str
    deployment: str
    status: str
    created_at: datetime
    duration: timedelta
    cause: tuple[Piece, ...]
    params: Mapping[str, Any]
    tasks: tuple[tuple[str, int], ...]


def row_of(view: RunView, now: datetime) -> RunRow:
    """Return a run as a row."""
    run = view.run
    subject = Subject(run, view.status, None, Veil.over(run.params), now)
    return RunRow(
        run_id=run.run_id,
        href=subject.here,
        pipeline=run.pipeline,
        pipeline_href=f"/pipelines/{part(run.pipeline)}",
        partition=run.partition,
        deployment=run.deployment,
        status=view.status.value,
        created_at=run.created_at,
        duration=_duration(subject),
        cause=cause_of(subject),
        params={name: value for name, value in subject.veil.params.items() if run.params[name] not in (None, "")},
        tasks=_tasks(subject),
    )


def _duration(subject: Subject) -> timedelta:
    end = subject.run.finished_at or (min(subject.now, subject.run.alive_until) if subject.is_dead else subject.now)
    return max(end - subject.run.created_at, timedelta(0))


def _tasks(subject: Subject) -> tuple[tuple[str, int], ...]:
    counts = subject.standings
    return tuple((counted_as(standing), counts[standing]) for standing in _TOLD if counts.get(standing))
