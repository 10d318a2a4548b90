"""The verbs on budgets, for the PostgreSQL state store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from penstock.engine.state.backends.postgres.connection import Database, Db, load_sql
from penstock.engine.state.backends.sql_rows import (
    find_instant,
    to_budget,
    to_micros,
    to_room,
    to_windows,
    to_windows_text,
)
from penstock.engine.state.budgets import BudgetState, CallGrant
from penstock.kit.pace import Window

_SQL = load_sql("budgets.sql")


class BudgetVerbs:
    """Counts calls to publishers."""

    _db: Database

    def claim_call(self, budget: str, windows: Sequence[Window], now: datetime, ends_by: datetime) -> CallGrant:
        """See `BudgetStore.claim_call`."""
        with self._db.write() as db:
            db.execute(_SQL["save_budget"], {"budget": budget, "windows": to_windows_text(windows)})
            turn = _next_turn(db, budget, windows, now)
            if turn > now:
                return CallGrant(None, turn)
            (number,) = _add_calls(db, budget, ends_by, is_settled=False)
            if windows:
                oldest = now - max(window.period for window in windows)
                db.execute(_SQL["forget_calls"], {"budget": budget, "until": to_micros(oldest)})
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
        with self._db.write() as db:
            locked = db.execute(_SQL["lock_budget"], {"budget": budget}).fetchone()
            if locked is None:
                return
            ended = {"budget": budget, "number": number, "ended_at": to_micros(ended_at)}
            is_first = db.execute(_SQL["settle_call"], ended).rowcount > 0
            if blocked_until is not None:
                db.execute(_SQL["block"], {"budget": budget, "until": to_micros(blocked_until)})
            if is_first and remaining is not None:
                unknown = _unknown_calls(db, budget, to_windows(locked[0]), ended_at, remaining)
                _add_calls(db, budget, ended_at, is_settled=True, count=unknown)

    def list_budgets(self) -> list[BudgetState]:
        """See `BudgetStore.list_budgets`."""
        with self._db.read() as db:
            budgets = db.execute(_SQL["list_budgets"]).fetchall()
            return [to_budget(row, db.execute(_SQL["list_calls"], {"budget": row[0]})) for row in budgets]


def _next_turn(db: Db, budget: str, windows: Sequence[Window], now: datetime) -> datetime:
    ((blocked,),) = db.execute(_SQL["get_block"], {"budget": budget}).fetchall()
    turn = max(now, find_instant(blocked) or now)
    for window in windows:
        in_the_way = db.execute(_SQL["find_in_the_way"], {"budget": budget, "calls": window.calls}).fetchone()
        turn = max(turn, to_room(window, in_the_way, now))
    return turn


def _add_calls(db: Db, budget: str, counts_at: datetime, *, is_settled: bool, count: int = 1) -> list[int]:
    call = {"budget": budget, "counts_at": to_micros(counts_at), "is_settled": is_settled, "count": count}
    return [number for (number,) in db.execute(_SQL["add_calls"], call)]


def _unknown_calls(db: Db, budget: str, windows: Sequence[Window], now: datetime, remaining: int) -> int:
    if not windows:
        return 0
    longest = max(windows, key=lambda window: window.period)
    since = {"budget": budget, "after": to_micros(now - longest.period)}
    ((counted,),) = db.execute(_SQL["count_calls"], since).fetchall()
    return max(0, longest.calls - int(counted) - max(0, remaining))
