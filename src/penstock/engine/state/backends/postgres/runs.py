"""The verbs on runs, for the PostgreSQL state store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.new_run import list_upstream
from penstock.engine.state.backends.postgres.connection import Database, Db, load_sql
from penstock.engine.state.backends.postgres.rows import as_columns
from penstock.engine.state.backends.sql_rows import Row, to_event_row, to_micros, to_run, to_task_runs
from penstock.engine.state.records import NewRun, Run, RunSignal, RunStatus, TaskRun, TaskStatus
from penstock.errors import StateError, UsageError
from penstock.kit.jsonable import to_json

SQL = load_sql("queries.sql")
#: Names the advisory lock of those who append events; "evnt" in ASCII.
_EVENTS_LOCK = 0x65766E74
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
            ids = [row[0] for row in db.execute(SQL["next_task_run_ids"], {"count": len(run.tasks)})]
            db.execute(SQL["insert_task_runs"], as_columns(_task_run_rows(run, upstream, ids, inserted[0]), 8))
            db.execute(SQL["insert_edges"], as_columns(_edge_rows(upstream, ids), 3))
            closed = close_run_if_over(db, inserted[0], values["created_at"])
            ended = [] if closed is None else [run_finished(run.run_id, closed, run.created_at)]
            created = _get_run(db, run.run_id)
            add_events(self._db, db, [*events, *ended])
            return created

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
        wanted: dict[str, Any] = {"pipeline": pipeline, "partition": partition, "status": status and status.value}
        wanted |= {"deployment": deployment, "limit": limit}
        with self._db.read() as db:
            newer = None if before is None else get_run_row(db, before)
            wanted |= {"before": newer[0], "created_at": newer[9]} if newer else _NO_BOUND
            return _to_runs(db, db.execute(SQL["list_runs"], wanted).fetchall())

    def list_task_runs(self, run_id: str, *, tasks: Collection[str] | None = None) -> list[TaskRun]:
        """See `StateStore.list_task_runs`."""
        named = "" if tasks is None else "_named"
        with self._db.read() as db:
            wanted = {"run": get_run_row(db, run_id)[0], "tasks": list(tasks or ())}
            rows = db.execute(SQL[f"list_task_runs{named}"], wanted).fetchall()
            upstream = _by_first(db.execute(SQL[f"list_edges{named}"], wanted))
            attempts = _by_first(db.execute(SQL[f"list_attempts{named}"], wanted))
        return to_task_runs(run_id, rows, upstream, attempts)

    def signal_run(self, run_id: str, signal: RunSignal, now: datetime, owner: str, ttl: timedelta) -> Run:
        """See `StateStore.signal_run`."""
        with self._db.write() as db:
            run, _, status = lock_run(db, run_id)
            is_running, at = status == RunStatus.RUNNING, to_micros(now)
            if signal is RunSignal.RESUME:
                if not is_running:
                    _resume(db, run, owner, to_micros(now + ttl))
            elif is_running and signal is RunSignal.ABANDON:
                _abandon(db, run, at)
            elif is_running:
                _cancel(db, run, signal, at)
            told = _get_run(db, run_id)
            if is_running and told.status.is_final:
                add_events(self._db, db, [run_finished(run_id, told.status, now)])
            return told


def get_run_row(db: Db, run_id: str) -> Row:
    """Return the run's row.

    Raises:
        StateError: There is no such run.
    """
    return _known(db.execute(SQL["get_run"], {"run_id": run_id}).fetchone(), run_id)


def lock_run(db: Db, run_id: str) -> Row:
    """Return (id, cancel_signal, status) of the run, which nobody else changes until the transaction ends.

    Raises:
        StateError: There is no such run.
    """
    return _known(db.execute(SQL["lock_run"], {"run_id": run_id}).fetchone(), run_id)


def close_run_if_over(db: Db, run: int, at: int) -> RunStatus | None:
    """Close the run when no task run is open, and return the status it closed with."""
    closed = db.execute(SQL["close_run_if_over"], {"run": run, "at": at}).fetchone()
    return RunStatus(closed[0]) if closed else None


def run_finished(run_id: str, status: RunStatus, at: datetime) -> Event:
    """Return the fact that a run was closed."""
    return Event(EventKind.RUN_FINISHED, at, run_id, None, {"status": status})


def add_events(database: Database, db: Db, events: Sequence[Event]) -> None:
    """Append the events within the caller's transaction, as the last thing it does: other writers wait from here on."""
    if events:
        rows = ((event.kind.value, *to_event_row(event)[1:]) for event in events)
        db.execute(SQL["append_events"], [_EVENTS_LOCK, database.number, *as_columns(rows, 5)])


def _known(row: Row | None, run_id: str) -> Row:
    if row is None:
        raise StateError(f"run `{run_id}` is not in the state store", hint="list the runs it knows")
    return row


def _task_run_rows(run: NewRun, upstream: list[dict[int, bool]], ids: list[int], run_row: int) -> Iterator[Row]:
    created_at = to_micros(run.created_at)
    distinct = {id(task.reason): task.reason for task in run.tasks}  # of 10,000 fresh tasks most share one
    reasons = {key: to_json(reason) for key, reason in distinct.items()}
    for row_id, task, waits_for in zip(ids, run.tasks, upstream, strict=True):
        is_pending = task.status is TaskStatus.PENDING
        waiting = sum(waits_for.values()) if is_pending else 0
        status = "queued" if is_pending and not waiting else task.status.value
        finished_at = None if is_pending else created_at
        yield row_id, run_row, task.task, status, waiting, finished_at, task.action, reasons[id(task.reason)]


def _edge_rows(upstream: list[dict[int, bool]], ids: list[int]) -> Iterator[Row]:
    for dependent, waits_for in zip(ids, upstream, strict=True):
        for place, position in enumerate(waits_for):
            yield ids[position], dependent, place


def _get_run(db: Db, run_id: str) -> Run:
    return _to_runs(db, [get_run_row(db, run_id)])[0]


def _to_runs(db: Db, rows: list[Row]) -> list[Run]:
    counts: dict[int, dict[TaskStatus, int]] = {row[0]: {} for row in rows}
    passed_over: dict[int, int] = {}
    for run, status, count, failures in db.execute(SQL["count_task_runs"], {"runs": list(counts)}):
        counts[run][TaskStatus(status)] = count
        if status == TaskStatus.SKIPPED:
            passed_over[run] = failures
    return [to_run(row, counts[row[0]], passed_over.get(row[0], 0)) for row in rows]


def _by_first(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    return {key: list(group) for key, group in groupby(rows, key=itemgetter(0))}


def _cancel(db: Db, run: int, signal: RunSignal, at: int) -> None:
    values: dict[str, Any] = {"run": run, "signal": signal.value, "at": at, "status": RunStatus.CANCELLED.value}
    for name in ("set_cancel_signal", "cancel_waiting", "close_if_none_open"):
        db.execute(SQL[name], values)


def _abandon(db: Db, run: int, at: int) -> None:
    values: dict[str, Any] = {"run": run, "at": at, "status": RunStatus.ABANDONED.value}
    for name in (
        "cancel_waiting",
        "archive_abandoned_of_run",
        "cancel_running",
        "release_items_of_run",
        "release_ledgers_of_run",
        "close_run",
    ):
        db.execute(SQL[name], values)


def _resume(db: Db, run: int, owner: str, alive_until: int) -> None:
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
