"""Which days a rule is about: days of the week, of the month, of the year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_NAMED = {frozenset(range(7)): "daily", frozenset(range(5)): "weekdays", frozenset((5, 6)): "weekends"}
_LONGEST = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


class Days(Protocol):
    """A choice of days."""

    def matches(self, day: date) -> bool:
        """Whether the day is one of them."""
        ...

    @property
    def text(self) -> str:
        """The choice as it is written."""
        ...


@dataclass(frozen=True, slots=True)
class WeekDays:
    """Days of the week, Monday being 0."""

    days: frozenset[int]

    def matches(self, day: date) -> bool:
        """See `Days.matches`."""
        return day.weekday() in self.days

    @property
    def text(self) -> str:
        """See `Days.text`."""
        return _NAMED.get(self.days) or ",".join(WEEKDAYS[number] for number in sorted(self.days))


@dataclass(frozen=True, slots=True)
class NthOfMonth:
    """The first, … fifth or last of some days of the week in a month.

    Args:
        nth: From 1 on; -1 is the last.
        days: Those that are counted; all seven to count days of the month.
    """

    nth: int
    days: frozenset[int]

    def matches(self, day: date) -> bool:
        """See `Days.matches`."""
        if day.weekday() not in self.days:
            return False
        last = monthrange(day.year, day.month)[1]
        around = range(1, day.day + 1) if self.nth > 0 else range(day.day, last + 1)
        counted = sum((day + timedelta(days=other - day.day)).weekday() in self.days for other in around)
        return counted == abs(self.nth)

    @property
    def text(self) -> str:
        """See `Days.text`."""
        what = {frozenset(range(7)): "day", frozenset(range(5)): "weekday"}.get(self.days)
        return f"{ORDINALS[self.nth]} {what or WEEKDAYS[min(self.days)]}"


@dataclass(frozen=True, slots=True)
class DayOfMonth:
    """One day of every month that has it."""

    number: int

    def matches(self, day: date) -> bool:
        """See `Days.matches`."""
        return day.day == self.number

    @property
    def text(self) -> str:
        """See `Days.text`."""
        return f"day {self.number}"


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """One day of one month."""

    month: int
    number: int

    def matches(self, day: date) -> bool:
        """See `Days.matches`."""
        return (day.month, day.day) == (self.month, self.number)

    @property
    def exists(self) -> bool:
        """Whether any year has this day."""
        return 1 <= self.number <= _LONGEST.get(self.month, 31)

    @property
    def text(self) -> str:
        """See `Days.text`."""
        return f"{MONTHS[self.month - 1]} {self.number}"
