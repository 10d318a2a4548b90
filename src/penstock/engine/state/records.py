"""What the state store remembers, as values.

They are named tuples, not dataclasses: made a few times per task run and twenty classes of them at every start, they
would take a third of the time of both (`docs/decisions/0012-records-are-named-tuples.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from penstock.kit.veil import Veil

#: What people read of a task run that failed and is passed over; it is stored as skipped, so that the run goes on.
PASSED_OVER = "passed_over"

#: The facts of something of which nothing more is known.
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class RunStatus(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: Its processes died; what it finished stays finished, and `resume` continues it.
    ABANDONED = "abandoned"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens in this run by itself."""
        return self is not RunStatus.RUNNING


class TaskStatus(StrEnum):
    """Where a task run is."""

    #: Waits for the tasks it depends on.
    PENDING = "pending"
    #: May be claimed, from `available_at` on.
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UPSTREAM_FAILED = "upstream_failed"

    @property
    def is_final(self) -> bool:
        """Whether this task run is over."""
        return self not in (TaskStatus.PENDING, TaskStatus.QUEUED, TaskStatus.RUNNING)


class Outcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    #: Its lease ran out; another attempt takes over.
    ABANDONED = "abandoned"


class ItemStatus(StrEnum):
    """Where an item of a fan-out is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class RunSignal(StrEnum):
    """What a person or a taking-over process tells a run."""

    #: Let running bodies finish, start nothing more.
    CANCEL = "cancel"
    #: Stop running bodies too.
    CANCEL_NOW = "cancel_now"
    #: Its processes are dead: close it as abandoned.
    ABANDON = "abandon"
    #: Reopen it: unfinished, failed, cancelled and upstream-failed task runs become pending again.
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt or an item failed, in words and in facts."""

    error: str  #: class name, e.g. `SourceError`
    message: str
    hint: str | None = None
    retriable: bool = True
    exit_code: int = 1
    traceback: str | None = None
    #: For a script: the line of its output that tells most.
    line: int | None = None

    def veiled(self, veil: Veil) -> Failure:
        """Return the failure without secrets."""
        if not veil.secrets:
            return self
        hint, traceback = (told and veil.text(told) for told in (self.hint, self.traceback))
        return replace(self, message=veil.text(self.message), hint=hint, traceback=traceback)


class NewTaskRun(NamedTuple):
    """A task run as the plan asks for it.

    Args:
        status: PENDING for work to be done, SKIPPED for a task found fresh.
        action: `run`, `skip` or `check`; see `penstock.engine.planning.plan.Action`.
        upstream: Names of the tasks of this run it waits for (only those with status PENDING here).
        reason: The decision's reason, JSON-able.
    """

    task: str
    status: TaskStatus
    action: str
    reason: Mapping[str, Any]
    upstream: tuple[str, ...] = ()


class NewRun(NamedTuple):
    """A run as `create_run` takes it: the run and all its task runs, written in one transaction."""

    run_id: str
    pipeline: str
    partition: str  #: e.g. `cycle=2020`; empty when the pipeline has no partition parameter
    params: Mapping[str, Any]
    cause: str  #: the command or trigger that asked for it
    created_at: datetime
    continue_on_failure: bool
    tasks: tuple[NewTaskRun, ...]
    deployment: str = ""  #: name of the pipeline's deployment it belongs to; empty for a run of a person's own choice


class Run(NamedTuple):
    """One execution of a pipeline, as stored."""

    run_id: str
    pipeline: str
    partition: str
    params: Mapping[str, Any]
    cause: str
    status: RunStatus
    continue_on_failure: bool
    cancel_signal: RunSignal | None
    created_at: datetime
    finished_at: datetime | None
    #: Until when some process vouches for it; a RUNNING run past this instant is dead.
    alive_until: datetime
    owner: str
    counts: Mapping[TaskStatus, int] = NOTHING
    deployment: str = ""
    #: How many of those skipped failed, and were passed over.
    passed_over: int = 0

    @property
    def standings(self) -> Mapping[str, int]:
        """How many task runs stand where, as people read it: those passed over are not among the skipped."""
        told: dict[str, int] = {status.value: self.counts.get(status, 0) for status in TaskStatus}
        told[TaskStatus.SKIPPED.value] -= self.passed_over
        return {standing: number for standing, number in {**told, PASSED_OVER: self.passed_over}.items() if number}


class Attempt(NamedTuple):
    """One try of a task run."""

    number: int
    owner: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    failure: Failure | None = None


class TaskRun(NamedTuple):
    """One task within one run, as stored."""

    run_id: str
    task: str
    status: TaskStatus
    action: str
    reason: Mapping[str, Any]
    upstream: tuple[str, ...]
    attempt: int  #: number of the newest attempt, 0 before the first
    started_at: datetime | None = None
    finished_at: datetime | None = None
    available_at: datetime | None = None
    lease_until: datetime | None = None
    result: Any = None
    failure: Failure | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def standing(self) -> str:
        """Where it is, as people read it."""
        return standing_of(self.status, self.failure)


def standing_of(status: TaskStatus, failure: Failure | None) -> str:
    """Return where a task run is, as people read it: its status, or that its failure is passed over."""
    return PASSED_OVER if status is TaskStatus.SKIPPED and failure is not None else status.value


class Claim(NamedTuple):
    """The right to carry out one task run until the lease runs out; writes are fenced by `token`."""

    run_id: str
    task: str
    action: str
    reason: Mapping[str, Any]
    attempt: int
    token: int
    owner: str
    lease_until: datetime
    #: Names of upstream tasks of this run that ended `failed`, `cancelled` or `upstream_failed`.
    failed_upstream: tuple[str, ...] = ()


class Completion(NamedTuple):
    """What a task had seen and made when it last completed: the base of freshness.

    Args:
        task: Name of the task; with pipeline and partition it is the key.
        facts: Fingerprints by kind (`code`, `params`, `inputs`, `outputs`), JSON-able.
        result: The value the body returned.
    """

    pipeline: str
    partition: str
    task: str
    run_id: str
    completed_at: datetime
    facts: Mapping[str, Any]
    result: Any = None


class TaskOutcome(NamedTuple):
    """How `finish_task_run` is told that a claimed task run ended, or goes back to the queue.

    Args:
        status: A final status, or QUEUED for another attempt from `retry_at` on.
        completion: Saved in the same transaction; given exactly when status is COMPLETED.
    """

    status: TaskStatus
    outcome: Outcome
    finished_at: datetime
    reason: Mapping[str, Any] | None = None
    result: Any = None
    failure: Failure | None = None
    retry_at: datetime | None = None
    completion: Completion | None = None


class Finish(NamedTuple):
    """What followed from `finish_task_run`.

    Args:
        newly_queued: How many task runs became claimable by it.
        run_closed: The final status of the run when this was its last task run: told to one caller only.
        next_claim: The claim asked for by `next_ttl`, when anything could be claimed.
    """

    newly_queued: int
    run_closed: RunStatus | None
    next_claim: Claim | None = None


class Item(NamedTuple):
    """One of many that a fan-out handles: a stable key and a JSON-able payload."""

    key: str
    payload: Any = None


class ItemClaim(NamedTuple):
    """The right to handle one item; `token` fences the write of its outcome."""

    item: Item
    attempt: int
    token: int


class ItemOutcome(NamedTuple):
    """How one claimed item ended; PENDING puts it back for another attempt from `retry_at` on."""

    key: str
    token: int
    status: ItemStatus
    result: Any = None
    failure: Failure | None = None
    retry_at: datetime | None = None


class ItemCounts(NamedTuple):
    """The ledger's sum: `discovered` always equals the five others together."""

    pending: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def discovered(self) -> int:
        """How many items the ledger holds."""
        return self.pending + self.running + self.completed + self.failed + self.skipped

    @property
    def is_settled(self) -> bool:
        """Whether no item is waiting or being handled."""
        return self.pending == 0 and self.running == 0


class ItemRecord(NamedTuple):
    """One item as stored."""

    task: str
    key: str
    payload: Any
    status: ItemStatus
    attempt: int
    result: Any = None
    failure: Failure | None = None
    finished_at: datetime | None = None

    def veiled(self, veil: Veil) -> ItemRecord:
        """Return the item as it may be shown."""
        payload, result = veil.value(self.payload), veil.value(self.result)
        return self._replace(payload=payload, result=result, failure=self.failure and self.failure.veiled(veil))


class Lease(NamedTuple):
    """A time-limited claim on a name; `token` is greater than that of every earlier holder."""

    name: str
    owner: str
    token: int
    until: datetime


class Heartbeat(NamedTuple):
    """What `extend_leases` reports back to the process that beats.

    Args:
        signals: Cancel signals of the runs this owner drives or works for, by run id.
        lost: (run id, task) of task runs this owner held and lost.
    """

    signals: Mapping[str, RunSignal]
    lost: frozenset[tuple[str, str]]


#: Name of the mark a person sets on a task whose work was looked at and found right.
TESTED = "tested"


class Mark(NamedTuple):
    """A durable note on a task, e.g. that a person tested it."""

    pipeline: str
    task: str
    name: str
    value: Any
    at: datetime


class Retention(NamedTuple):
    """What `gc` keeps: the newest runs of every pipeline, and none older than the age."""

    runs_per_pipeline: int = 100
    max_age_days: int = 365


class Collected(NamedTuple):
    """What `gc` removed, in rows."""

    runs: int = 0
    task_runs: int = 0
    items: int = 0
    events: int = 0
