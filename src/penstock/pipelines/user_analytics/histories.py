"""Keeps what became of each subscription, so that events are read back by one step and not by five."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, tzinfo

from penstock.pipelines.user_analytics.rules.history import History, Status
from penstock.pipelines.user_analytics.rules.instants import as_seen_in, from_text, to_text
from penstock.pipelines.user_analytics.rules.lifecycle import Happening, Kind

#: A user, with a product.
Key = tuple[str, str]
_Cell = str | int | None


def to_row(key: Key, history: History) -> tuple[_Cell, ...]:
    """Return the row of the table."""
    return (
        *key,
        _text(history.trial_at),
        _text(history.trial_ended_at),
        *_sale_cells(history.converted),
        *_sale_cells(history.bought),
        _text(history.refunded_at),
        history.status.value,
        history.origin,
    )


def iter_histories(database: sqlite3.Connection, zone: tzinfo) -> Iterator[tuple[Key, History]]:
    """Yield every valid user with every product, and what became of it.

    Args:
        zone: Where the project's clocks stand: the dates of instants are those there.
    """

    def at(text: str | None) -> datetime | None:
        return None if text is None else as_seen_in(zone, from_text(text))

    for row in database.execute("SELECT * FROM user_product_history"):
        user, product, trial_at, ended_at, *sales, refunded_at, status, origin = row
        yield (
            (user, product),
            History(
                trial_at=at(trial_at),
                trial_ended_at=at(ended_at),
                converted=_sale(Kind.TRIAL_CONVERTED, at(sales[0]), *sales[1:3]),
                bought=_sale(Kind.INITIAL_PURCHASE, at(sales[3]), *sales[4:6]),
                refunded_at=at(refunded_at),
                status=Status(status),
                origin=origin,
            ),
        )


def _sale_cells(sale: Happening | None) -> tuple[_Cell, ...]:
    return (None, None, None) if sale is None else (_text(sale.at), sale.micros, sale.event_id)


def _sale(kind: Kind, at: datetime | None, micros: int | None, event_id: str) -> Happening | None:
    return None if at is None else Happening(kind, at, micros, event_id=event_id)


def _text(at: datetime | None) -> str | None:
    return None if at is None else to_text(at)
