"""The verbs on task runs and leases, for the PostgreSQL state store: the engine's hot path."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.postgres.connection import Database, Db
from penstock.engine.state.backends.postgres.runs import SQL, add_events, close_run_if_over, lock_run, run_finished
from penstock.engine.state.backends.sql_rows import to_instant, to_micros, to_text
from penstock.engine.state.records import (
    Claim,
    Completion,
    Finish,
    Heartbeat,
    Lease,
    RunSignal,
    RunStatus,
    TaskOutcome,
    TaskStatus,
)
from penstock.errors import LeaseLostError, StateError
from penstock.kit.jsonable import from_json, to_json

_BAD = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.UPSTREAM_FAILED})


class TaskRunVerbs:
    """Claims and finishes task runs, and keeps leases alive."""

    _db: Database

    def claim_task_runs(
        self,
        run_id: str,
        owner: str,
        now: datetime,
        ttl: timedelta,
        *,
        limit: int = 1,
        tasks: Collection[str] | None = None,
    ) -> list[Claim]:
        """See `StateStore.claim_task_runs`."""
        with self._db.write() as db:
            run, cancel_signal, status = lock_run(db, run_id)
            if cancel_signal is not None or status != RunStatus.RUNNING:
                return []
            claims = _claim(db, run, run_id, owner, now, ttl=ttl, limit=limit, tasks=tasks)
            add_events(self._db, db, [_started(claim, now) for claim in claims])
            return claims

    def finish_task_run(
        self, claim: Claim, outcome: TaskOutcome, events: Sequence[Event] = (), *, next_ttl: timedelta | None = None
    ) -> Finish:
        """See `StateStore.finish_task_run`."""
        now = outcome.finished_at
        with self._db.write() as db:
            held = get_held(db, claim)
            finish = _finish(db, held, outcome)
            if outcome.completion is not None:
                _save_completion(db, outcome.completion)
            noted = list(events)
            if finish.run_closed is not None:
                noted.append(run_finished(claim.run_id, finish.run_closed, now))
            elif next_ttl is not None and held.is_claimable:
                for following in _claim(db, held.run, claim.run_id, claim.owner, now, ttl=next_ttl):
                    finish = finish._replace(next_claim=following)
                    noted.append(_started(following, now))
            add_events(self._db, db, noted)
            return finish

    def extend_leases(self, owner: str, now: datetime, ttl: timedelta, runs: Collection[str] = ()) -> Heartbeat:
        """See `StateStore.extend_leases`."""
        values = {"owner": owner, "now": to_micros(now), "until": to_micros(now + ttl), "runs": list(runs)}
        with self._db.write() as db:
            locked = db.execute(SQL["lock_runs_of_owner"], values).fetchall()
            for unknown in set(runs) - {run_id for _, run_id in locked}:
                raise StateError(f"run `{unknown}` is not in the state store", hint="list the runs it knows")
            if locked:
                known = {**values, "locked": [run for run, _ in locked]}
                for name in ("vouch_for_runs", "extend_task_runs", "extend_items"):
                    db.execute(SQL[name], known)
            db.execute(SQL["extend_names"], values)
            signals = {run_id: RunSignal(signal) for run_id, signal in db.execute(SQL["list_signals"], values)}
            lost = frozenset((run_id, task) for run_id, task in db.execute(SQL["list_lost"], values))
            return Heartbeat(signals, lost)

    def acquire_lease(self, name: str, owner: str, now: datetime, ttl: timedelta) -> Lease:
        """See `StateStore.acquire_lease`."""
        values = {"name": name, "owner": owner, "now": to_micros(now), "until": to_micros(now + ttl)}
        with self._db.write() as db:
            taken = db.execute(SQL["acquire_lease"], values).fetchall()
            ((holder, token, until),) = taken or db.execute(SQL["get_lease"], values).fetchall()
        return Lease(name, holder, token, to_instant(until))

    def list_leases(self, now: datetime) -> list[Lease]:
        """See `StateStore.list_leases`."""
        with self._db.look() as db:
            rows = db.execute(SQL["list_leases"], {"now": to_micros(now)}).fetchall()
        return [Lease(name, owner, token, to_instant(until)) for name, owner, token, until in rows]


class Held(NamedTuple):
    """A task run that a claim still holds, in a run that nobody else changes until the transaction ends.

    Args:
        is_claimable: Whether the run lets anything be claimed: it runs, and nobody told it to stop.
        open_task_runs: How many task runs of the run are open, up to 2.
        has_dependents: Whether any task run names this one as its upstream.
    """

    task_run: int
    run: int
    cancel_signal: str | None
    is_claimable: bool
    open_task_runs: int
    has_dependents: bool


def get_held(db: Db, claim: Claim) -> Held:
    """Lock the run of a claim and return the task run it still holds.

    Raises:
        LeaseLostError: Another claim came after it, or it is over.
    """
    run, cancel_signal, status = lock_run(db, claim.run_id)
    row = db.execute(SQL["find_held"], {"run": run, "task": claim.task, "token": claim.token}).fetchone()
    if row is None:
        raise LeaseLostError(f"task `{claim.task}` of run `{claim.run_id}` is no longer held by `{claim.owner}`")
    is_claimable = cancel_signal is None and status == RunStatus.RUNNING
    return Held(row[0], run, cancel_signal, is_claimable, *row[1:])


def _claim(
    db: Db,
    run: int,
    run_id: str,
    owner: str,
    now: datetime,
    *,
    ttl: timedelta,
    limit: int = 1,
    tasks: Collection[str] | None = None,
) -> list[Claim]:
    at, lease_until = to_micros(now), now + ttl
    wanted = {"run": run, "now": at, "until": to_micros(lease_until), "owner": owner, "limit": limit}
    if tasks is None:
        rows = sorted(db.execute(SQL["claim_task_runs"], wanted))
    else:
        rows = sorted(db.execute(SQL["claim_named_task_runs"], {**wanted, "tasks": list(tasks)}))
    for task_run, _, _, _, attempt, _, status, earlier, started_at in rows:
        if status == "running":
            old = {"task_run": task_run, "number": attempt - 1, "owner": earlier, "started_at": started_at, "at": at}
            db.execute(SQL["archive_abandoned"], old)
    return [
        Claim(
            run_id,
            task,
            action,
            from_json(reason),
            attempt,
            attempt,
            owner,
            lease_until,
            _list_failed_upstream(db, task_run, run) if bad_upstream else (),
        )
        for task_run, task, action, reason, attempt, bad_upstream, *_ in rows
    ]


def _started(claim: Claim, now: datetime) -> Event:
    return Event(EventKind.TASK_STARTED, now, claim.run_id, claim.task, {"attempt": claim.attempt})


def _list_failed_upstream(db: Db, task_run: int, run: int) -> tuple[str, ...]:
    return tuple(task for (task,) in db.execute(SQL["list_failed_upstream"], {"task_run": task_run, "run": run}))


def _finish(db: Db, held: Held, outcome: TaskOutcome) -> Finish:
    at = to_micros(outcome.finished_at)
    values = {
        "task_run": held.task_run,
        "at": at,
        "outcome": outcome.outcome.value,
        "result": to_text(outcome.result),
        "failure": to_text(outcome.failure),
        "reason": to_text(outcome.reason),
    }
    if outcome.status is TaskStatus.QUEUED and held.cancel_signal is None:
        retry_at = 0 if outcome.retry_at is None else to_micros(outcome.retry_at)
        db.execute(SQL["archive_attempt"], values)
        db.execute(SQL["requeue_task_run"], {**values, "retry_at": retry_at})
        return Finish(int(retry_at <= at), None)
    status = TaskStatus.CANCELLED if outcome.status is TaskStatus.QUEUED else outcome.status
    db.execute(SQL["finish_task_run"], {**values, "status": status.value})
    return _follow(db, held, status, at)


def _follow(db: Db, held: Held, status: TaskStatus, at: int) -> Finish:
    values = {"task_run": held.task_run, "run": held.run, "at": at, "bad": int(status in _BAD)}
    if status is TaskStatus.FAILED:
        db.execute(SQL["spread_failure"], values)
        db.execute(SQL["cancel_unless_continued"], values)
    released = 0
    if held.has_dependents:
        released = sum(is_open for (is_open,) in db.execute(SQL["release_dependents"], values))
    if released or (held.open_task_runs > 1 and status is not TaskStatus.FAILED):
        return Finish(released, None)
    return Finish(0, close_run_if_over(db, held.run, at))


def _save_completion(db: Db, new: Completion) -> None:
    texts = {"facts": to_json(new.facts), "result": to_text(new.result)}
    db.execute(SQL["save_completion"], {**new._asdict(), **texts, "completed_at": to_micros(new.completed_at)})
