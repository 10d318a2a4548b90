"""The days the rules look at, and where the clocks of the project stand: chosen by the download, kept for all steps."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from penstock import PenstockError
from penstock.pipelines.user_analytics.rules.instants import from_text, local_day

_DAY = timedelta(days=1)


class Window(NamedTuple):
    """Days that follow each other.

    Args:
        zone: Where the project's clocks stand: the days are those there.
    """

    start_on: date
    end_on: date
    zone: ZoneInfo

    @property
    def ends_at(self) -> datetime:
        """The midnight with which the last day ends."""
        return datetime.combine(self.end_on + _DAY, time.min, self.zone)

    def as_row(self) -> tuple[int, str, str, str]:
        """Return the row of the table."""
        return 1, self.start_on.isoformat(), self.end_on.isoformat(), self.zone.key


def choose_window(asked: date | None, now: datetime, *, days: int, zone: ZoneInfo) -> Window:
    """Return the window that ends on the day asked for, or else today, as it is where the project's clocks stand.

    Raises:
        PenstockError: The day is still to come: days before it would pass for fetched, and later ones be refused.
    """
    today = local_day(now, zone)
    end_on = asked or today
    if end_on > today:
        raise PenstockError(
            f"`--end-on` asks for {end_on}, and today is {today} ({zone.key})",
            hint="ask for today or an earlier day, or leave it out",
        )
    return Window(end_on - _DAY * (days - 1), end_on, zone)


def find_window(database: sqlite3.Connection) -> Window | None:
    """Return the window that was fetched last; None when none was.

    Raises:
        PenstockError: Its time zone is not known on this machine.
    """
    row = database.execute("SELECT start_on, end_on, timezone FROM analysis_window").fetchone()
    if row is None:
        return None
    try:
        return Window(date.fromisoformat(row[0]), date.fromisoformat(row[1]), ZoneInfo(row[2]))
    except ZoneInfoNotFoundError as error:
        raise PenstockError(
            f"the database counts days in the time zone `{row[2]}`, which this machine does not know",
            hint="install the package `tzdata`",
        ) from error


def get_window(database: sqlite3.Connection, asked: date | None) -> Window:
    """Return the window at whose end the rules look at the data: on the day that is asked for, or its last.

    Raises:
        PenstockError: Nothing was fetched, or the data reach beyond the day.
    """
    window = find_window(database)
    if window is None:
        raise PenstockError("nothing was fetched yet", hint="run the step download_update_data first")
    if asked is None:
        return window
    refuse_earlier(window.end_on, asked)
    return window._replace(end_on=asked)


def offer_local_day(database: sqlite3.Connection, zone: tzinfo) -> None:
    """Let queries use `local_day(instant)`, the day it was in a zone at an instant as it is stored; NULL of NULL."""

    def day_of(text: str | None) -> str | None:
        return None if text is None else local_day(from_text(text), zone).isoformat()

    database.create_function("local_day", 1, day_of, deterministic=True)


def refuse_earlier(known: date, asked: date) -> None:
    """Make sure that a day is not before what the database knows: its rows would tell of a future.

    Raises:
        PenstockError: It is.
    """
    if asked < known:
        raise PenstockError(
            f"the database was filled up to {known}, and {asked} is asked for",
            hint="ask for a day from then on, or fill another file with `--database`",
        )
