"""Counts the calls of every key, exactly, over periods that roll."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from penstock.kit.pace import Window


class CallCounter:
    """The calls of every key that were not refused."""

    def __init__(self, limits: Sequence[Window]) -> None:
        self._limits = tuple(limits)
        self._calls: dict[str, deque[datetime]] = defaultdict(deque)
        self._lock = Lock()

    def take(self, key: str, now: datetime) -> bool:
        """Count a call and return true, or return false when some period is full."""
        with self._lock:
            if any(self._counted(key, limit, now) >= limit.calls for limit in self._limits):
                return False
            self._calls[key].append(now)
            return True

    def remaining(self, key: str, now: datetime) -> int:
        """Return how many calls are left in the first of the periods."""
        with self._lock:
            limit = self._limits[0]
            return max(0, limit.calls - self._counted(key, limit, now))

    def _counted(self, key: str, limit: Window, now: datetime) -> int:
        calls, longest = self._calls[key], max(each.period for each in self._limits)
        while calls and calls[0] <= now - longest:
            calls.popleft()
        return sum(at > now - limit.period for at in calls)
