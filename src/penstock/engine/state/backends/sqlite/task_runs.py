"""The verbs on task runs and leases, for the SQLite state store: the engine's hot path."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.events import Event
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.backends.sqlite.rows import Row, to_instant, to_micros, to_text
from penstock.engine.state.backends.sqlite.runs import SQL, append_events, close_run_if_over, get_run_row
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
        at, lease_until = to_micros(now), now + ttl
        until = to_micros(lease_until)
        with self._db.write() as db:
            rows = _list_claimable(db, run_id, at, limit, tasks)
            if not rows:
                get_run_row(db, run_id)
                return []
            for row in rows:
                if row[6] == "running":
                    db.execute(SQL["archive_abandoned"], {"task_run": row[0], "at": at})
            db.executemany(SQL["claim_task_runs"], [(until, owner, at, row[0]) for row in rows])
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

    def finish_task_run(self, claim: Claim, outcome: TaskOutcome, events: Sequence[Event] = ()) -> Finish:
        """See `StateStore.finish_task_run`."""
        values: dict[str, Any] = {
            "run_id": claim.run_id,
            "task": claim.task,
            "token": claim.token,
            "status": outcome.status,
            "outcome": outcome.outcome,
            "at": to_micros(outcome.finished_at),
            "reason": to_text(outcome.reason),
            "result": to_text(outcome.result),
            "failure": to_text(outcome.failure),
        }
        with self._db.write() as db:
            if outcome.status is TaskStatus.QUEUED:
                finish = _requeue(db, claim, outcome, values)
            else:
                finish = _finish(db, claim, values, outcome.status)
            if outcome.completion is not None:
                _save_completion(db, outcome.completion)
            append_events(db, events)
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


def lost(claim: Claim) -> LeaseLostError:
    """Return the error for a claim whose token is not the newest."""
    return LeaseLostError(f"task `{claim.task}` of run `{claim.run_id}` is no longer held by `{claim.owner}`")


def get_held(db: sqlite3.Connection, claim: Claim) -> Row:
    """Return (id, run, cancel_signal, run status) of the task run this claim still holds.

    Raises:
        LeaseLostError: Another claim came after it, or it is over.
    """
    values = {"run_id": claim.run_id, "task": claim.task, "token": claim.token}
    row: Row | None = db.execute(SQL["find_held"], values).fetchone()
    if row is None:
        get_run_row(db, claim.run_id)
        raise lost(claim)
    return row


def _list_claimable(
    db: sqlite3.Connection, run_id: str, at: int, limit: int, tasks: Collection[str] | None
) -> list[Row]:
    values: dict[str, Any] = {"run_id": run_id, "now": at, "limit": limit}
    if tasks is None:
        return db.execute(SQL["list_claimable"], values).fetchall()
    return db.execute(SQL["list_claimable_named"], {**values, "tasks": to_json(list(tasks))}).fetchall()


def _list_failed_upstream(db: sqlite3.Connection, task_run: int, run: int) -> tuple[str, ...]:
    return tuple(task for (task,) in db.execute(SQL["list_failed_upstream"], {"task_run": task_run, "run": run}))


def _requeue(db: sqlite3.Connection, claim: Claim, outcome: TaskOutcome, values: dict[str, Any]) -> Finish:
    task_run, _, cancel_signal, _ = get_held(db, claim)
    if cancel_signal is not None:
        return _finish(db, claim, {**values, "status": TaskStatus.CANCELLED}, TaskStatus.CANCELLED)
    retry_at = 0 if outcome.retry_at is None else to_micros(outcome.retry_at)
    db.execute(SQL["archive_attempt"], {**values, "task_run": task_run})
    db.execute(SQL["requeue_task_run"], {**values, "task_run": task_run, "retry_at": retry_at})
    return Finish(int(retry_at <= values["at"]), None)


def _finish(db: sqlite3.Connection, claim: Claim, values: dict[str, Any], status: TaskStatus) -> Finish:
    held = db.execute(SQL["finish_task_run"], values).fetchone()
    if held is None:
        get_run_row(db, claim.run_id)
        raise lost(claim)
    task_run, run = held
    if status is TaskStatus.FAILED:
        _spread_failure(db, task_run, run, values["at"])
    counted = db.execute(SQL["count_down"], {"task_run": task_run, "bad": status in _BAD}).fetchall()
    queued = sum(is_open is not None for (is_open,) in counted)
    return Finish(queued, None if queued else close_run_if_over(db, run, values["at"]))


def _spread_failure(db: sqlite3.Connection, task_run: int, run: int, at: int) -> None:
    values = {"task_run": task_run, "run": run, "at": at}
    db.execute(SQL["spread_failure"], values)
    if db.execute(SQL["stops_on_failure"], values).fetchone()[0]:
        db.execute(SQL["cancel_waiting"], values)


def _save_completion(db: sqlite3.Connection, completion: Completion) -> None:
    db.execute(
        SQL["save_completion"],
        {
            "pipeline": completion.pipeline,
            "partition": completion.partition,
            "task": completion.task,
            "run_id": completion.run_id,
            "completed_at": to_micros(completion.completed_at),
            "facts": to_json(completion.facts),
            "result": to_text(completion.result),
        },
    )
