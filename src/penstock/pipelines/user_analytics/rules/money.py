"""Turns amounts into US dollars by a table of rates, exactly; what has no rate has no value in dollars."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction

#: Dollars are kept as whole millionths: sums of them are exact in every database.
MICROS = 1_000_000


def read_amount(text: str | None) -> Decimal | None:
    """Return the amount that is written; None when it is none."""
    try:
        amount = Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and abs(amount) < MICROS * MICROS else None


def to_micros(dollars: Decimal | Fraction) -> int:
    """Return dollars as millionths, a half rounded to the even neighbour."""
    if isinstance(dollars, Fraction):
        return round(dollars * MICROS)
    return int((dollars * MICROS).to_integral_value(ROUND_HALF_EVEN))


def to_dollars(micros: int | None) -> Decimal | None:
    """Return millionths as dollars."""
    return None if micros is None else Decimal(micros) / MICROS


class RateTable:
    """What one unit of each currency is worth in US dollars, from each day on.

    Args:
        rates: Currency, first day, dollars per unit.
    """

    def __init__(self, rates: Iterable[tuple[str, date, Decimal]]) -> None:
        self._days: defaultdict[str, list[date]] = defaultdict(list)
        self._rates: defaultdict[str, list[Decimal]] = defaultdict(list)
        for currency, valid_from, rate in sorted(rates):
            self._days[currency].append(valid_from)
            self._rates[currency].append(rate)

    def find_rate(self, currency: str, on: date) -> Decimal | None:
        """Return what a unit was worth on a day; None when the table does not say."""
        place = bisect_right(self._days.get(currency, []), on)
        return self._rates[currency][place - 1] if place else None

    def find_micros(self, amount: Decimal, currency: str | None, on: date) -> int | None:
        """Return an amount in millionths of a dollar; None when the table names no rate."""
        rate = None if currency is None else self.find_rate(currency, on)
        return None if rate is None else to_micros(amount * rate)
