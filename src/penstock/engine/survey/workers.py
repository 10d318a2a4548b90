"""Who is at work: the processes that hold runs, task runs and names, and which of them are dead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from penstock.engine.state.records import Run, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.kit.process import host_of, is_gone, number_of

_AT_ONCE = 100


class Held(StrEnum):
    """What a process may hold."""

    RUN = "run"
    TASK = "task"
    LEASE = "lease"


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing a process holds.

    Args:
        name: Id of the run, name of the task, or name of the lease.
        since: When it began, where that is recorded.
        until: When others may take it, unless a heartbeat comes first.
    """

    kind: Held
    name: str
    run_id: str | None
    pipeline: str | None
    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Worker:
    """One process.

    Args:
        process: Its full name, as in the state store.
        number: Its process id.
        is_dead: Whether it is known to be gone, or let the time of everything it holds run out.
    """

    process: str
    number: str
    host: str
    holdings: tuple[Holding, ...]
    is_dead: bool

    @property
    def runs(self) -> tuple[str, ...]:
        """Ids of the runs it holds anything of."""
        return tuple(dict.fromkeys(one.run_id for one in self.holdings if one.run_id is not None))


def list_workers(store: StateStore, now: datetime) -> tuple[Worker, ...]:
    """Return the processes that hold anything, by host and process id."""
    held: dict[str, list[Holding]] = {}
    for owner, holding in _holdings(store, now):
        held.setdefault(owner.partition("#")[0], []).append(holding)
    workers = [
        Worker(name, number_of(name), host_of(name), tuple(holdings), _is_dead(name, holdings, now))
        for name, holdings in held.items()
    ]
    return tuple(sorted(workers, key=lambda worker: (worker.host, worker.number.zfill(10), worker.process)))


def _holdings(store: StateStore, now: datetime) -> Iterator[tuple[str, Holding]]:
    for run in _running(store):
        yield run.owner, Holding(Held.RUN, run.run_id, run.run_id, run.pipeline, run.created_at, run.alive_until)
        if run.counts.get(TaskStatus.RUNNING):
            yield from _tasks_of(store, run)
    for lease in store.list_leases(now):
        yield lease.owner, Holding(Held.LEASE, lease.name, None, None, None, lease.until)


def _running(store: StateStore) -> Iterator[Run]:
    before: str | None = None
    while True:
        runs = store.list_runs(status=RunStatus.RUNNING, before=before, limit=_AT_ONCE)
        yield from runs
        if len(runs) < _AT_ONCE:
            return
        before = runs[-1].run_id


def _tasks_of(store: StateStore, run: Run) -> Iterator[tuple[str, Holding]]:
    for task in store.list_task_runs(run.run_id):
        if task.status is TaskStatus.RUNNING and task.lease_until is not None:
            owner = task.attempts[-1].owner
            yield owner, Holding(Held.TASK, task.task, run.run_id, run.pipeline, task.started_at, task.lease_until)


def _is_dead(process: str, holdings: list[Holding], now: datetime) -> bool:
    return is_gone(process) or all(holding.until < now for holding in holdings)
