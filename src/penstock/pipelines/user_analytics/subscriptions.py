"""Reads valid users' events back, by user and product, as the rules want them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import tzinfo
from itertools import groupby
from typing import NamedTuple

from penstock.pipelines.user_analytics.rules.instants import as_seen_in, from_text
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


def iter_subscriptions(database: sqlite3.Connection, zone: tzinfo) -> Iterator[Subscription]:
    """Yield every valid user with every product, in order.

    Args:
        zone: Where the project's clocks stand: the dates of instants are those there.
    """
    rows = database.execute(SQL["events"])
    for (user, product), group in groupby(rows, key=lambda row: (row[0], row[1])):
        yield Subscription(user, product, tuple(_happening(row, zone) for row in group if row[3] in _KINDS))


def _happening(row: tuple[str, str, str, str, str | None, int | None, int], zone: tzinfo) -> Happening:
    _, _, event_id, name, at, micros, is_refund = row
    seen_at = None if at is None else as_seen_in(zone, from_text(at))
    return Happening(_KINDS[name], seen_at, micros, bool(is_refund), event_id)
