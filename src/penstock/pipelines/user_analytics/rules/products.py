"""Chooses the one product a user counts for, where several are valid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


def choose_product(starts: Mapping[str, datetime | None]) -> str:
    """Return the product whose first start is the newest; of several the first by name.

    Args:
        starts: When each valid product was first started; None when that is not known.
    """
    return min(starts, key=lambda product: (-_seconds(starts[product]), product))


def _seconds(at: datetime | None) -> float:
    return float("-inf") if at is None else at.timestamp()
