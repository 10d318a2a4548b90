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


class ScaledClock:
    """A clock that begins at an instant of its own and runs faster than the machine's, or slower.

    Args:
        start: What the clock shows at first.
        factor: How many of its seconds pass in one real second.
        epoch: The real instant at which it showed `start`; now, unless said otherwise. Processes that are given the
            same start, factor and epoch read the same time.
    """

    def __init__(self, start: datetime, factor: float, *, epoch: datetime | None = None) -> None:
        self._real = SystemClock()
        self.start, self.factor = start, factor
        self.epoch = epoch if epoch is not None else self._real.now()

    def now(self) -> datetime:
        """Return the current instant of this clock, aware and in UTC."""
        return self.start + (self._real.now() - self.epoch) * self.factor

    def sleep(self, duration: timedelta) -> None:
        """Block this thread until the duration has passed on this clock."""
        self._real.sleep(duration / self.factor)


class ShiftedClock:
    """The machine's clock moved to another time, from where it goes on at its pace."""

    def __init__(self, start: datetime) -> None:
        self._real = SystemClock()
        self._shift = start - self._real.now()

    def now(self) -> datetime:
        """Return the current instant of this clock, aware and in UTC."""
        return self._real.now() + self._shift

    def sleep(self, duration: timedelta) -> None:
        """Block this thread for the duration."""
        self._real.sleep(duration)

    def move_to(self, instant: datetime) -> None:
        """Let it be this instant now."""
        self._shift = instant - self._real.now()
