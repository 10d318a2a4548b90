"""Chooses the days that are fetched: those missing or empty, and the newest ones again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

_DAY = timedelta(days=1)


def days_to_fetch(end_on: date, *, days: int, refresh_days: int, done: Mapping[date, int]) -> list[list[date]]:
    """Return the days to fetch in two lists, each in order: those missing or empty, then those that are read again.

    Args:
        days: Length of the window that ends with `end_on`.
        refresh_days: How many of its last days are always read again, because events arrive late.
        done: Days that were fetched, with how many events each had.
    """
    window = [end_on - _DAY * back for back in range(days - 1, -1, -1)]
    again = window[len(window) - refresh_days :] if refresh_days else []
    return [[day for day in window if not done.get(day) and day not in again], again]


def spans(days: Iterable[date], longest: int) -> list[tuple[date, date]]:
    """Return spans of days that follow each other, none longer than so many days."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and found[-1][1] + _DAY == day and (day - found[-1][0]).days < longest:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
