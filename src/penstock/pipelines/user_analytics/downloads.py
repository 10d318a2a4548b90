"""Writes what was fetched into the raw tables: days and their marks together, users only once all of them are here."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from penstock import PenstockError, SourceError
from penstock.pipelines.user_analytics.database.connection import transaction
from penstock.pipelines.user_analytics.database.table_sync import Changes, apply, replace_rows, stage
from penstock.pipelines.user_analytics.inputs import Batch, Input, is_same_source
from penstock.pipelines.user_analytics.parameters import Parameters
from penstock.pipelines.user_analytics.rules.lines import RawEvent, read_event, stable_id
from penstock.pipelines.user_analytics.rules.profiles import AddressLists, RawUser, read_user
from penstock.pipelines.user_analytics.rules.window import Fetched

_FETCHED = "old.day IN (SELECT day FROM temp.fetched_day)"


class Mark(NamedTuple):
    """What is kept with a day that was fetched.

    Args:
        through: The last day of the window it was fetched with.
        source: Where it was fetched from.
        choices: Names everything that decides what is kept of its lines, and how they are read.
    """

    through: date
    source: str
    choices: str


def make_mark(told: Parameters, end_on: date, source: str) -> Mark:
    """Return the mark of the days that are fetched now."""
    choices = {"events": sorted(told.events), "format": told.format, "timezone": told.timezone.key}
    return Mark(end_on, source, stable_id(choices))


def find_done(database: sqlite3.Connection, choices: str) -> dict[date, Fetched]:
    """Return the days that were fetched by these choices; of the others something else was kept."""
    query = "SELECT day, events, fetched_through FROM downloaded_day WHERE choices = ?"
    return {
        date.fromisoformat(day): Fetched(events, date.fromisoformat(through))
        for day, events, through in database.execute(query, (choices,))
    }


def count_other_days(database: sqlite3.Connection, mark: Mark, start_on: date) -> int:
    """Return how many days before the window were fetched by other choices: they stay as they are."""
    query = "SELECT count(*) FROM downloaded_day WHERE events > 0 AND choices IS NOT ? AND day < ?"
    return int(database.execute(query, (mark.choices, start_on.isoformat())).fetchone()[0])


def claim_for(database: sqlite3.Connection, source: str) -> None:
    """Make sure that the database holds nothing from another source: their events and users would be mixed.

    Raises:
        PenstockError: It does.
    """
    held = "events > 0 OR EXISTS (SELECT 1 FROM raw_user)"
    told = database.execute(f"SELECT DISTINCT source, {held} FROM downloaded_day WHERE source IS NOT NULL").fetchall()
    others = [(other, is_held) for other, is_held in told if not is_same_source(other, source)]
    for other, is_held in sorted(others):
        if is_held:
            raise PenstockError(
                f"the database was filled from `{other}`, and `{source}` is asked for",
                hint="fill another file with `--database`: one file holds one source",
            )
    # Their days hold nothing.
    if others:
        with transaction(database):
            database.executemany("DELETE FROM downloaded_day WHERE source = ?", [(other,) for other, _ in others])


def write_days(
    database: sqlite3.Connection, batch: Batch, told: Parameters, mark: Mark, counts: Counter[str]
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
        stage(database, "raw_event", _kept(batch, set(days), told, counts))
        found = dict(database.execute("SELECT day, count(*) FROM temp.new_raw_event GROUP BY day").fetchall())
        counts["lines_told_again"] += counts.pop("staged", 0) - sum(found.values())
        raw = apply(database, "raw_event", _FETCHED)
        marks = [(day, found.get(day, 0), mark.through.isoformat(), mark.source, mark.choices) for day in days]
        stage(database, "downloaded_day", marks)
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


def _kept(batch: Batch, days: set[str], told: Parameters, counts: Counter[str]) -> Iterator[RawEvent]:
    fallback = batch.days[0].isoformat()
    for line, day in batch.lines:
        counts["lines"] += 1
        event = read_event(line, day=day.isoformat() if day else None, fallback_day=fallback, zone=told.timezone)
        if told.events and event.event_name is not None and event.event_name not in told.events:
            counts["lines_of_other_events"] += 1
        elif event.day not in days:
            counts["lines_of_other_days"] += 1
        else:
            counts["staged"] += 1
            yield event
