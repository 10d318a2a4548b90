"""Who is at work: processes, what each holds and until when, and what dead ones left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from penstock.engine.state.records import Run
from penstock.engine.survey.workers import Held, Holding, Worker
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.words import part


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing a process holds.

    Args:
        href: Address of its run or task; empty for a mere name.
        is_over: Whether others may take it.
    """

    kind: str
    name: str
    pipeline: str
    href: str
    since: datetime | None
    until: datetime
    is_over: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One process.

    Args:
        resumes: Runs it left that a person can go on with.
    """

    worker: Worker
    holds: Sequence[Hold]
    resumes: Sequence[str]


def show(console: Console, ask: Ask) -> Page:  # noqa: ARG001 - part of the protocol
    """Return the processes at work."""
    now = console.clock.now()
    shown = [_shown(worker, now, console) for worker in console.engine.survey.workers(now)]
    alive = [one for one in shown if not one.worker.is_dead]
    dead = [one for one in shown if one.worker.is_dead]
    facts = {"alive": alive, "dead": dead, "started": _started(console)}
    return Page("workers", "Workers", facts, ("list",), Topic())


def _shown(worker: Worker, now: datetime, console: Console) -> Shown:
    holds = [_hold(one, now) for one in worker.holdings]
    left = [one.run_id for one in worker.holdings if one.kind is Held.RUN and one.run_id is not None]
    resumes = [run_id for run_id in left if worker.is_dead and _is_unfinished(console.engine.store.find_run(run_id))]
    return Shown(worker, holds, resumes)


def _is_unfinished(run: Run | None) -> bool:
    return run is not None and run.finished_at is None


def _hold(one: Holding, now: datetime) -> Hold:
    href = f"/runs/{part(one.run_id)}" if one.run_id is not None else ""
    if one.kind is Held.TASK:
        href += f"/tasks/{part(one.name)}"
    return Hold(one.kind.value, one.name, one.pipeline or "", href, one.since, one.until, one.until < now)


def _started(console: Console) -> int:
    """Return how many processes that this server started live."""
    return sum(started.ending is None for started in console.launches.look().values())
