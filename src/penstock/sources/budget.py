"""The budget a client draws on before every call, and one kept in this process's memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from typing import Protocol

from penstock.kit.clock import Clock
from penstock.kit.pace import Window, next_turn


class Budget(Protocol):
    """Says when a call may go; the one shared by all processes is handed in by the composition root."""

    def acquire(self, check: Callable[[], None]) -> int:
        """Wait until one more call may go, and return its number.

        Args:
            check: Called while waiting; what it raises (the run was cancelled, the lease was lost) ends the wait.
        """
        ...

    def settle(self, number: int, *, remaining: int | None = None, pause: timedelta | None = None) -> None:
        """Say that a call has ended, however it ended.

        Args:
            remaining: Calls left in the longest window, where the publisher says so.
            pause: How long the publisher wants no calls at all.
        """
        ...


class LocalBudget:
    """A budget that one process keeps for itself."""

    def __init__(self, windows: Sequence[Window], clock: Clock) -> None:
        self._windows = tuple(windows)
        self._clock = clock
        self._numbers = count(1)
        self._counted: list[datetime] = []
        self._blocked_until: datetime | None = None
        self._lock = Lock()

    def acquire(self, check: Callable[[], None]) -> int:
        """Wait until one more call may go, and return its number."""
        while (turn := self._claim()) is not None:
            check()
            self._clock.sleep(min(turn - self._clock.now(), timedelta(seconds=1)))
        return next(self._numbers)

    def settle(self, number: int, *, remaining: int | None = None, pause: timedelta | None = None) -> None:  # noqa: ARG002 - part of the protocol
        """Remember a pause the publisher asked for."""
        if pause is not None:
            with self._lock:
                self._blocked_until = self._clock.now() + pause

    def _claim(self) -> datetime | None:
        with self._lock:
            now = self._clock.now()
            turn = next_turn(self._windows, self._counted, now)
            if self._blocked_until is not None:
                turn = max(turn, self._blocked_until)
            if turn > now:
                return turn
            self._counted.append(now)
            del self._counted[: -max((window.calls for window in self._windows), default=1)]
            return None
