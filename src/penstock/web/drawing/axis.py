"""A stretch of time laid on pixels, with ticks at round instants in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)
_STEPS = (
    *(timedelta(milliseconds=number) for number in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(timedelta(seconds=number) for number in (1, 2, 5, 10, 15, 30)),
    *(timedelta(minutes=number) for number in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=number) for number in (1, 2, 3, 6, 12)),
    *(timedelta(days=number) for number in (1, 2, 7, 14, 28)),
)
_LEAST_SPAN = timedelta(milliseconds=10)
_PIXELS_PER_TICK = 96


@dataclass(frozen=True, slots=True)
class Axis:
    """Instants from left to right; a stretch of no time is given a little.

    Args:
        left: Where `start` lies.
        width: How many pixels away `end` lies.
    """

    start: datetime
    end: datetime
    left: int
    width: int

    @property
    def span(self) -> timedelta:
        """How much time it shows."""
        return max(self.end - self.start, _LEAST_SPAN)

    def x(self, at: datetime) -> int:
        """Return where an instant lies."""
        return self.left + round((at - self.start) / self.span * self.width)

    def ticks(self) -> Iterator[tuple[int, str]]:
        """Yield the round instants: where each lies, and its label."""
        step = self._step()
        at = _EPOCH + -(-(self.start - _EPOCH) // step) * step
        while at <= self.start + self.span:
            yield self.x(at), _label(at, step)
            at += step

    def _step(self) -> timedelta:
        enough = self.span / max(self.width // _PIXELS_PER_TICK, 1)
        step = next((step for step in _STEPS if step >= enough), _STEPS[-1])
        while step < enough:
            step *= 2
        return step


def _label(at: datetime, step: timedelta) -> str:
    utc = at.astimezone(UTC)
    if step < _SECOND:
        return f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}"
    if step >= _DAY or (utc.hour, utc.minute, utc.second) == (0, 0, 0):
        return f"{utc:%Y-%m-%d}"
    return f"{utc:%H:%M}" if utc.second == 0 and step >= timedelta(minutes=1) else f"{utc:%H:%M:%S}"
