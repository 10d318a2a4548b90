"""A calendar rule: wall-clock times in a zone, turned into instants."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from penstock.engine.triggers.calendar.days import Days
from penstock.engine.triggers.calendar.zone import Tick, earliest, place

#: Wall clocks and instants are never further apart than the longest change of clocks there was: a skipped day.
_LONGEST_CHANGE = timedelta(hours=25)
#: The longest time without the 29th of February.
_LONGEST_PAUSE = timedelta(days=8 * 366)


class Part(Protocol):
    """What a rule asks for by the clock on the wall, whatever the zone."""

    @property
    def period(self) -> timedelta | None:
        """How far apart its ticks are when it fires more than daily; None for a rule of chosen times."""
        ...

    def walls(self, start: datetime) -> Iterator[datetime]:
        """Yield wall-clock times from `start` on, rising."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is to happen, in one time zone.

    Args:
        text: The rule in canonical words; reading them gives the same rule.
        parts: It happens when any of these does.
    """

    text: str
    zone: ZoneInfo
    parts: tuple[Part, ...]

    def ticks(self, after: datetime, until: datetime | None = None) -> Iterator[Tick]:
        """Yield the ticks behind `after`, up to and including `until`, in order; each instant once."""
        found = merge(*(self._instants(part, after) for part in self.parts), key=_instant)
        last = after
        for tick in found if until is None else takewhile(lambda one: one.at <= until, found):
            if tick.at > last:
                yield tick
                last = tick.at

    def _instants(self, part: Part, after: datetime) -> Iterator[Tick]:
        waiting: list[Tick] = []
        for wall in part.walls(self._start(after)):
            safe = earliest(wall, self.zone)
            while waiting and waiting[0].at < safe:
                yield waiting.pop(0)
            for tick in place(wall, self.zone, part.period, lambda end: _goes_on(part, end)):
                insort(waiting, tick, key=_instant)
        yield from waiting

    def _start(self, after: datetime) -> datetime:
        """Return a wall-clock time before which nothing can come behind `after`."""
        local = after.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)
        around = (after + _LONGEST_CHANGE * step for step in (-1, 0, 1))
        is_calm = len({at.astimezone(self.zone).utcoffset() for at in around}) == 1
        return local if is_calm else local - _LONGEST_CHANGE


def _instant(tick: Tick) -> datetime:
    return tick.at


def _goes_on(part: Part, end: datetime) -> bool:
    following = next(part.walls(end), None)
    return following is not None and part.period is not None and following < end + part.period


@dataclass(frozen=True, slots=True)
class DailyTimes:
    """Some times of the day on some days.

    Args:
        days: A day counts when any of these has it.
        times: Rising.
    """

    days: Sequence[Days]
    times: tuple[time, ...]
    period: timedelta | None = None

    def walls(self, start: datetime) -> Iterator[datetime]:
        """See `Part.walls`."""
        day, matched = start.date(), start.date()
        while day - matched <= _LONGEST_PAUSE:
            if any(choice.matches(day) for choice in self.days):
                matched = day
                yield from (wall for wall in self._on(day) if wall >= start)
            day += timedelta(days=1)

    def _on(self, day: date) -> Iterator[datetime]:
        return (datetime.combine(day, at) for at in self.times)  # without zone on purpose: this is the wall clock
