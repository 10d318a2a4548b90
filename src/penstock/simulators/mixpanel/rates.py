"""What a unit of a currency is worth in US dollars in the simulated world, from which day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """The worth of one unit of a currency from a day on, until the next."""

    currency: str
    valid_from: date
    usd: Decimal


#: Currency, days before the last day, US dollars. One begins too late for the sale made in it; one is not here at all.
_RATES = (
    ("AUD", 10, "0.65"), ("EUR", 400, "1.10"), ("EUR", 45, "1.20"), ("GBP", 400, "1.25"), ("JPY", 400, "0.0067"),
    ("USD", 400, "1"),
)  # fmt: skip


def list_rates(end_on: date) -> list[Rate]:
    """Return the rates of a universe that ends on a day."""
    return [Rate(currency, end_on - timedelta(days=ago), Decimal(usd)) for currency, ago, usd in _RATES]
