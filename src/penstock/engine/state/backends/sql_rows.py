"""Turns rows of the SQL state stores into records, and values of records into columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.engine.state.budgets import BudgetState
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
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.kit.jsonable import from_json, to_json
from penstock.kit.pace import Window

Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: A look-up costs a fifth of what a call of the enum costs, and thousands of rows are read at once.
_TASK_STATUS = {status.value: status for status in TaskStatus}
_OUTCOME = {outcome.value: outcome for outcome in Outcome}


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


def to_run(row: Row, counts: Mapping[TaskStatus, int], passed_over: int) -> Run:
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
        deployment=row[-1],
        passed_over=passed_over,
    )


def to_task_runs(
    run_id: str,
    rows: Sequence[Row],
    upstream: Mapping[int, Sequence[Row]],
    earlier: Mapping[int, Sequence[Row]],
) -> list[TaskRun]:
    """Return the task runs of rows of `task_runs`; the JSON of all of them is parsed in one go.

    Args:
        upstream: Rows (task run, name of a task it waits for), by task run.
        earlier: Rows (task run, and those of an attempt) of the attempts before the one a task run's row holds.
    """
    reasons, results = to_values(row[-3] for row in rows), to_values(row[-2] for row in rows)
    return [
        _to_task_run(
            run_id,
            row,
            (reason, result),
            [task for _, task in upstream.get(row[0], ())],
            [to_attempt(attempt[1:]) for attempt in earlier.get(row[0], ())],
        )
        for row, reason, result in zip(rows, reasons, results, strict=True)
    ]


def _to_task_run(
    run_id: str, row: Row, values: tuple[Any, Any], upstream: Sequence[str], earlier: Sequence[Attempt]
) -> TaskRun:
    (_, _, task, status, _, claimable_at, _, _, number, owner, started_at, finished_at, outcome, *texts) = row
    action, _, _, failure = texts
    attempts = tuple(earlier)
    if started_at is not None:
        attempts += (to_attempt((number, owner, started_at, finished_at, outcome, failure)),)
    claimable = to_instant(claimable_at) if claimable_at else None
    return TaskRun(
        run_id=run_id,
        task=task,
        status=_TASK_STATUS[status],
        action=action,
        reason=values[0],
        upstream=tuple(upstream),
        attempt=number,
        started_at=attempts[-1].started_at if attempts else None,
        finished_at=attempts[-1].finished_at if started_at is not None else find_instant(finished_at),
        available_at=claimable if status == TaskStatus.QUEUED else None,
        lease_until=claimable if status == TaskStatus.RUNNING else None,
        result=values[1],
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
        _OUTCOME[outcome] if outcome else None,
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


def to_deployment(row: Row) -> StoredDeployment:
    """Return the deployment of a row of `deployments`."""
    name, pipeline, deployment, trigger, params, deployed_at, is_paused, watermark = row
    at = to_instant(deployed_at)
    return StoredDeployment(
        name, pipeline, deployment, trigger, from_json(params), at, bool(is_paused), to_value(watermark)
    )


def to_deployment_values(deployment: StoredDeployment) -> dict[str, Any]:
    """Return the columns of a deployment by name."""
    return {
        **deployment._asdict(),
        "params": to_json(deployment.params),
        "deployed_at": to_micros(deployment.deployed_at),
        "watermark": to_text(deployment.watermark),
    }


def to_firing(row: Row) -> Firing:
    """Return the firing of a row of `firings`."""
    deployment, key, run_id, due_at, params, cause, status, owner, token, lease_until, finished_at, message = row
    return Firing(
        deployment,
        key,
        run_id,
        to_instant(due_at),
        from_json(params),
        cause,
        FiringStatus(status),
        owner,
        token,
        find_instant(lease_until),
        find_instant(finished_at),
        message,
    )


def to_firing_values(firing: Firing) -> dict[str, Any]:
    """Return the columns by name that a new firing is written with."""
    return {
        "deployment": firing.deployment,
        "key": firing.key,
        "run_id": firing.run_id,
        "due_at": to_micros(firing.due_at),
        "params": to_json(firing.params),
        "cause": firing.cause,
        "status": firing.status.value,
        "finished_at": None if firing.finished_at is None else to_micros(firing.finished_at),
        "message": firing.message,
    }


def to_budget(row: Row, counted: Iterable[Row]) -> BudgetState:
    """Return the budget of a row (name, windows, blocked_until) and the rows (counts_at) of its calls."""
    name, windows, blocked_until = row
    return BudgetState(
        name, to_windows(windows), tuple(to_instant(at) for (at,) in counted), find_instant(blocked_until)
    )


def to_windows(text: str) -> tuple[Window, ...]:
    """Return the windows of a budget from their JSON text."""
    return tuple(Window(calls, micros * _MICROSECOND) for calls, micros in from_json(text))


def to_windows_text(windows: Sequence[Window]) -> str:
    """Return the windows as JSON text: `[[calls, microseconds], ...]`."""
    return to_json([[window.calls, window.period // _MICROSECOND] for window in windows])


def to_room(window: Window, in_the_way: Row | None, now: datetime) -> datetime:
    """Return when the window has room, given the row (counts_at, is_settled) of the call that must leave it first."""
    if in_the_way is None:
        return now
    counts_at, is_settled = in_the_way
    room = to_instant(counts_at) + window.period
    return room if is_settled or room <= now else min(room, now + window.period / window.calls)
