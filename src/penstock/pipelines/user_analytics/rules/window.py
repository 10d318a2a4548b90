"""Chooses the days that are fetched: those missing or empty, and those whose events had not all arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is known of a day that was fetched.

    Args:
        events: How many it had.
        through: The last day of the window it was fetched with.
    """

    events: int
    through: date


def days_to_fetch(end_on: date, *, days: int, refresh_days: int, done: Mapping[date, Fetched]) -> list[list[date]]:
    """Return the days to fetch in two lists, each in order: those missing or empty, then those that are read again.

    Read again is a day until it was fetched so many days after itself: then events have arrived, and it was over.
    Whatever time passes between two runs, a day stays open until that has happened.

    Args:
        days: Length of the window that ends with `end_on`.
        refresh_days: How many days an event may be late; at least until the next one a day is never over.
        done: Days that were fetched in the same way.
    """
    open_for = _DAY * max(1, refresh_days)
    window = [end_on - _DAY * back for back in range(days - 1, -1, -1)]
    again = [day for day in window if (done[day].through if day in done else end_on) - day < open_for]
    return [[day for day in window if day not in again and not (day in done and done[day].events)], again]


def spans(days: Iterable[date], longest: int) -> list[tuple[date, date]]:
    """Return spans of days that follow each other, none longer than so many days."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] + _DAY == day and (day - found[-1][0]).days < longest:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
