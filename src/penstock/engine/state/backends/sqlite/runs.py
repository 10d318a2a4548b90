"""The verbs on runs, for the SQLite state store."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.new_run import list_upstream
from penstock.engine.state.backends.sql_rows import Row, to_event_row, to_micros, to_run, to_task_runs
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.records import NewRun, Run, RunSignal, RunStatus, TaskRun, TaskStatus
from penstock.errors import StateError, UsageError
from penstock.kit.jsonable import to_json
from penstock.kit.sqlfile import load_statements

SQL = load_statements(__package__, "queries.sql")
#: Behind every run there will ever be.
_NO_BOUND = {"before": 2**63 - 1, "created_at": 2**63 - 1}


class RunVerbs:
    """Creates, finds, lists and signals runs."""

    _db: Database

    def create_run(self, run: NewRun, owner: str, ttl: timedelta, events: Sequence[Event] = ()) -> Run:
        """See `StateStore.create_run`."""
        values: dict[str, Any] = {
            "run_id": run.run_id,
            "pipeline": run.pipeline,
            "partition": run.partition,
            "params": to_json(run.params),
            "cause": run.cause,
            "continue_on_failure": run.continue_on_failure,
            "created_at": to_micros(run.created_at),
            "alive_until": to_micros(run.created_at + ttl),
            "owner": owner,
            "deployment": run.deployment,
        }
        upstream = list_upstream(run)
        with self._db.write() as db:
            inserted = db.execute(SQL["insert_run"], values).fetchone()
            if inserted is None:
                raise StateError(f"run `{run.run_id}` is already in the state store")
            first = db.execute(SQL["last_task_run_id"]).fetchone()[0] + 1
            db.executemany(SQL["insert_task_runs"], _task_run_rows(run, upstream, first, inserted[0]))
            db.executemany(SQL["insert_edges"], _edge_rows(upstream, first))
            closed = close_run_if_over(db, inserted[0], values["created_at"])
            ended = [] if closed is None else [_finished(run.run_id, closed, run.created_at)]
            add_events(db, [*events, *ended], is_run_closed=True)
            return _get_run(db, run.run_id)

    def find_run(self, run_id: str) -> Run | None:
        """See `StateStore.find_run`."""
        with self._db.read() as db:
            rows = db.execute(SQL["find_runs"], {"start": run_id}).fetchall()
            if len(rows) > 1 and rows[0][1] != run_id:
                raise UsageError(f"several runs start with `{run_id}`", hint="give more of the run id")
            return _to_runs(db, rows[:1])[0] if rows else None

    def list_runs(
        self,
        *,
        pipeline: str | None = None,
        partition: str | None = None,
        status: RunStatus | None = None,
        deployment: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Run]:
        """See `StateStore.list_runs`."""
        wanted: dict[str, Any] = {"pipeline": pipeline, "partition": partition, "status": status}
        wanted |= {"deployment": deployment, "limit": limit}
        with self._db.read() as db:
            newer = None if before is None else get_run_row(db, before)
            wanted |= {"before": newer[0], "created_at": newer[9]} if newer else _NO_BOUND
            return _to_runs(db, db.execute(SQL["list_runs"], wanted).fetchall())

    def list_task_runs(self, run_id: str, *, tasks: Collection[str] | None = None) -> list[TaskRun]:
        """See `StateStore.list_task_runs`."""
        named = "" if tasks is None else "_named"
        with self._db.read() as db:
            wanted = {"run": get_run_row(db, run_id)[0], "tasks": to_json(list(tasks or ()))}
            rows = db.execute(SQL[f"list_task_runs{named}"], wanted).fetchall()
            upstream = _by_first(db.execute(SQL[f"list_edges{named}"], wanted))
            attempts = _by_first(db.execute(SQL[f"list_attempts{named}"], wanted))
        return to_task_runs(run_id, rows, upstream, attempts)

    def signal_run(self, run_id: str, signal: RunSignal, now: datetime, owner: str, ttl: timedelta) -> Run:
        """See `StateStore.signal_run`."""
        with self._db.write() as db:
            row = get_run_row(db, run_id)
            run, is_running, at = row[0], row[6] == RunStatus.RUNNING, to_micros(now)
            if signal is RunSignal.RESUME:
                if not is_running:
                    _resume(db, run, owner, to_micros(now + ttl))
            elif is_running and signal is RunSignal.ABANDON:
                _abandon(db, run, at)
            elif is_running:
                _cancel(db, run, signal, at)
            told = _get_run(db, run_id)
            if is_running and told.status.is_final:
                add_events(db, [_finished(run_id, told.status, now)], is_run_closed=True)
            return told


def get_run_row(db: sqlite3.Connection, run_id: str) -> Row:
    """Return the run's row.

    Raises:
        StateError: There is no such run.
    """
    row: Row | None = db.execute(SQL["get_run"], {"run_id": run_id}).fetchone()
    if row is None:
        raise StateError(f"run `{run_id}` is not in the state store", hint="list the runs it knows")
    return row


def close_run_if_over(db: sqlite3.Connection, run: int, at: int) -> RunStatus | None:
    """Close the run when no task run is open, and return the status it closed with."""
    closed = db.execute(SQL["close_run_if_over"], {"run": run, "at": at}).fetchone()
    return RunStatus(closed[0]) if closed else None


def _finished(run_id: str, status: RunStatus, at: datetime) -> Event:
    return Event(EventKind.RUN_FINISHED, at, run_id, None, {"status": status})


def add_events(db: sqlite3.Connection, events: Sequence[Event], *, is_run_closed: bool) -> None:
    """Append the events within the caller's transaction; those of a closed run move its bound in the log."""
    db.executemany(SQL["append_events"], [to_event_row(event) for event in events])
    if is_run_closed:
        db.executemany(SQL["note_last_event"], {(event.run_id,) for event in events})


def _task_run_rows(run: NewRun, upstream: list[dict[int, bool]], first: int, run_row: int) -> Iterator[Row]:
    created_at = to_micros(run.created_at)
    distinct = {id(task.reason): task.reason for task in run.tasks}  # of 10,000 fresh tasks most share one
    reasons = {key: to_json(reason) for key, reason in distinct.items()}
    for row_id, (task, waits_for) in enumerate(zip(run.tasks, upstream, strict=True), first):
        reason = reasons[id(task.reason)]
        if task.status is TaskStatus.PENDING:
            waiting = sum(waits_for.values())
            status, is_open = ("pending", None) if waiting else ("queued", 1)
            yield row_id, run_row, task.task, status, is_open, waiting, None, task.action, reason
        else:
            yield row_id, run_row, task.task, task.status, None, 0, created_at, task.action, reason


def _edge_rows(upstream: list[dict[int, bool]], first: int) -> Iterator[Row]:
    for dependent, waits_for in enumerate(upstream, first):
        for place, position in enumerate(waits_for):
            yield first + position, dependent, place


def _get_run(db: sqlite3.Connection, run_id: str) -> Run:
    return _to_runs(db, [get_run_row(db, run_id)])[0]


def _to_runs(db: sqlite3.Connection, rows: list[Row]) -> list[Run]:
    counts: dict[int, dict[TaskStatus, int]] = {row[0]: {} for row in rows}
    passed_over: dict[int, int] = {}
    for run, status, count, failures in db.execute(SQL["count_task_runs"], {"runs": to_json(list(counts))}):
        counts[run][TaskStatus(status)] = count
        if status == TaskStatus.SKIPPED:
            passed_over[run] = failures
    return [to_run(row, counts[row[0]], passed_over.get(row[0], 0)) for row in rows]


def _by_first(rows: sqlite3.Cursor) -> Mapping[int, list[Row]]:
    return {key: list(group) for key, group in groupby(rows, key=itemgetter(0))}


def _cancel(db: sqlite3.Connection, run: int, signal: RunSignal, at: int) -> None:
    values: dict[str, Any] = {"run": run, "signal": signal, "at": at, "status": RunStatus.CANCELLED}
    db.execute(SQL["set_cancel_signal"], values)
    db.execute(SQL["cancel_waiting"], values)
    if not db.execute(SQL["has_open_task_run"], values).fetchone()[0]:
        db.execute(SQL["close_run"], values)


def _abandon(db: sqlite3.Connection, run: int, at: int) -> None:
    values: dict[str, Any] = {"run": run, "at": at, "status": RunStatus.ABANDONED}
    for name in ("cancel_waiting", "archive_abandoned_of_run", "cancel_running"):
        db.execute(SQL[name], values)
    _release_items(db, run)
    db.execute(SQL["close_run"], values)


def _resume(db: sqlite3.Connection, run: int, owner: str, alive_until: int) -> None:
    values = {"run": run, "owner": owner, "alive_until": alive_until}
    db.execute(SQL["archive_unfinished"], values)
    if db.execute(SQL["reset_unfinished"], values).rowcount:
        for name in (
            "reopen_items_of_run",
            "reopen_ledgers_of_run",
            "recount_waiting",
            "queue_unblocked",
            "reopen_run",
        ):
            db.execute(SQL[name], values)


def _release_items(db: sqlite3.Connection, run: int) -> None:
    db.execute(SQL["release_items_of_run"], {"run": run})
    db.execute(SQL["release_ledgers_of_run"], {"run": run})
