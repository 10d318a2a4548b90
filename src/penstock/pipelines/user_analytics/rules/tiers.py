"""Sorts users into tiers: by what they do, and by where they live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

#: What every user is who meets no tier's thresholds.
LOWEST = "free"
UNKNOWN_COUNTRY = "unknown"
UNLISTED_COUNTRY = "tier4_developing"

#: What thresholds can be set for, with its meaning.
MEASURES = {
    "revenue_usd": "what the user paid in all, refunds taken off, in US dollars",
    "active_days": "number of days with an event",
    "events": "number of events",
    "products": "number of products the user had events with",
    "paid_events": "number of events told with level `paid`",
}


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier, and what a user has to reach for it: every one of the measures that are named.

    Args:
        at_least: The threshold, by measure.
    """

    name: str
    at_least: Mapping[str, Decimal]


def choose_tier(measures: Mapping[str, Decimal], tiers: Sequence[Tier]) -> str:
    """Return the first tier all of whose thresholds are reached, `free` when none is.

    Args:
        tiers: From the highest; a tier may stand several times, with other thresholds.
    """
    for tier in tiers:
        if all(measures[name] >= threshold for name, threshold in tier.at_least.items()):
            return tier.name
    return LOWEST


def country_tier(country: str | None, tiers: Mapping[str, str]) -> str:
    """Return the tier of a country by its two letters: `unknown` without one, the lowest when it is not listed."""
    return UNKNOWN_COUNTRY if country is None else tiers.get(country, UNLISTED_COUNTRY)
