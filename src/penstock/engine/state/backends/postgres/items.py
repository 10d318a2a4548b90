"""The verbs on the item ledger, for the PostgreSQL state store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from penstock.engine.state.backends.postgres.connection import Database, Db
from penstock.engine.state.backends.postgres.rows import as_columns
from penstock.engine.state.backends.postgres.runs import SQL, get_run_row, lock_run
from penstock.engine.state.backends.postgres.task_runs import get_held
from penstock.engine.state.backends.sql_rows import Row, to_item_record, to_micros, to_text, to_values
from penstock.engine.state.records import (
    Claim,
    Item,
    ItemClaim,
    ItemCounts,
    ItemOutcome,
    ItemRecord,
    ItemStatus,
)
from penstock.errors import StateError

_Settled = dict[tuple[str, str | None], str | None]

#: A token names the row and the attempt, so that an outcome finds its item without a search by key.
_ATTEMPT_BITS = 20
_ATTEMPT_MASK = (1 << _ATTEMPT_BITS) - 1
_NO_CHANGE = dict.fromkeys(("pending", "running", "completed", "failed", "skipped", "claimed_to"), 0)
#: Rows per statement when items are added.
_BATCH = 5000


class ItemVerbs:
    """Adds, claims, finishes and lists the items of fan-outs."""

    _db: Database

    def add_items(
        self, claim: Claim, items: Iterable[Item], basis: str, carry_from: str | None, now: datetime
    ) -> ItemCounts:
        """See `StateStore.add_items`."""
        # Read first: what makes the items may take its time, and the run is locked from the first statement on.
        new = [(item.key, to_text(item.payload)) for item in items]
        with self._db.write() as db:
            task_run = get_held(db, claim).task_run
            db.execute(SQL["open_ledger"], {"task_run": task_run})
            settled = {} if carry_from is None else _load_settled(db, carry_from, claim.task, basis)
            rows = _item_rows(new, settled, to_micros(now))
            added: Counter[str] = Counter()
            while batch := list(islice(rows, _BATCH)):
                written = db.execute(SQL["insert_items"], [task_run, basis, *as_columns(batch, 5)])
                added.update(status for (status,) in written)
            return _move(db, task_run, **added)

    def claim_items(self, claim: Claim, owner: str, now: datetime, ttl: timedelta, *, limit: int) -> list[ItemClaim]:
        """See `StateStore.claim_items`."""
        with self._db.write() as db:
            held = get_held(db, claim)
            if not held.is_claimable:
                return []
            wanted = {"task_run": held.task_run, "owner": owner, "limit": limit}
            instants = {"now": to_micros(now), "until": to_micros(now + ttl)}
            for has_failed in (False, True):
                rows = sorted(db.execute(SQL["claim_items"], {**wanted, **instants, "has_failed": has_failed}))
                if rows:
                    break
            if not rows:
                return []
            taken = sum(row[4] == "pending" for row in rows)
            _move(db, held.task_run, pending=-taken, running=taken, claimed_to=rows[-1][0])
        payloads = to_values([row[2] for row in rows])
        return [
            ItemClaim(Item(key, payload), attempt, row_id << _ATTEMPT_BITS | attempt)
            for (row_id, key, _, attempt, _), payload in zip(rows, payloads, strict=True)
        ]

    def finish_items(self, claim: Claim, outcomes: Sequence[ItemOutcome], now: datetime) -> ItemCounts:
        """See `StateStore.finish_items`."""
        # The first of two outcomes of one claim holds: by the second, the item is no longer running.
        first = {outcome.token: outcome for outcome in reversed(outcomes)}
        rows = sorted(_outcome_row(outcome, to_micros(now)) for outcome in first.values())
        with self._db.write() as db:
            lock_run(db, claim.run_id)
            task_run = _find_task_run(db, claim.run_id, claim.task)
            if task_run is None:
                raise StateError(f"run `{claim.run_id}` has no task `{claim.task}`")
            moved: Counter[str] = Counter()
            if rows:
                written = db.execute(SQL["finish_items"], [*as_columns(rows, 9), task_run])
                moved.update(status for (status,) in written)
            moved["running"] -= moved.total()
            return _move(db, task_run, **moved)

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
        with self._db.read() as db:
            run = get_run_row(db, run_id)[0]
            counts = db.execute(SQL["list_counts"], {"run": run, "task": task}).fetchall()
            wanted = {"run": run, "task": task, "status": status and status.value, "error": error, "limit": limit}
            rows = db.execute(SQL[_listing(status, error)], wanted | {"after": after}).fetchall()
        return {row[0]: ItemCounts(*row[1:]) for row in counts}, [to_item_record(row) for row in rows]

    def count_item_errors(self, run_id: str, task: str) -> Mapping[str, int]:
        """See `StateStore.count_item_errors`."""
        with self._db.read() as db:
            task_run = _find_task_run(db, run_id, task)
            return dict(db.execute(SQL["count_item_errors"], {"task_run": task_run}).fetchall())


def _find_task_run(db: Db, run_id: str, task: str) -> int | None:
    row = db.execute(SQL["find_task_run"], {"run_id": run_id, "task": task}).fetchone()
    if row is None:
        get_run_row(db, run_id)
        return None
    return int(row[0])


def _listing(status: ItemStatus | None, error: str | None) -> str:
    return "list_items" if error is None and status is not ItemStatus.FAILED else "list_failed_items"


def _load_settled(db: Db, run_id: str, task: str, basis: str) -> _Settled:
    task_run = _find_task_run(db, run_id, task)
    if task_run is None:
        return {}
    rows = db.execute(SQL["list_settled_items"], {"task_run": task_run, "basis": basis})
    return {(key, payload): result for key, payload, result in rows}


def _item_rows(new: list[tuple[str, str | None]], settled: _Settled, at: int) -> Iterator[Row]:
    for item in new:
        if item in settled:
            yield *item, "skipped", settled[item], at
        else:
            yield *item, "pending", None, None


def _outcome_row(outcome: ItemOutcome, at: int) -> Row:
    return (
        outcome.token >> _ATTEMPT_BITS,
        outcome.token & _ATTEMPT_MASK,
        outcome.key,
        outcome.status.value,
        0 if outcome.retry_at is None else to_micros(outcome.retry_at),
        None if outcome.status is ItemStatus.PENDING else at,
        to_text(outcome.result),
        to_text(outcome.failure),
        outcome.failure and outcome.failure.error,
    )


def _move(db: Db, task_run: int, **changes: int) -> ItemCounts:
    row = db.execute(SQL["move_counts"], {**_NO_CHANGE, **changes, "task_run": task_run}).fetchone()
    return ItemCounts(*row) if row else ItemCounts()
