"""The verbs on the item ledger, for the SQLite state store."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from penstock.engine.state.backends.sql_rows import Row, to_item_record, to_micros, to_text, to_values
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.backends.sqlite.runs import SQL, get_run_row
from penstock.engine.state.backends.sqlite.task_runs import get_held
from penstock.engine.state.records import (
    Claim,
    Item,
    ItemClaim,
    ItemCounts,
    ItemOutcome,
    ItemRecord,
    ItemStatus,
    RunStatus,
)
from penstock.errors import StateError
from penstock.kit.jsonable import to_json

_Settled = dict[tuple[str, str | None], str | None]

#: A token names the row and the attempt, so that an outcome finds its item without a search by key.
_ATTEMPT_BITS = 20
_ATTEMPT_MASK = (1 << _ATTEMPT_BITS) - 1
_NO_CHANGE = dict.fromkeys(("pending", "running", "completed", "failed", "skipped", "claimed_to"), 0)


class ItemVerbs:
    """Adds, claims, finishes and lists the items of fan-outs."""

    _db: Database

    def add_items(
        self, claim: Claim, items: Iterable[Item], basis: str, carry_from: str | None, now: datetime
    ) -> ItemCounts:
        """See `StateStore.add_items`."""
        with self._db.write() as db:
            task_run = get_held(db, claim)[0]
            db.execute(SQL["open_ledger"], {"task_run": task_run})
            earlier = None if carry_from is None else _find_task_run(db, carry_from, claim.task)
            if earlier is None:
                rows = ((task_run, basis, item.key, to_text(item.payload)) for item in items)
                return _move(db, task_run, pending=db.executemany(SQL["insert_items"], rows).rowcount)
            settled = _load_settled(db, earlier, basis)
            last = db.execute(SQL["last_item_id"]).fetchone()[0]
            carried_rows = _carried_rows((task_run, basis), items, settled, to_micros(now))
            added = db.executemany(SQL["carry_items"], carried_rows).rowcount
            carried = db.execute(SQL["count_carried"], {"last": last}).fetchone()[0]
            return _move(db, task_run, pending=added - carried, skipped=carried)

    def claim_items(self, claim: Claim, owner: str, now: datetime, ttl: timedelta, *, limit: int) -> list[ItemClaim]:
        """See `StateStore.claim_items`."""
        with self._db.write() as db:
            task_run, _, cancel_signal, run_status, _ = get_held(db, claim)
            if cancel_signal is not None or run_status != RunStatus.RUNNING:
                return []
            wanted = {"task_run": task_run, "now": to_micros(now), "limit": limit, "has_failed": False}
            rows = db.execute(SQL["list_claimable_items"], wanted).fetchall()
            if not rows:
                wanted["has_failed"] = True
                rows = db.execute(SQL["list_claimable_items"], wanted).fetchall()
            if not rows:
                return []
            bounds = {"first": rows[0][0], "last": rows[-1][0], "owner": owner, "until": to_micros(now + ttl)}
            db.execute(SQL["claim_items"], wanted | bounds)
            taken = sum(row[4] == "pending" for row in rows)
            _move(db, task_run, pending=-taken, running=taken, claimed_to=rows[-1][0])
        payloads = to_values([row[2] for row in rows])
        return [
            ItemClaim(Item(key, payload), attempt + 1, row_id << _ATTEMPT_BITS | attempt + 1)
            for (row_id, key, _, attempt, _), payload in zip(rows, payloads, strict=True)
        ]

    def finish_items(self, claim: Claim, outcomes: Sequence[ItemOutcome], now: datetime) -> ItemCounts:
        """See `StateStore.finish_items`."""
        with self._db.write() as db:
            task_run = _find_task_run(db, claim.run_id, claim.task)
            if task_run is None:
                raise StateError(f"run `{claim.run_id}` has no task `{claim.task}`")
            moved: Counter[str] = Counter()
            for status in {outcome.status for outcome in outcomes}:
                ended = [outcome for outcome in outcomes if outcome.status is status]
                moved[status] += _finish(db, task_run, status, ended, to_micros(now))
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
            wanted = {"run": run, "task": task, "status": status, "error": error, "limit": limit}
            wanted |= {"after": after, "start": after or ""}
            rows = db.execute(SQL[_listing(status, error)], wanted).fetchall()
        return {row[0]: ItemCounts(*row[1:]) for row in counts}, [to_item_record(row) for row in rows]

    def count_item_errors(self, run_id: str, task: str) -> Mapping[str, int]:
        """See `StateStore.count_item_errors`."""
        with self._db.read() as db:
            task_run = _find_task_run(db, run_id, task)
            return dict(db.execute(SQL["count_item_errors"], {"task_run": task_run}).fetchall())


def _find_task_run(db: sqlite3.Connection, run_id: str, task: str) -> int | None:
    row = db.execute(SQL["find_task_run"], {"run_id": run_id, "task": task}).fetchone()
    if row is None:
        get_run_row(db, run_id)
        return None
    return int(row[0])


def _listing(status: ItemStatus | None, error: str | None) -> str:
    return "list_items" if error is None and status is not ItemStatus.FAILED else "list_failed_items"


def _load_settled(db: sqlite3.Connection, task_run: int, basis: str) -> _Settled:
    rows = db.execute(SQL["list_settled_items"], {"task_run": task_run, "basis": basis})
    return {(key, payload): result for key, payload, result in rows}


def _carried_rows(ledger: tuple[int, str], items: Iterable[Item], settled: _Settled, at: int) -> Iterator[Row]:
    for item in items:
        new = (item.key, to_text(item.payload))
        if new in settled:
            yield *ledger, "skipped", None, *new, settled[new], at
        else:
            yield *ledger, "pending", 1, *new, None, None


def _finish(db: sqlite3.Connection, task_run: int, status: ItemStatus, outcomes: Sequence[ItemOutcome], at: int) -> int:
    is_open, finished_at = (1, None) if status is ItemStatus.PENDING else (None, at)
    rows = [
        (
            status,
            is_open,
            0 if retry_at is None else to_micros(retry_at),
            finished_at,
            None if result is None else to_json(result),
            None if failure is None else to_json(failure),
            None if failure is None else failure.error,
            token >> _ATTEMPT_BITS,
            token & _ATTEMPT_MASK,
            key,
            task_run,
        )
        for key, token, _, result, failure, retry_at in outcomes
    ]
    return db.executemany(SQL["finish_items"], rows).rowcount


def _move(db: sqlite3.Connection, task_run: int, **changes: int) -> ItemCounts:
    db.execute(SQL["move_counts"], {**_NO_CHANGE, **changes, "task_run": task_run})
    row = db.execute(SQL["get_counts"], {"task_run": task_run}).fetchone()
    return ItemCounts(*row) if row else ItemCounts()
