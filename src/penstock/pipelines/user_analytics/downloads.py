"""Writes what was fetched into the raw tables: days and their marks together, users only once all of them are here."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, tzinfo

from penstock import PenstockError, SourceError
from penstock.pipelines.user_analytics.database.connection import transaction
from penstock.pipelines.user_analytics.database.table_sync import Changes, apply, replace_rows, stage
from penstock.pipelines.user_analytics.inputs import Batch, Input
from penstock.pipelines.user_analytics.rules.lines import RawEvent, read_event
from penstock.pipelines.user_analytics.rules.profiles import AddressLists, RawUser, read_user

_FETCHED = "old.day IN (SELECT day FROM temp.fetched_day)"


def find_window(database: sqlite3.Connection) -> tuple[date, date] | None:
    """Return the first and the last day of the window that was fetched last; None when none was."""
    row = database.execute("SELECT start_on, end_on FROM analysis_window").fetchone()
    return None if row is None else (date.fromisoformat(row[0]), date.fromisoformat(row[1]))


def get_last_day(database: sqlite3.Connection, asked: date | None) -> date:
    """Return the day at whose end the rules look at the data: the one that is asked for, or the window's last.

    Raises:
        PenstockError: Nothing was fetched, or the data reach beyond the day.
    """
    window = find_window(database)
    if window is None:
        raise PenstockError("nothing was fetched yet", hint="run the step download_update_data first")
    refuse_earlier(window[1], asked)
    return asked or window[1]


def refuse_earlier(known: date | None, asked: date | None) -> None:
    """Make sure that a day is not before what the database knows: its rows would tell of a future.

    Raises:
        PenstockError: It is.
    """
    if known is not None and asked is not None and asked < known:
        raise PenstockError(
            f"the database was filled up to {known}, and {asked} is asked for",
            hint="ask for a day from then on, or fill another file with `--database`",
        )


def write_days(
    database: sqlite3.Connection, batch: Batch, events: Sequence[str], zone: tzinfo, counts: Counter[str]
) -> tuple[Changes, Changes]:
    """Replace the events of a batch's days and mark the days, in one transaction; return what became of both tables.

    Args:
        counts: Counts the lines read and those passed over, by reason.

    Raises:
        SourceError: The lines end with an error; then nothing was written.
    """
    days = [day.isoformat() for day in batch.days]
    with transaction(database):
        database.execute("CREATE TEMP TABLE IF NOT EXISTS fetched_day (day TEXT PRIMARY KEY)")
        database.execute("DELETE FROM temp.fetched_day")
        database.executemany("INSERT INTO temp.fetched_day VALUES (?)", [(day,) for day in days])
        stage(database, "raw_event", _kept(batch, set(days), events, zone, counts))
        found = dict(database.execute("SELECT day, count(*) FROM temp.new_raw_event GROUP BY day").fetchall())
        counts["lines_told_again"] += counts.pop("staged", 0) - sum(found.values())
        raw = apply(database, "raw_event", _FETCHED)
        stage(database, "downloaded_day", [(day, found.get(day, 0)) for day in days])
        return raw, apply(database, "downloaded_day", _FETCHED)


def write_users(
    database: sqlite3.Connection, source: Input, addresses: AddressLists, counts: Counter[str]
) -> Changes | None:
    """Replace the users once all profiles are here; return what became of them, None when the source has none to tell.

    Raises:
        SourceError: The profiles end with an error, or there is none where some were known; then nothing was written.
    """
    lines = source.users()
    if lines is None:
        return None
    users: dict[str, RawUser] = {}
    for line in lines:
        user = read_user(line, addresses)
        counts["profile_without_id"] += user is None
        counts["profiles_told_again"] += user is not None and user.distinct_id in users
        if user is not None:
            users[user.distinct_id] = user
    known = database.execute("SELECT count(*) FROM raw_user").fetchone()[0]
    if known and not users:
        raise SourceError(
            f"no profile was told, where {known:,} were known",
            hint="look at the source; the users were left as they are",
        )
    with transaction(database):
        return replace_rows(database, "raw_user", users.values())


def _kept(
    batch: Batch, days: set[str], events: Sequence[str], zone: tzinfo, counts: Counter[str]
) -> Iterator[RawEvent]:
    fallback = batch.days[0].isoformat()
    for line, day in batch.lines:
        counts["lines"] += 1
        event = read_event(line, day=day.isoformat() if day else None, fallback_day=fallback, zone=zone)
        if events and event.event_name is not None and event.event_name not in events:
            counts["lines_of_other_events"] += 1
        elif event.day not in days:
            counts["lines_of_other_days"] += 1
        else:
            counts["staged"] += 1
            yield event
