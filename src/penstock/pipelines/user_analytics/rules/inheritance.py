"""Chooses the sale a user without one takes the price from: the last before, else the closest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Assignment(Enum):
    """How a user came to a price bucket."""

    CONVERSION = "conversion"
    CONVERSION_NO_BUCKET = "conversion_no_bucket"
    INHERITED_PRIOR = "inherited_prior"
    INHERITED_CLOSEST = "inherited_closest"
    NO_CONVERSIONS_EVER = "no_conversions_ever"
    NO_EVENT = "no_event"


@dataclass(frozen=True, slots=True, order=True)
class Sale:
    """A conversion with a bucket; in order of time.

    Args:
        bucket: Its value in millionths of a dollar.
    """

    at: datetime
    event_id: str
    event_name: str
    bucket: int


def choose_sale(started_at: datetime, sales: Sequence[Sale]) -> tuple[Assignment, Sale | None]:
    """Return the sale whose bucket a user takes over who started at an instant and bought nothing.

    Args:
        sales: Of the same country and product, in order. Of two equally close ones the earlier counts.
    """
    place = bisect_left(sales, started_at, key=lambda sale: sale.at)
    if place:
        return Assignment.INHERITED_PRIOR, sales[place - 1]
    if sales:
        return Assignment.INHERITED_CLOSEST, sales[0]
    return Assignment.NO_CONVERSIONS_EVER, None
