"""What `MemoryStateStore` remembers of calls to publishers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from penstock.engine.state.budgets import BudgetState, CallGrant
from penstock.kit.pace import Window


@dataclass(slots=True)
class _Call:
    number: int
    counts_at: datetime
    is_settled: bool


@dataclass(slots=True)
class _Budget:
    windows: tuple[Window, ...] = ()
    calls: list[_Call] = field(default_factory=list)
    blocked_until: datetime | None = None

    def sort(self) -> None:
        self.calls.sort(key=lambda call: call.counts_at)


class MemoryBudgets:
    """See `BudgetStore`."""

    def __init__(self) -> None:
        self._budgets: dict[str, _Budget] = {}
        self._budget_lock = Lock()
        self._last_call = 0

    def claim_call(self, budget: str, windows: Sequence[Window], now: datetime, ends_by: datetime) -> CallGrant:
        """See `BudgetStore.claim_call`."""
        with self._budget_lock:
            kept = self._budgets.setdefault(budget, _Budget())
            kept.windows = tuple(windows)
            turn = max([now, kept.blocked_until or now, *(_room_at(kept.calls, window, now) for window in windows)])
            if turn > now:
                return CallGrant(None, turn)
            number = self._add(kept, ends_by, is_settled=False)
            if windows:
                oldest = now - max(window.period for window in windows)
                kept.calls = [call for call in kept.calls if call.counts_at > oldest]
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
        with self._budget_lock:
            kept = self._budgets.setdefault(budget, _Budget())
            if blocked_until is not None:
                kept.blocked_until = max(kept.blocked_until or blocked_until, blocked_until)
            call = next((call for call in kept.calls if call.number == number and not call.is_settled), None)
            if call is None:
                return
            call.counts_at, call.is_settled = ended_at, True
            kept.sort()
            if remaining is not None and kept.windows:
                longest = max(kept.windows, key=lambda window: window.period)
                counted = sum(call.counts_at > ended_at - longest.period for call in kept.calls)
                for _ in range(longest.calls - counted - max(0, remaining)):
                    self._add(kept, ended_at, is_settled=True)

    def list_budgets(self) -> list[BudgetState]:
        """See `BudgetStore.list_budgets`."""
        with self._budget_lock:
            return [
                BudgetState(name, kept.windows, tuple(call.counts_at for call in kept.calls), kept.blocked_until)
                for name, kept in sorted(self._budgets.items())
            ]

    def _add(self, kept: _Budget, counts_at: datetime, *, is_settled: bool) -> int:
        self._last_call += 1
        kept.calls.append(_Call(self._last_call, counts_at, is_settled))
        kept.sort()
        return self._last_call


def _room_at(calls: Sequence[_Call], window: Window, now: datetime) -> datetime:
    if len(calls) < window.calls:
        return now
    in_the_way = calls[-window.calls]
    room = in_the_way.counts_at + window.period
    return room if in_the_way.is_settled or room <= now else min(room, now + window.period / window.calls)
