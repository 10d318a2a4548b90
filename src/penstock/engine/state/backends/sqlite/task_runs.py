"""The verbs on task runs and leases, for the SQLite state store: the engine's hot path."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.sql_rows import Row, to_instant, to_micros, to_text
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.backends.sqlite.runs import SQL, add_events, close_run_if_over, get_run_row
from penstock.engine.state.records import (
    Claim,
    Completion,
    Finish,
    Heartbeat,
    Lease,
    RunSignal,
    TaskOutcome,
    TaskStatus,
)
from penstock.errors import LeaseLostError
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
            claims = _claim(db, run_id, owner, now, ttl, limit=limit, tasks=tasks)
            if claims:
                add_events(db, [_started(claim, now) for claim in claims], is_run_closed=False)
            else:
                get_run_row(db, run_id)
            return claims

    def finish_task_run(
        self, claim: Claim, outcome: TaskOutcome, events: Sequence[Event] = (), *, next_ttl: timedelta | None = None
    ) -> Finish:
        """See `StateStore.finish_task_run`."""
        with self._db.write() as db:
            finish = _finish(db, claim, outcome)
            if outcome.completion is not None:
                _save_completion(db, outcome.completion)
            noted = list(events)
            now = outcome.finished_at
            if finish.run_closed is not None:
                noted.append(Event(EventKind.RUN_FINISHED, now, claim.run_id, None, {"status": finish.run_closed}))
            elif next_ttl is not None:
                for following in _claim(db, claim.run_id, claim.owner, now, next_ttl):
                    finish = finish._replace(next_claim=following)
                    noted.append(_started(following, now))
            if noted:
                add_events(db, noted, is_run_closed=finish.run_closed is not None)
            return finish

    def extend_leases(self, owner: str, now: datetime, ttl: timedelta, runs: Collection[str] = ()) -> Heartbeat:
        """See `StateStore.extend_leases`."""
        until = to_micros(now + ttl)
        values = {"owner": owner, "now": to_micros(now), "until": until, "runs": to_json(list(runs))}
        with self._db.write() as db:
            for run_id in runs:
                if not db.execute(SQL["vouch_for_run"], {"until": until, "run_id": run_id}).rowcount:
                    get_run_row(db, run_id)
            for name in ("extend_task_runs", "extend_items", "extend_names"):
                db.execute(SQL[name], values)
            signals = {run_id: RunSignal(signal) for run_id, signal in db.execute(SQL["list_signals"], values)}
            return Heartbeat(signals, frozenset(db.execute(SQL["list_lost"], values)))

    def acquire_lease(self, name: str, owner: str, now: datetime, ttl: timedelta) -> Lease:
        """See `StateStore.acquire_lease`."""
        values = {"name": name, "owner": owner, "now": to_micros(now), "until": to_micros(now + ttl)}
        with self._db.write() as db:
            taken = db.execute(SQL["acquire_lease"], values).fetchone()
            holder, token, until = taken or db.execute(SQL["get_lease"], values).fetchone()
        return Lease(name, holder, token, to_instant(until))

    def list_leases(self, now: datetime) -> list[Lease]:
        """See `StateStore.list_leases`."""
        with self._db.read() as db:
            rows = db.execute(SQL["list_leases"], {"now": to_micros(now)}).fetchall()
        return [Lease(name, owner, token, to_instant(until)) for name, owner, token, until in rows]


def get_held(db: sqlite3.Connection, claim: Claim) -> Row:
    """Return (id, run, cancel_signal, run status, open task runs up to 2) of the task run this claim still holds.

    Raises:
        LeaseLostError: Another claim came after it, or it is over.
    """
    row: Row | None = db.execute(SQL["find_held"], (claim.task, claim.run_id, claim.token)).fetchone()
    if row is None:
        get_run_row(db, claim.run_id)
        raise LeaseLostError(f"task `{claim.task}` of run `{claim.run_id}` is no longer held by `{claim.owner}`")
    return row


def _claim(
    db: sqlite3.Connection,
    run_id: str,
    owner: str,
    now: datetime,
    ttl: timedelta,
    *,
    limit: int = 1,
    tasks: Collection[str] | None = None,
) -> list[Claim]:
    at, lease_until = to_micros(now), now + ttl
    rows = _list_claimable(db, run_id, at, limit, tasks)
    for row in rows:
        if row[6] == "running":
            db.execute(SQL["archive_abandoned"], {"task_run": row[0], "at": at})
        db.execute(SQL["claim_task_runs"], (to_micros(lease_until), owner, at, row[0]))
    return [
        Claim(
            run_id,
            task,
            action,
            from_json(reason),
            attempt + 1,
            attempt + 1,
            owner,
            lease_until,
            _list_failed_upstream(db, task_run, run) if bad_upstream else (),
        )
        for task_run, run, task, action, reason, attempt, _, bad_upstream in rows
    ]


def _started(claim: Claim, now: datetime) -> Event:
    return Event(EventKind.TASK_STARTED, now, claim.run_id, claim.task, {"attempt": claim.attempt})


def _finish(db: sqlite3.Connection, claim: Claim, outcome: TaskOutcome) -> Finish:
    at, failure = to_micros(outcome.finished_at), to_text(outcome.failure)
    result, reason = to_text(outcome.result), to_text(outcome.reason)
    held = get_held(db, claim)
    task_run, _, cancel_signal, *_ = held
    if outcome.status is TaskStatus.QUEUED and cancel_signal is None:
        db.execute(SQL["archive_attempt"], (at, outcome.outcome, failure, task_run))
        retry_at = 0 if outcome.retry_at is None else to_micros(outcome.retry_at)
        db.execute(SQL["requeue_task_run"], (retry_at, result, failure, reason, task_run))
        return Finish(int(retry_at <= at), None)
    status = TaskStatus.CANCELLED if outcome.status is TaskStatus.QUEUED else outcome.status
    db.execute(SQL["finish_task_run"], (status, at, outcome.outcome, result, failure, reason, task_run))
    return _follow(db, held, status, at)


def _list_claimable(
    db: sqlite3.Connection, run_id: str, at: int, limit: int, tasks: Collection[str] | None
) -> list[Row]:
    if tasks is None:
        return db.execute(SQL["list_claimable"], (run_id, at, limit)).fetchall()
    return db.execute(SQL["list_claimable_named"], (run_id, at, to_json(list(tasks)), limit)).fetchall()


def _list_failed_upstream(db: sqlite3.Connection, task_run: int, run: int) -> tuple[str, ...]:
    return tuple(task for (task,) in db.execute(SQL["list_failed_upstream"], {"task_run": task_run, "run": run}))


def _follow(db: sqlite3.Connection, held: Row, status: TaskStatus, at: int) -> Finish:
    task_run, run, _, _, open_task_runs = held
    if status is TaskStatus.FAILED:
        _spread_failure(db, task_run, run, at)
    released = _count_down(db, task_run, is_bad=status in _BAD)
    if released or (open_task_runs > 1 and status is not TaskStatus.FAILED):
        return Finish(released, None)
    return Finish(0, close_run_if_over(db, run, at))


def _count_down(db: sqlite3.Connection, task_run: int, *, is_bad: bool) -> int:
    waiting = db.execute(SQL["list_waiting_dependents"], (task_run,)).fetchall()
    if not waiting:
        return 0
    released = [(is_bad, dependent) for dependent, count in waiting if count == 1]
    if len(released) < len(waiting):
        db.executemany(SQL["count_down"], [(is_bad, dependent) for dependent, count in waiting if count > 1])
    if released:
        db.executemany(SQL["release"], released)
    return len(released)


def _spread_failure(db: sqlite3.Connection, task_run: int, run: int, at: int) -> None:
    values = {"task_run": task_run, "run": run, "at": at}
    db.execute(SQL["spread_failure"], values)
    if db.execute(SQL["stops_on_failure"], values).fetchone()[0]:
        db.execute(SQL["cancel_waiting"], values)


def _save_completion(db: sqlite3.Connection, new: Completion) -> None:
    at, facts, text = to_micros(new.completed_at), to_json(new.facts), to_text(new.result)
    db.execute(SQL["save_completion"], (new.pipeline, new.partition, new.task, new.run_id, at, facts, text))
