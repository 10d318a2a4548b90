"""A state store in this process's memory: the shipped fake, and the reference reading of the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.memory_budgets import MemoryBudgets
from penstock.engine.state.backends.memory_notes import MemoryNotes
from penstock.engine.state.backends.memory_rows import ItemRow, RunRow, TaskRow, as_stored, as_stored_outcome
from penstock.engine.state.backends.memory_schedules import MemorySchedules
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
    TaskStatus,
)
from penstock.errors import LeaseLostError, StateError, UsageError


class MemoryStateStore(MemoryNotes, MemorySchedules, MemoryBudgets):
    """Keeps everything in dictionaries under one lock; gone when the process ends."""

    def __init__(self) -> None:
        MemoryNotes.__init__(self)
        MemorySchedules.__init__(self)
        MemoryBudgets.__init__(self)
        self._runs: dict[str, RunRow] = {}
        self._completions: dict[tuple[str, str, str], Completion] = {}
        self._leases: dict[str, Lease] = {}

    # Runs -----------------------------------------------------------------------------------------------

    def create_run(self, run: NewRun, owner: str, ttl: timedelta, events: Sequence[Event] = ()) -> Run:
        """See `StateStore.create_run`."""
        with self._lock:
            if run.run_id in self._runs:
                raise StateError(f"run `{run.run_id}` is already in the state store")
            row = RunRow(run, owner, run.created_at + ttl)
            self.append_events(events)
            self._runs[run.run_id] = row
            row.reopen()
            row.close_if_over(run.created_at)
            self._note_close(row, run.created_at, was_running=True)
            return row.as_run()

    def find_run(self, run_id: str) -> Run | None:
        """See `StateStore.find_run`."""
        with self._lock:
            if run_id in self._runs:
                return self._runs[run_id].as_run()
            matches = [row for known, row in self._runs.items() if known.startswith(run_id)]
            if len(matches) > 1:
                raise UsageError(f"several runs start with `{run_id}`", hint="give more of the run id")
            return matches[0].as_run() if matches else None

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
        with self._lock:
            rows = self._newest_first()
            if before is not None:
                rows = rows[rows.index(self._get(before)) + 1 :]
            wanted = (
                row
                for row in rows
                if pipeline in (None, row.new.pipeline)
                and partition in (None, row.new.partition)
                and status in (None, row.status)
                and deployment in (None, row.new.deployment)
            )
            return [row.as_run() for row in islice(wanted, limit)]

    def list_task_runs(self, run_id: str, *, tasks: Collection[str] | None = None) -> list[TaskRun]:
        """See `StateStore.list_task_runs`."""
        with self._lock:
            rows = self._get(run_id).tasks.values()
            return [row.as_task_run(run_id) for row in rows if tasks is None or row.task in tasks]

    def signal_run(self, run_id: str, signal: RunSignal, now: datetime, owner: str, ttl: timedelta) -> Run:
        """See `StateStore.signal_run`."""
        with self._lock:
            run = self._get(run_id)
            was_running = run.status is RunStatus.RUNNING
            if signal is RunSignal.RESUME:
                run.resume(owner, now + ttl)
            elif run.status is RunStatus.RUNNING and signal is RunSignal.ABANDON:
                run.abandon(now)
            elif run.status is RunStatus.RUNNING:
                run.cancel(signal, now)
            self._note_close(run, now, was_running=was_running)
            return run.as_run()

    def _note_close(self, run: RunRow, at: datetime, *, was_running: bool) -> None:
        if was_running and run.status.is_final:
            self.append_events([Event(EventKind.RUN_FINISHED, at, run.new.run_id, None, {"status": run.status})])

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
        """See `StateStore.claim_task_runs`."""
        with self._lock:
            run = self._get(run_id)
            if not run.hands_out_work:
                return []
            free = (row for row in run.open_tasks() if row.is_claimable(now) and (tasks is None or row.task in tasks))
            claims = [self._claim(run, row, owner, now, now + ttl) for row in list(islice(free, limit))]
            self.append_events(
                [Event(EventKind.TASK_STARTED, now, run_id, one.task, {"attempt": one.attempt}) for one in claims]
            )
            return claims

    def finish_task_run(
        self, claim: Claim, outcome: TaskOutcome, events: Sequence[Event] = (), *, next_ttl: timedelta | None = None
    ) -> Finish:
        """See `StateStore.finish_task_run`."""
        with self._lock:
            run = self._get(claim.run_id)
            row = self._claimed(claim)
            stored = as_stored_outcome(outcome)
            self.append_events(events)
            newly_queued = run.finish(row, stored)
            if stored.completion is not None:
                done = stored.completion
                self._completions[done.pipeline, done.partition, done.task] = done
            now = outcome.finished_at
            closed = run.close_if_over(now)
            self._note_close(run, now, was_running=closed is not None)
            following: list[Claim] = []
            if next_ttl is not None and closed is None:
                following = self.claim_task_runs(claim.run_id, claim.owner, now, next_ttl)
            return Finish(newly_queued, closed, following[0] if following else None)

    def extend_leases(self, owner: str, now: datetime, ttl: timedelta, runs: Collection[str] = ()) -> Heartbeat:
        """See `StateStore.extend_leases`."""
        with self._lock:
            until = now + ttl
            vouched = [self._get(run_id) for run_id in runs]
            for run in vouched:
                if run.status is RunStatus.RUNNING:
                    run.alive_until = until
            for run in self._runs.values():
                run.extend_leases(owner, until)
            self._leases = {
                name: lease._replace(until=until, owner=owner if ttl else "") if lease.owner == owner else lease
                for name, lease in self._leases.items()
            }
            return self._heartbeat(owner, runs)

    def acquire_lease(self, name: str, owner: str, now: datetime, ttl: timedelta) -> Lease:
        """See `StateStore.acquire_lease`."""
        with self._lock:
            held = self._leases.get(name)
            if held is not None and held.owner != owner and held.until > now:
                return held
            token = 1 if held is None else held.token + (held.owner != owner)
            lease = self._leases[name] = Lease(name, owner, token, now + ttl)
            return lease

    def list_leases(self, now: datetime) -> list[Lease]:
        """See `StateStore.list_leases`."""
        with self._lock:
            return [lease for _, lease in sorted(self._leases.items()) if lease.until > now]

    # Items ----------------------------------------------------------------------------------------------

    def add_items(
        self, claim: Claim, items: Iterable[Item], basis: str, carry_from: str | None, now: datetime
    ) -> ItemCounts:
        """See `StateStore.add_items`."""
        with self._lock:
            row = self._claimed(claim)
            earlier: Mapping[str, ItemRow] = {}
            if carry_from is not None and carry_from != claim.run_id:
                before = self._get(carry_from).tasks.get(claim.task)
                earlier = (before.items if before else None) or {}
            known = {} if row.items is None else dict(row.items)
            for item in items:
                if item.key not in known:
                    known[item.key] = ItemRow.fresh(item, basis, earlier.get(item.key), now)
            row.items = known
            return row.item_counts()

    def claim_items(self, claim: Claim, owner: str, now: datetime, ttl: timedelta, *, limit: int) -> list[ItemClaim]:
        """See `StateStore.claim_items`."""
        with self._lock:
            row = self._claimed(claim)
            if not self._get(claim.run_id).hands_out_work:
                return []
            items = (row.items or {}).values()
            unhurt = (item for item in items if item.is_claimable(now) and not item.waits_to_be_retried())
            chosen = list(islice(unhurt, limit))
            chosen = chosen or list(islice((item for item in items if item.is_claimable(now)), limit))
            return [item.claim(owner, now + ttl) for item in chosen]

    def finish_items(self, claim: Claim, outcomes: Sequence[ItemOutcome], now: datetime) -> ItemCounts:
        """See `StateStore.finish_items`."""
        with self._lock:
            row = self._get(claim.run_id).tasks.get(claim.task)
            if row is None:
                raise StateError(f"run `{claim.run_id}` has no task `{claim.task}`")
            items = row.items or {}
            for outcome in [outcome._replace(result=as_stored(outcome.result)) for outcome in outcomes]:
                item = items.get(outcome.key)
                if item is not None and item.is_held_with(outcome.token):
                    item.finish(outcome, now)
            return row.item_counts()

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
        """See `StateStore.list_items`."""
        with self._lock:
            rows = [row for row in self._get(run_id).tasks.values() if row.items is not None]
            rows = [row for row in rows if task in (None, row.task)]
            found = (
                item.as_record(row.task)
                for row in sorted(rows, key=lambda row: row.task)
                for key, item in sorted((row.items or {}).items())
                if status in (None, item.status) and error in (None, _error_of(item)) and (after is None or key > after)
            )
            return {row.task: row.item_counts() for row in rows}, list(islice(found, limit))

    def count_item_errors(self, run_id: str, task: str) -> Mapping[str, int]:
        """See `StateStore.count_item_errors`."""
        with self._lock:
            row = self._get(run_id).tasks.get(task)
            items = (row.items if row else None) or {}
            counts = Counter(item.failure.error for item in items.values() if item.failure)
            return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    # Freshness ------------------------------------------------------------------------------------------

    def load_completions(
        self, pipeline: str, partition: str, *, tasks: Collection[str] | None = None
    ) -> Mapping[str, Completion]:
        """See `StateStore.load_completions`."""
        with self._lock:
            return {
                key[2]: kept
                for key, kept in self._completions.items()
                if key[:2] == (pipeline, partition) and (tasks is None or key[2] in tasks)
            }

    def forget(self, pipeline: str, partition: str | None, tasks: Collection[str] | None) -> int:
        """See `StateStore.forget`."""
        with self._lock:
            gone = [
                key
                for key in self._completions
                if key[0] == pipeline and partition in (None, key[1]) and (tasks is None or key[2] in tasks)
            ]
            for key in gone:
                del self._completions[key]
            for run in self._runs.values():
                if run.new.pipeline == pipeline and partition in (None, run.new.partition):
                    run.forget_ledgers(tasks)
            return len(gone)

    # Upkeep ---------------------------------------------------------------------------------------------

    def gc(self, retention: Retention, now: datetime) -> Collected:
        """See `StateStore.gc`."""
        with self._lock:
            gone = [self._runs.pop(run_id) for run_id in self._beyond(retention, now)]
            ids = {run.new.run_id for run in gone}
            kept = [event for event in self._events if event.run_id not in ids]
            collected = Collected(
                runs=len(gone),
                task_runs=sum(len(run.tasks) for run in gone),
                items=sum(len(row.items or ()) for run in gone for row in run.tasks.values()),
                events=len(self._events) - len(kept),
            )
            self._events = kept
            return collected

    def close(self) -> None:
        """See `StateStore.close`."""

    def _get(self, run_id: str) -> RunRow:
        row = self._runs.get(run_id)
        if row is None:
            raise StateError(f"run `{run_id}` is not in the state store", hint="list the runs it knows")
        return row

    def _newest_first(self) -> list[RunRow]:
        order = sorted(enumerate(self._runs.values()), key=lambda pair: (pair[1].new.created_at, pair[0]), reverse=True)
        return [row for _, row in order]

    def _claim(self, run: RunRow, row: TaskRow, owner: str, now: datetime, until: datetime) -> Claim:
        row.open_attempt(owner, now, until)
        return Claim(
            run_id=run.new.run_id,
            task=row.task,
            action=row.new.action,
            reason=row.reason,
            attempt=row.attempt,
            token=row.attempt,
            owner=owner,
            lease_until=until,
            failed_upstream=tuple(name for name in row.new.upstream if run.tasks[name].has_ended_badly),
        )

    def _claimed(self, claim: Claim) -> TaskRow:
        row = self._get(claim.run_id).tasks.get(claim.task)
        if row is None or row.status is not TaskStatus.RUNNING or row.attempt != claim.token:
            raise LeaseLostError(f"task `{claim.task}` of run `{claim.run_id}` is no longer held by `{claim.owner}`")
        return row

    def _heartbeat(self, owner: str, runs: Collection[str]) -> Heartbeat:
        signals: dict[str, RunSignal] = {}
        lost: set[tuple[str, str]] = set()
        for run_id, run in self._runs.items():
            if run.cancel_signal is not None and (run_id in runs or run.is_worked_on_by(owner)):
                signals[run_id] = run.cancel_signal
            lost |= {(run_id, row.task) for row in run.tasks.values() if row.was_lost_by(owner)}
        return Heartbeat(signals, frozenset(lost))

    def _beyond(self, retention: Retention, now: datetime) -> list[str]:
        oldest = now - timedelta(days=retention.max_age_days)
        ranks: dict[str, int] = {}
        ledgers: set[tuple[str, str, str]] = set()
        told = {completion.run_id for completion in self._completions.values()}
        beyond = []
        for run in self._newest_first():
            new = run.new
            rank = ranks[new.pipeline] = ranks.get(new.pipeline, 0) + 1
            held = {(new.pipeline, new.partition, row.task) for row in run.tasks.values() if row.items is not None}
            is_old = rank > retention.runs_per_pipeline or new.created_at < oldest
            if is_old and run.status is not RunStatus.RUNNING and held <= ledgers and new.run_id not in told:
                beyond.append(new.run_id)
            ledgers |= held
        return beyond


def _error_of(item: ItemRow) -> str | None:
    return item.failure.error if item.failure else None
