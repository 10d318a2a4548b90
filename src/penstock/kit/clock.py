"""Time as a value that is passed in: the real clock and one that tests move by hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits; the only source of both in the engine."""

    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Return after the duration has passed on this clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, aware and in UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Block this thread for the duration."""
        time.sleep(max(0.0, duration.total_seconds()))


class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the instant the clock was last moved to."""
        return self._now

    def sleep(self, duration: timedelta) -> None:
        """Move the clock forward by the duration, at once."""
        self.advance(duration)

    def advance(self, duration: timedelta) -> None:
        """Move the clock forward."""
        self._now += duration
