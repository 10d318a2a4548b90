"""The verbs on budgets, for the SQLite state store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from penstock.engine.state.backends.sql_rows import (
    find_instant,
    to_budget,
    to_micros,
    to_room,
    to_windows,
    to_windows_text,
)
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.budgets import BudgetState, CallGrant
from penstock.kit.pace import Window
from penstock.kit.sqlfile import load_statements


class BudgetVerbs:
    """Counts calls to publishers."""

    _db: Database

    def claim_call(self, budget: str, windows: Sequence[Window], now: datetime, ends_by: datetime) -> CallGrant:
        """See `BudgetStore.claim_call`."""
        sql = _statements()
        with self._db.write() as db:
            db.execute(sql["save_budget"], {"budget": budget, "windows": to_windows_text(windows)})
            blocked = db.execute(sql["get_block"], {"budget": budget}).fetchone()[0]
            turn = max(now, find_instant(blocked) or now)
            for window in windows:
                found = db.execute(sql["find_in_the_way"], {"budget": budget, "calls": window.calls}).fetchone()
                turn = max(turn, to_room(window, found, now))
            if turn > now:
                return CallGrant(None, turn)
            call = {"budget": budget, "counts_at": to_micros(ends_by), "is_settled": 0}
            number = db.execute(sql["add_call"], call).lastrowid
            if windows:
                longest = max(window.period for window in windows)
                db.execute(sql["forget_calls"], {"budget": budget, "until": to_micros(now - longest)})
        return CallGrant(number)

    def settle_call(
        self,
        budget: str,
        number: int,
        ended_at: datetime,
        *,
        remaining: int | None = None,
        blocked_until: datetime | None = None,
    ) -> None:
        """See `BudgetStore.settle_call`."""
        sql = _statements()
        with self._db.write() as db:
            ended = {"budget": budget, "number": number, "ended_at": to_micros(ended_at)}
            is_first = db.execute(sql["settle_call"], ended).rowcount > 0
            if blocked_until is not None:
                db.execute(sql["block"], {"budget": budget, "until": to_micros(blocked_until)})
            if is_first and remaining is not None:
                windows = to_windows(db.execute(sql["get_windows"], {"budget": budget}).fetchone()[0])
                for _ in range(_unknown_calls(db, budget, windows, ended_at, remaining)):
                    db.execute(sql["add_call"], {"budget": budget, "counts_at": to_micros(ended_at), "is_settled": 1})

    def list_budgets(self) -> list[BudgetState]:
        """See `BudgetStore.list_budgets`."""
        sql = _statements()
        with self._db.read() as db:
            budgets = db.execute(sql["list_budgets"]).fetchall()
            return [to_budget(row, db.execute(sql["list_calls"], {"budget": row[0]})) for row in budgets]


def _statements() -> dict[str, str]:
    return load_statements(__package__, "budgets.sql")


def _unknown_calls(db: Any, budget: str, windows: Sequence[Window], now: datetime, remaining: int) -> int:
    if not windows:
        return 0
    longest = max(windows, key=lambda window: window.period)
    since = {"budget": budget, "after": to_micros(now - longest.period)}
    counted: int = db.execute(_statements()["count_calls"], since).fetchone()[0]
    return max(0, longest.calls - counted - max(0, remaining))
