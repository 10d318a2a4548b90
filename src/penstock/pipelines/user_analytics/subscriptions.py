"""Reads valid users' events back, by user and product, as the rules want them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple

from penstock.pipelines.user_analytics.rules.history import History, read_history
from penstock.pipelines.user_analytics.rules.instants import from_text
from penstock.pipelines.user_analytics.rules.lifecycle import Happening, Kind
from penstock.pipelines.user_analytics.statements import load

SQL = load("database/statements/subscriptions.sql")
_KINDS = {kind.value: kind for kind in Kind}


class Subscription(NamedTuple):
    """One user with one product.

    Args:
        events: Those that are of a subscription's life; other events name the product alone.
    """

    distinct_id: str
    product_id: str
    events: tuple[Happening, ...]


def iter_subscriptions(database: sqlite3.Connection) -> Iterator[Subscription]:
    """Yield every valid user with every product, in order."""
    rows = database.execute(SQL["events"])
    for (user, product), group in groupby(rows, key=lambda row: (row[0], row[1])):
        yield Subscription(user, product, tuple(_happening(row) for row in group if row[3] in _KINDS))


def iter_histories(database: sqlite3.Connection, as_of: date) -> Iterator[tuple[Subscription, History]]:
    """Yield every valid user with every product, and what became of it by the end of a day."""
    for subscription in iter_subscriptions(database):
        yield subscription, read_history(subscription.events, as_of)


def _happening(row: tuple[str, str, str, str, str | None, int | None, int]) -> Happening:
    _, _, event_id, name, at, micros, is_refund = row
    return Happening(_KINDS[name], None if at is None else from_text(at), micros, bool(is_refund), event_id)
