"""The verbs on the item ledger, for the SQLite state store."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.backends.sqlite.rows import to_item_record, to_micros, to_text, to_values
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


class ItemVerbs:
    """Adds, claims, finishes and lists the items of fan-outs."""

    _db: Database

    def add_items(
        self, claim: Claim, items: Iterable[Item], basis: str, carry_from: str | None, now: datetime
    ) -> ItemCounts:
        """See `StateStore.add_items`."""
        with self._db.write() as db:
            task_run = get_held(db, claim)[0]
            earlier = None if carry_from is None else _find_task_run(db, carry_from, claim.task)
            db.execute(SQL["open_ledger"], {"task_run": task_run})
            if earlier is None:
                rows = ((task_run, basis, item.key, to_text(item.payload)) for item in items)
                return _move(db, task_run, pending=db.executemany(SQL["insert_items"], rows).rowcount)
            last = db.execute(SQL["last_item_id"]).fetchone()[0]
            at = to_micros(now)
            carried_rows = ((task_run, earlier, basis, at, item.key, to_text(item.payload)) for item in items)
            added = db.executemany(SQL["carry_items"], carried_rows).rowcount
            carried = db.execute(SQL["count_carried"], {"last": last, "task_run": task_run}).fetchone()[0]
            return _move(db, task_run, pending=added - carried, skipped=carried)

    def claim_items(self, claim: Claim, owner: str, now: datetime, ttl: timedelta, *, limit: int) -> list[ItemClaim]:
        """See `StateStore.claim_items`."""
        until = to_micros(now + ttl)
        with self._db.write() as db:
            task_run, _, cancel_signal, run_status, _ = get_held(db, claim)
            if cancel_signal is not None or run_status != RunStatus.RUNNING:
                return []
            wanted = {"task_run": task_run, "now": to_micros(now), "limit": limit}
            rows = db.execute(SQL["list_claimable_items"], wanted).fetchall()
            if not rows:
                return []
            db.executemany(SQL["claim_items"], [(until, owner, row[0]) for row in rows])
            taken = sum(row[4] == "pending" for row in rows)
            _move(db, task_run, pending=-taken, running=taken)
        payloads = to_values(row[2] for row in rows)
        return [
            ItemClaim(Item(key, payload), attempt + 1, attempt + 1)
            for (_, key, _, attempt, _), payload in zip(rows, payloads, strict=True)
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
        after: str | None = None,
        limit: int = 1000,
    ) -> tuple[dict[str, ItemCounts], list[ItemRecord]]:
        """See `StateStore.list_items`."""
        with self._db.read() as db:
            run = get_run_row(db, run_id)[0]
            counts = db.execute(SQL["list_counts"], {"run": run, "task": task}).fetchall()
            wanted = {"run": run, "task": task, "status": status, "after": after, "start": after or "", "limit": limit}
            rows = db.execute(SQL["list_items"], wanted).fetchall()
        return {row[0]: ItemCounts(*row[1:]) for row in counts}, [to_item_record(row) for row in rows]


def _find_task_run(db: sqlite3.Connection, run_id: str, task: str) -> int | None:
    row = db.execute(SQL["find_task_run"], {"run_id": run_id, "task": task}).fetchone()
    if row is None:
        get_run_row(db, run_id)
        return None
    return int(row[0])


def _finish(db: sqlite3.Connection, task_run: int, status: ItemStatus, outcomes: Sequence[ItemOutcome], at: int) -> int:
    finished_at = None if status is ItemStatus.PENDING else at
    rows = [
        (
            status,
            0 if outcome.retry_at is None else to_micros(outcome.retry_at),
            finished_at,
            to_text(outcome.result),
            to_text(outcome.failure),
            task_run,
            outcome.key,
            outcome.token,
        )
        for outcome in outcomes
    ]
    return db.executemany(SQL["finish_items"], rows).rowcount


def _move(
    db: sqlite3.Connection,
    task_run: int,
    *,
    pending: int = 0,
    running: int = 0,
    completed: int = 0,
    failed: int = 0,
    skipped: int = 0,
) -> ItemCounts:
    values = {
        "task_run": task_run,
        "pending": pending,
        "running": running,
        "completed": completed,
        "failed": failed,
        "skipped": skipped,
    }
    row = db.execute(SQL["move_counts"], values).fetchone()
    return ItemCounts(*row) if row else ItemCounts()
