"""Makes users and events out of what was fetched: whose each event is, which copy counts, what it is worth."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, tzinfo

from penstock.pipelines.user_analytics.analysis_window import offer_local_day
from penstock.pipelines.user_analytics.database.table_sync import stage
from penstock.pipelines.user_analytics.rules.identity import Identities, resolve
from penstock.pipelines.user_analytics.rules.lines import stable_id
from penstock.pipelines.user_analytics.rules.money import RateTable, read_amount
from penstock.pipelines.user_analytics.statements import load

_SQL = load("database/statements/ingest.sql")


def stage_users(database: sqlite3.Connection, *, keep_unknown: bool) -> Identities:
    """Stage the users and their identifiers.

    Args:
        keep_unknown: Events without a profile make a user.
    """
    profiles = [row[0] for row in database.execute("SELECT distinct_id FROM raw_user")]
    others = [row[0] for row in database.execute(_SQL["event_identifiers"])] if keep_unknown else []
    found = resolve(profiles, _links(database), others)
    stage(database, "user_identity", sorted(found.users.items()))
    stage(database, "mixpanel_user")
    database.execute(_SQL["stage_users"])
    if keep_unknown:
        database.execute(_SQL["stage_users_without_profile"])
    return found


def stage_events(database: sqlite3.Connection, rates: RateTable, zone: tzinfo) -> None:
    """Stage the events of users that were staged, each once: the copy Mixpanel processed last.

    Args:
        zone: Where the project's clocks stand: rates are those of the day it was there.
    """

    def worth(amount: str | None, currency: str | None, day: str) -> int | None:
        return _worth(rates, amount, currency, day)[0]

    def reason(amount: str | None, currency: str | None, day: str) -> str | None:
        return _worth(rates, amount, currency, day)[1]

    database.create_function("event_id", 4, lambda *told: stable_id(told), deterministic=True)
    database.create_function("usd_micros", 3, worth, deterministic=True)
    database.create_function("revenue_reason", 3, reason, deterministic=True)
    database.create_function("is_negative", 1, _is_negative, deterministic=True)
    offer_local_day(database, zone)
    stage(database, "mixpanel_event")
    database.execute(_SQL["stage_events"])


def count_rejected(database: sqlite3.Connection) -> dict[str, int]:
    """Return how many fetched events are in no row of their own, by reason; staged rows are looked at."""
    counts = {
        name: int(database.execute(_SQL[name]).fetchone()[0])
        for name in ("no_distinct_id", "no_event_name", "unknown_user", "copy_of_another")
    }
    return {**counts, **dict(database.execute(_SQL["revenue_reasons"]).fetchall())}


def _links(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    for user, others in database.execute(_SQL["links"]):
        yield from ((user, other) for other in json.loads(others))


def _worth(rates: RateTable, written: str | None, currency: str | None, day: str) -> tuple[int | None, str | None]:
    amount = read_amount(written)
    if written is None:
        return None, None
    if amount is None:
        return None, "revenue_unreadable"
    if not amount:
        return 0, None
    if currency is None:
        return None, "revenue_without_currency"
    micros = rates.find_micros(amount, currency, date.fromisoformat(day))
    return micros, None if micros is not None else "revenue_without_rate"


def _is_negative(written: str | None) -> int:
    amount = read_amount(written)
    return int(amount is not None and amount < 0)
