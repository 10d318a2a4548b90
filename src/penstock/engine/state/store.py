"""What every state store promises; proved by `tests/conformance/test_state_store.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from penstock.engine.events import Event
from penstock.engine.state.budgets import BudgetStore
from penstock.engine.state.notes import NoteStore
from penstock.engine.state.records import (
    Claim,
    Collected,
    Completion,
    Finish,
    Heartbeat,
    Item,
    ItemClaim,
    ItemCounts,
    ItemOutcome,
    ItemRecord,
    ItemStatus,
    Lease,
    NewRun,
    Retention,
    Run,
    RunSignal,
    RunStatus,
    TaskOutcome,
    TaskRun,
)
from penstock.engine.state.schedules import ScheduleStore


class StateStore(NoteStore, ScheduleStore, BudgetStore, Protocol):
    """The engine's durable memory, shared by every process that works on its runs.

    Every verb is one atomic, durable transaction: it happened whole, or not at all, and survives a kill of
    the process the moment it returns. Verbs may be called from any thread and any process. Instants come
    from the caller (`now`), never from the store, so that time can be moved in tests; all are aware UTC.
    Ids and names are compared as exact text. A verb that names an unknown run raises `StateError`.
    """

    # Runs -----------------------------------------------------------------------------------------------

    def create_run(self, run: NewRun, owner: str, ttl: timedelta, events: Sequence[Event] = ()) -> Run:
        """Write the run and all its task runs, and vouch for it as `owner` until `created_at + ttl`.

        PENDING task runs with no upstream become QUEUED at once; the others wait for as many finishes as they
        name upstream tasks. A run with no PENDING task run is closed as COMPLETED at once.
        """
        ...

    def find_run(self, run_id: str) -> Run | None:
        """Return the run with this id, or the only one whose id starts with it; None when there is none.

        Raises:
            UsageError: Several runs start with this text.
        """
        ...

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
        """Return runs, newest first, with counts of their task runs by status, and of those passed over.

        Args:
            before: Id of a run: only those that are older than it.
        """
        ...

    def list_task_runs(self, run_id: str, *, tasks: Collection[str] | None = None) -> list[TaskRun]:
        """Return the run's task runs in the order they were created, with their attempts, oldest first."""
        ...

    def signal_run(self, run_id: str, signal: RunSignal, now: datetime, owner: str, ttl: timedelta) -> Run:
        """Tell a run something and return it as it then is.

        CANCEL and CANCEL_NOW: nothing is claimed any more; task runs that are PENDING or QUEUED become CANCELLED;
        when none is RUNNING the run closes as CANCELLED. ABANDON: a RUNNING run closes as ABANDONED, its RUNNING
        task runs get outcome ABANDONED and, like the PENDING and QUEUED ones, status CANCELLED; items that were
        RUNNING become PENDING. RESUME: a closed run becomes RUNNING, vouched for by `owner`; every task run that
        is neither COMPLETED nor SKIPPED becomes PENDING (or QUEUED) with attempts kept, waiting for those of its
        upstream tasks that are not over; items of theirs that were RUNNING or FAILED become PENDING. Signals that
        change nothing are no error.
        """
        ...

    # Task runs ------------------------------------------------------------------------------------------

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
        """Claim up to `limit` task runs of a run: QUEUED ones whose time has come, or RUNNING ones whose lease ran out.

        A task run has at most one live claim; a second caller gets the next one or an empty list. Every claim opens
        an attempt, appends a `task_started` event, and carries a token greater than all earlier ones of that task
        run. Taking over closes the old attempt as ABANDONED. Order is that of creation. `tasks` limits the claim to
        these names.
        """
        ...

    def finish_task_run(
        self, claim: Claim, outcome: TaskOutcome, events: Sequence[Event] = (), *, next_ttl: timedelta | None = None
    ) -> Finish:
        """Record how a claim ended, save its completion, release what waited for it, append the events: all or none.

        A final status counts down every task run that waits for this one; those with nothing left to wait for become
        QUEUED. When the run does not continue on failure, a FAILED task run makes every PENDING or QUEUED task run of
        the run final too: UPSTREAM_FAILED where it descends from the failed one, CANCELLED elsewhere. When it does
        continue, only the descendants become UPSTREAM_FAILED. The finish that leaves no task run open closes the run,
        as FAILED when any task run failed, else CANCELLED when any was cancelled, else COMPLETED; exactly one caller
        is told so, and a `run_finished` event is appended. QUEUED puts the task run back for another attempt.

        With `next_ttl` the next claimable task run of the run is claimed for the same owner in the same transaction, as
        `claim_task_runs` would a moment later.

        Raises:
            LeaseLostError: The token is not the newest; nothing was written.
        """
        ...

    def extend_leases(self, owner: str, now: datetime, ttl: timedelta, runs: Collection[str] = ()) -> Heartbeat:
        """Extend every lease this owner still holds to `now + ttl`, in place, and vouch for `runs`.

        That is leases on task runs, on items and on names; one that ran out is still held while nobody took it over.

        A ttl of zero gives everything up at once: what the owner held can be claimed by others from `now` on.
        """
        ...

    def acquire_lease(self, name: str, owner: str, now: datetime, ttl: timedelta) -> Lease:
        """Return the lease on the name as it then is: `owner`'s, unless another owner's has not run out."""
        ...

    def list_leases(self, now: datetime) -> list[Lease]:
        """Return the leases on names that have not run out, by name."""
        ...

    # Items ----------------------------------------------------------------------------------------------

    def add_items(
        self, claim: Claim, items: Iterable[Item], basis: str, carry_from: str | None, now: datetime
    ) -> ItemCounts:
        """Write the items of a fan-out task run, once per key: a key already there is left as it is.

        `basis` identifies code and parameters. Where the same task's ledger in run `carry_from` holds the key as
        COMPLETED or SKIPPED with an equal payload and an equal basis, the item is written as SKIPPED with that result.
        """
        ...

    def claim_items(self, claim: Claim, owner: str, now: datetime, ttl: timedelta, *, limit: int) -> list[ItemClaim]:
        """Claim up to `limit` items in the order they were added: those that failed and were put back come last.

        That is PENDING ones whose time has come, and RUNNING ones whose lease ran out. An item that is
        COMPLETED, FAILED or SKIPPED is never handed out.

        Raises:
            LeaseLostError: The claim on the task run is no longer the newest.
        """
        ...

    def finish_items(self, claim: Claim, outcomes: Sequence[ItemOutcome], now: datetime) -> ItemCounts:
        """Record how claimed items ended, all in one transaction, and return the ledger's sum.

        An outcome whose token is not the item's newest is left out: the item belongs to somebody else now.
        """
        ...

    def list_items(
        self,
        run_id: str,
        *,
        task: str | None = None,
        status: ItemStatus | None = None,
        error: str | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> tuple[dict[str, ItemCounts], list[ItemRecord]]:
        """Return the ledger's sums by task, and up to `limit` items by (task, key), from behind the key `after`.

        Args:
            error: Class name of a failure: only items that hold one of it.
        """
        ...

    def count_item_errors(self, run_id: str, task: str) -> Mapping[str, int]:
        """Return how many items of a fan-out hold a failure, by its class name, the most frequent first."""
        ...

    # Freshness ------------------------------------------------------------------------------------------

    def load_completions(
        self, pipeline: str, partition: str, *, tasks: Collection[str] | None = None
    ) -> Mapping[str, Completion]:
        """Return the newest completion of every task (or of these) of the pipeline in this partition, in one read."""
        ...

    def forget(self, pipeline: str, partition: str | None, tasks: Collection[str] | None) -> int:
        """Drop completions (of these tasks, or all), so that the tasks run next time; return how many.

        Item ledgers of the tasks are kept for reading, but nothing is carried over from them any more.
        """
        ...

    # Upkeep ---------------------------------------------------------------------------------------------

    def gc(self, retention: Retention, now: datetime) -> Collected:
        """Remove closed runs beyond the retention, with their task runs, attempts, items and events.

        Never removes a run that is RUNNING, nor one that holds the newest item ledger or the completion of a task.
        """
        ...

    def close(self) -> None:
        """Release files and connections; the store is not used afterwards."""
        ...
