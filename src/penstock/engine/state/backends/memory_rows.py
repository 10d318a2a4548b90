"""What `MemoryStateStore` keeps of runs, task runs and items, and how each moves from one status to the next."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from penstock.engine.state.records import (
    Attempt,
    Failure,
    Item,
    ItemClaim,
    ItemCounts,
    ItemOutcome,
    ItemRecord,
    ItemStatus,
    NewRun,
    NewTaskRun,
    Outcome,
    Run,
    RunSignal,
    RunStatus,
    TaskOutcome,
    TaskRun,
    TaskStatus,
)
from penstock.errors import StateError
from penstock.kit.jsonable import from_json, to_json

_BAD = frozenset({TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.UPSTREAM_FAILED})
_WAITING = frozenset({TaskStatus.PENDING, TaskStatus.QUEUED})
_OVER_FOR_GOOD = frozenset({TaskStatus.COMPLETED, TaskStatus.SKIPPED})
_CARRIED = frozenset({ItemStatus.COMPLETED, ItemStatus.SKIPPED})


def as_stored(value: Any) -> Any:
    """Return the value as a store that writes JSON gives it back."""
    return None if value is None else from_json(to_json(value))


def as_stored_outcome(outcome: TaskOutcome) -> TaskOutcome:
    """Return the outcome as it is stored, before anything is changed by it."""
    done = outcome.completion
    if done is not None:
        done = done._replace(facts=as_stored(done.facts), result=as_stored(done.result))
    result, reason = as_stored(outcome.result), as_stored(outcome.reason)
    return outcome._replace(result=result, reason=reason, completion=done)


@dataclass(slots=True)
class ItemRow:
    """One item of a ledger."""

    item: Item
    basis: str
    status: ItemStatus = ItemStatus.PENDING
    attempt: int = 0
    owner: str | None = None
    claimable_at: datetime | None = None
    result: Any = None
    failure: Failure | None = None
    finished_at: datetime | None = None

    @classmethod
    def fresh(cls, item: Item, basis: str, earlier: ItemRow | None, now: datetime) -> ItemRow:
        """Return a new row: PENDING, or SKIPPED when the earlier one settled the same item on the same basis."""
        row = cls(Item(item.key, as_stored(item.payload)), basis)
        if earlier is not None and earlier.status in _CARRIED and (earlier.item, earlier.basis) == (row.item, basis):
            row.status, row.result, row.finished_at = ItemStatus.SKIPPED, earlier.result, now
        return row

    def waits_to_be_retried(self) -> bool:
        """Whether it failed and was put back."""
        return self.status is ItemStatus.PENDING and self.failure is not None

    def is_claimable(self, now: datetime) -> bool:
        """Whether anybody may claim it now."""
        is_open = self.status in (ItemStatus.PENDING, ItemStatus.RUNNING)
        return is_open and (self.claimable_at is None or self.claimable_at <= now)

    def is_held_with(self, token: int) -> bool:
        """Whether this token may write the outcome."""
        return self.status is ItemStatus.RUNNING and self.attempt == token

    def claim(self, owner: str, until: datetime) -> ItemClaim:
        """Hand the item out."""
        self.status, self.owner, self.claimable_at = ItemStatus.RUNNING, owner, until
        self.attempt += 1
        return ItemClaim(self.item, self.attempt, self.attempt)

    def finish(self, outcome: ItemOutcome, now: datetime) -> None:
        """Record how it ended, or put it back."""
        self.status, self.claimable_at = outcome.status, outcome.retry_at
        self.result, self.failure = outcome.result, outcome.failure
        self.finished_at = None if outcome.status is ItemStatus.PENDING else now

    def release(self) -> None:
        """Put it back when it was being handled."""
        if self.status is ItemStatus.RUNNING:
            self.status, self.claimable_at = ItemStatus.PENDING, None

    def reopen(self) -> None:
        """Put it back when it was being handled or failed."""
        if self.status in (ItemStatus.RUNNING, ItemStatus.FAILED):
            self.status, self.claimable_at, self.finished_at = ItemStatus.PENDING, None, None

    def as_record(self, task: str) -> ItemRecord:
        """Return it as a value."""
        item = self.item
        return ItemRecord(
            task, item.key, item.payload, self.status, self.attempt, self.result, self.failure, self.finished_at
        )


@dataclass(slots=True)
class TaskRow:
    """One task run."""

    new: NewTaskRun
    position: int
    reason: Mapping[str, Any]
    status: TaskStatus
    dependents: list[TaskRow] = field(default_factory=list)
    waiting: int = 0
    finished_at: datetime | None = None
    claimable_at: datetime | None = None
    result: Any = None
    failure: Failure | None = None
    attempts: list[Attempt] = field(default_factory=list)
    items: dict[str, ItemRow] | None = None

    @property
    def task(self) -> str:
        """Name of the task."""
        return self.new.task

    @property
    def attempt(self) -> int:
        """Number of the newest attempt, which is the newest token too."""
        return len(self.attempts)

    @property
    def has_ended_badly(self) -> bool:
        """Whether tasks behind it should be told."""
        return self.status in _BAD

    def is_claimable(self, now: datetime) -> bool:
        """Whether anybody may claim it now."""
        return self.claimable_at is None or self.claimable_at <= now

    def is_held_by(self, owner: str) -> bool:
        """Whether the owner's claim is the live one."""
        return self.status is TaskStatus.RUNNING and self.attempts[-1].owner == owner

    def was_lost_by(self, owner: str) -> bool:
        """Whether the owner's newest attempt was abandoned."""
        mine = [attempt for attempt in self.attempts if attempt.owner == owner]
        return bool(mine) and mine[-1].outcome is Outcome.ABANDONED

    def open_attempt(self, owner: str, now: datetime, until: datetime) -> None:
        """Start the next attempt; an attempt still open was abandoned by its owner."""
        self.close_attempt(Outcome.ABANDONED, now)
        self.attempts.append(Attempt(self.attempt + 1, owner, now))
        self.status, self.claimable_at = TaskStatus.RUNNING, until
        self.failure = None

    def close_attempt(self, outcome: Outcome, at: datetime, failure: Failure | None = None) -> None:
        """Record how the newest attempt ended, if it is open."""
        if self.attempts and self.attempts[-1].outcome is None:
            self.attempts[-1] = self.attempts[-1]._replace(finished_at=at, outcome=outcome, failure=failure)

    def end(self, status: TaskStatus, at: datetime) -> None:
        """Make it final."""
        self.status, self.finished_at, self.claimable_at = status, at, None

    def reset(self) -> None:
        """Make it wait again, with its attempts."""
        self.status, self.finished_at, self.claimable_at = TaskStatus.PENDING, None, None
        self.result = self.failure = None

    def release_items(self) -> None:
        """Put back every item that was being handled."""
        for item in (self.items or {}).values():
            item.release()

    def reopen_items(self) -> None:
        """Put back every item that was being handled or failed."""
        for item in (self.items or {}).values():
            item.reopen()

    def item_counts(self) -> ItemCounts:
        """Return the ledger's sum."""
        counts = Counter(item.status.value for item in (self.items or {}).values())
        return ItemCounts(**counts)

    def as_task_run(self, run_id: str) -> TaskRun:
        """Return it as a value."""
        newest = self.attempts[-1] if self.attempts else None
        return TaskRun(
            run_id=run_id,
            task=self.task,
            status=self.status,
            action=self.new.action,
            reason=self.reason,
            upstream=self.new.upstream,
            attempt=self.attempt,
            started_at=newest.started_at if newest else None,
            finished_at=self.finished_at,
            available_at=self.claimable_at if self.status is TaskStatus.QUEUED else None,
            lease_until=self.claimable_at if self.status is TaskStatus.RUNNING else None,
            result=self.result,
            failure=self.failure,
            attempts=tuple(self.attempts),
        )


class RunRow:
    """One run with its task runs."""

    def __init__(self, new: NewRun, owner: str, alive_until: datetime) -> None:
        self.new = new
        self.owner = owner
        self.alive_until = alive_until
        self.params = as_stored(new.params)
        self.status = RunStatus.RUNNING
        self.cancel_signal: RunSignal | None = None
        self.finished_at: datetime | None = None
        self.tasks = {
            task.task: TaskRow(task, position, as_stored(task.reason), task.status)
            for position, task in enumerate(new.tasks)
        }
        self._open: list[int] = []  # positions of QUEUED and RUNNING task runs, rising
        self._rows = list(self.tasks.values())
        self._link()

    def _link(self) -> None:
        if len(self.tasks) != len(self.new.tasks):
            raise StateError(f"run `{self.new.run_id}` names a task twice")
        for row in self._rows:
            if row.status.is_final:
                row.finished_at = self.new.created_at
            for name in row.new.upstream:
                if name not in self.tasks:
                    raise StateError(f"task `{row.task}` waits for `{name}`, which is not in run `{self.new.run_id}`")
                self.tasks[name].dependents.append(row)

    @property
    def hands_out_work(self) -> bool:
        """Whether anything may be claimed."""
        return self.status is RunStatus.RUNNING and self.cancel_signal is None

    def open_tasks(self) -> Iterator[TaskRow]:
        """Yield QUEUED and RUNNING task runs in the order they were created."""
        return (self._rows[position] for position in self._open)

    def reopen(self) -> None:
        """Count what every PENDING task run waits for, and queue those that wait for nothing."""
        pending = [row for row in self._rows if row.status is TaskStatus.PENDING]
        for row in pending:
            row.waiting = sum(not self.tasks[name].status.is_final for name in row.new.upstream)
        for row in pending:
            if row.waiting == 0:
                self._queue(row)

    def finish(self, row: TaskRow, outcome: TaskOutcome) -> int:
        """Record how a claimed task run ended and what follows; return how many task runs became claimable."""
        at = outcome.finished_at
        row.close_attempt(outcome.outcome, at, outcome.failure)
        row.result, row.failure = outcome.result, outcome.failure
        if outcome.reason is not None:
            row.reason = outcome.reason
        if outcome.status is TaskStatus.QUEUED and self.cancel_signal is None:
            row.status, row.claimable_at = TaskStatus.QUEUED, outcome.retry_at
            return int(row.is_claimable(at))
        self._end(row, TaskStatus.CANCELLED if outcome.status is TaskStatus.QUEUED else outcome.status, at)
        if row.status is TaskStatus.FAILED:
            self._spread_failure(row, at)
        return self._count_down(row)

    def close_if_over(self, at: datetime) -> RunStatus | None:
        """Close the run when no task run is open, and return the status it closed with."""
        if self.status is not RunStatus.RUNNING or self._open or any(not row.status.is_final for row in self._rows):
            return None
        statuses = {row.status for row in self._rows}
        self.finished_at = at
        if TaskStatus.FAILED in statuses:
            self.status = RunStatus.FAILED
        else:
            self.status = RunStatus.CANCELLED if TaskStatus.CANCELLED in statuses else RunStatus.COMPLETED
        return self.status

    def cancel(self, signal: RunSignal, now: datetime) -> None:
        """Stop handing out work; close when nothing is being done."""
        if self.cancel_signal is not RunSignal.CANCEL_NOW:
            self.cancel_signal = signal
        self._end_waiting(now)
        if not self._open:
            self.status, self.finished_at = RunStatus.CANCELLED, now

    def abandon(self, now: datetime) -> None:
        """Close the run whose processes are dead."""
        self._end_waiting(now)
        for row in list(self.open_tasks()):
            row.close_attempt(Outcome.ABANDONED, now)
            self._end(row, TaskStatus.CANCELLED, now)
        for row in self._rows:
            row.release_items()
        self.status, self.finished_at = RunStatus.ABANDONED, now

    def resume(self, owner: str, alive_until: datetime) -> None:
        """Open a closed run again for what is not done."""
        undone = [row for row in self._rows if row.status not in _OVER_FOR_GOOD]
        if self.status is RunStatus.RUNNING or not undone:
            return
        for row in undone:
            row.reset()
            row.reopen_items()
        self.status, self.cancel_signal, self.finished_at = RunStatus.RUNNING, None, None
        self.owner, self.alive_until = owner, alive_until
        self.reopen()

    def forget_ledgers(self, tasks: Collection[str] | None) -> None:
        """Let nothing be carried over from the ledgers of these tasks any more."""
        for row in self._rows:
            if tasks is None or row.task in tasks:
                for item in (row.items or {}).values():
                    item.basis = ""

    def extend_leases(self, owner: str, until: datetime) -> None:
        """Extend what the owner holds in this run."""
        for row in self.open_tasks():
            if row.is_held_by(owner):
                row.claimable_at = until
            for item in (row.items or {}).values():
                if item.status is ItemStatus.RUNNING and item.owner == owner:
                    item.claimable_at = until

    def is_worked_on_by(self, owner: str) -> bool:
        """Whether the owner drives this run or holds work of it."""
        is_held = self.owner == owner or any(row.is_held_by(owner) for row in self.open_tasks())
        return is_held and self.status is RunStatus.RUNNING

    def as_run(self) -> Run:
        """Return it as a value."""
        new = self.new
        return Run(
            run_id=new.run_id,
            pipeline=new.pipeline,
            partition=new.partition,
            params=self.params,
            cause=new.cause,
            status=self.status,
            continue_on_failure=new.continue_on_failure,
            cancel_signal=self.cancel_signal,
            created_at=new.created_at,
            finished_at=self.finished_at,
            alive_until=self.alive_until,
            owner=self.owner,
            counts=dict(Counter(row.status for row in self._rows)),
            deployment=new.deployment,
            passed_over=sum(row.status is TaskStatus.SKIPPED and row.failure is not None for row in self._rows),
        )

    def _queue(self, row: TaskRow) -> None:
        row.status, row.claimable_at = TaskStatus.QUEUED, None
        insort(self._open, row.position)

    def _end(self, row: TaskRow, status: TaskStatus, at: datetime) -> None:
        if row.status is not TaskStatus.PENDING:
            self._open.remove(row.position)
        row.end(status, at)

    def _end_waiting(self, at: datetime) -> None:
        for row in self._rows:
            if row.status in _WAITING:
                self._end(row, TaskStatus.CANCELLED, at)

    def _count_down(self, row: TaskRow) -> int:
        released = 0
        for dependent in row.dependents:
            if dependent.status is TaskStatus.PENDING:
                dependent.waiting -= 1
                if dependent.waiting == 0:
                    self._queue(dependent)
                    released += 1
        return released

    def _spread_failure(self, failed: TaskRow, at: datetime) -> None:
        reached = [failed]
        for row in reached:
            for dependent in row.dependents:
                if dependent.status is TaskStatus.PENDING:
                    self._end(dependent, TaskStatus.UPSTREAM_FAILED, at)
                    reached.append(dependent)
        if not self.new.continue_on_failure:
            self._end_waiting(at)
