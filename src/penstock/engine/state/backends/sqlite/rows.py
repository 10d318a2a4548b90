"""Turns rows of the SQLite file into records, and values of records into columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import (
    Attempt,
    Completion,
    Failure,
    ItemRecord,
    ItemStatus,
    Outcome,
    Run,
    RunSignal,
    RunStatus,
    TaskRun,
    TaskStatus,
)
from penstock.kit.jsonable import from_json, to_json

Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Return the instant as whole microseconds, which keep it exactly."""
    return (at - _EPOCH) // _MICROSECOND


def to_instant(micros: int) -> datetime:
    """Return the instant so many microseconds name."""
    return _EPOCH + timedelta(microseconds=micros)


def find_instant(micros: int | None) -> datetime | None:
    """Return the instant, or None for NULL."""
    return None if micros is None else to_instant(micros)


def to_text(value: Any) -> str | None:
    """Return the value as JSON text, or None, which is stored as NULL."""
    return None if value is None else to_json(value)


def to_value(text: str | None) -> Any:
    """Return the value of a JSON text, or None for NULL."""
    return None if text is None else from_json(text)


def to_values(texts: Iterable[str | None]) -> list[Any]:
    """Return the values of many JSON texts, parsed in one go."""
    values: list[Any] = from_json(f"[{','.join([text or 'null' for text in texts])}]")
    return values


def to_failure(text: str | None) -> Failure | None:
    """Return the stored failure, or None for NULL."""
    return None if text is None else Failure(**from_json(text))


def to_run(row: Row, counts: Mapping[TaskStatus, int]) -> Run:
    """Return the run of a row of `runs`."""
    return Run(
        run_id=row[1],
        pipeline=row[2],
        partition=row[3],
        params=from_json(row[4]),
        cause=row[5],
        status=RunStatus(row[6]),
        continue_on_failure=bool(row[7]),
        cancel_signal=RunSignal(row[8]) if row[8] else None,
        created_at=to_instant(row[9]),
        finished_at=find_instant(row[10]),
        alive_until=to_instant(row[11]),
        owner=row[12],
        counts=counts,
        deployment=row[15],
    )


def to_task_run(run_id: str, row: Row, upstream: Sequence[str], earlier: Sequence[Attempt]) -> TaskRun:
    """Return the task run of a row of `task_runs`, given the attempts before the one the row holds."""
    (_, _, task, status, _, claimable_at, _, _, number, owner, started_at, finished_at, outcome, *texts) = row
    action, reason, result, failure = texts
    attempts = tuple(earlier)
    if started_at is not None:
        attempts += (to_attempt((number, owner, started_at, finished_at, outcome, failure)),)
    claimable = to_instant(claimable_at) if claimable_at else None
    return TaskRun(
        run_id=run_id,
        task=task,
        status=TaskStatus(status),
        action=action,
        reason=from_json(reason),
        upstream=tuple(upstream),
        attempt=number,
        started_at=attempts[-1].started_at if attempts else None,
        finished_at=find_instant(finished_at),
        available_at=claimable if status == TaskStatus.QUEUED else None,
        lease_until=claimable if status == TaskStatus.RUNNING else None,
        result=to_value(result),
        failure=to_failure(failure),
        attempts=attempts,
    )


def to_attempt(row: Row) -> Attempt:
    """Return the attempt of a row (number, owner, started_at, finished_at, outcome, failure)."""
    number, owner, started_at, finished_at, outcome, failure = row
    return Attempt(
        number,
        owner,
        to_instant(started_at),
        find_instant(finished_at),
        Outcome(outcome) if outcome else None,
        to_failure(failure),
    )


def to_completions(pipeline: str, partition: str, rows: Sequence[Row]) -> dict[str, Completion]:
    """Return the completions of rows (task, run_id, completed_at, facts, result) by task."""
    facts = to_values(row[3] for row in rows)
    results = to_values(row[4] for row in rows)
    return {
        task: Completion(pipeline, partition, task, run_id, to_instant(at), fact, result)
        for (task, run_id, at, _, _), fact, result in zip(rows, facts, results, strict=True)
    }


def to_item_record(row: Row) -> ItemRecord:
    """Return the item of a row (task, key, payload, status, attempt, result, failure, finished_at)."""
    task, key, payload, status, attempt, result, failure, finished_at = row
    return ItemRecord(
        task,
        key,
        to_value(payload),
        ItemStatus(status),
        attempt,
        to_value(result),
        to_failure(failure),
        find_instant(finished_at),
    )


def to_event(row: Row) -> Event:
    """Return the event of a row (seq, kind, at, run_id, task, facts)."""
    seq, kind, at, run_id, task, facts = row
    return Event(EventKind(kind), to_instant(at), run_id, task, from_json(facts) if facts else {}, seq)


def to_event_row(event: Event) -> Row:
    """Return the columns (kind, at, run_id, task, facts) of an event."""
    return event.kind, to_micros(event.at), event.run_id, event.task, to_json(event.facts) if event.facts else None
