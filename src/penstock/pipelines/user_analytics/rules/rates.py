"""How many trials become subscriptions and how much money goes back, learnt from users like the one in question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from penstock.pipelines.user_analytics.rules.history import History

#: Users credited so many days ago are learnt from.
COHORT_DAYS = range(8, 54)
SMALLEST_COHORT = 12
#: Money goes back within this time, or it does not.
REFUND_TIME = timedelta(days=30)
_OLD_CONVERSION = timedelta(days=38)
_OLD_PURCHASE = timedelta(days=30)
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Likeness:
    """What makes two users alike; what matters least comes last."""

    product_id: str
    bucket: int | None
    store: str | None
    tier: str | None
    country: str | None
    region: str | None


#: How well a rate fits, by how much of the likeness was kept.
ACCURACIES = {"very_high": 6, "high": 5, "medium": 4, "low": 3}


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted, or how often something came of it."""

    tried: int
    happened: int

    @property
    def rate(self) -> Fraction | None:
        """The share; None when nothing was tried."""
        return Fraction(self.happened, self.tried) if self.tried else None


@dataclass(frozen=True, slots=True)
class Rates:
    """The three shares.

    Args:
        conversion: Trials that were converted.
        trial_refund: Conversions whose money went back.
        purchase_refund: Purchases whose money went back.
        accuracy: A word of `ACCURACIES`, or `default`.
        users: How many users were learnt from.
    """

    conversion: Fraction
    trial_refund: Fraction
    purchase_refund: Fraction
    accuracy: str
    users: int


DEFAULT = Rates(Fraction(25, 100), Fraction(20, 100), Fraction(40, 100), "default", 0)


@dataclass(slots=True)
class _Cohort:
    users: int = 0
    trials: int = 0
    conversions: int = 0
    old_conversions: int = 0
    conversion_refunds: int = 0
    old_purchases: int = 0
    purchase_refunds: int = 0

    def add(self, history: History, as_of: date) -> None:
        self.users += 1
        if history.trial_at is not None:
            self.trials += 1
            self.conversions += history.converted is not None
        converted = history.converted.at if history.converted else None
        bought = history.bought.at if history.bought else None
        if converted is not None and as_of - converted.date() > _OLD_CONVERSION:
            self.old_conversions += 1
            self.conversion_refunds += _is_refunded(converted, history.refunded_at)
        if bought is not None and as_of - bought.date() > _OLD_PURCHASE:
            self.old_purchases += 1
            self.purchase_refunds += _is_refunded(bought, history.refunded_at)


class RateBook:
    """The rates of all cohorts.

    Args:
        users: Likeness and history of every user and product.
        as_of: The day from which days are counted.
    """

    def __init__(self, users: Iterable[tuple[Likeness, History]], as_of: date) -> None:
        self._cohorts: defaultdict[tuple[object, ...], _Cohort] = defaultdict(_Cohort)
        for likeness, history in users:
            credited_on = history.credited_on
            if credited_on is not None and (as_of - credited_on).days in COHORT_DAYS:
                for kept in ACCURACIES.values():
                    self._cohorts[_key(likeness, kept)].add(history, as_of)

    def rates_for(self, likeness: Likeness) -> Rates:
        """Return the rates of the most alike cohort that is large enough, or else the default ones.

        A share of which the cohort has no case is the default one.
        """
        for accuracy, kept in ACCURACIES.items():
            cohort = self._cohorts.get(_key(likeness, kept))
            if cohort is not None and cohort.users >= SMALLEST_COHORT:
                return _rates_of(cohort, accuracy)
        return DEFAULT


def to_decimal(rate: Fraction) -> Decimal:
    """Return a share as it is shown: six digits, a half rounded to the even neighbour."""
    return Decimal(round(rate * 10**_DIGITS)).scaleb(-_DIGITS)


def _key(likeness: Likeness, kept: int) -> tuple[object, ...]:
    return (kept, *(getattr(likeness, field.name) for field in fields(likeness)[:kept]))


def _rates_of(cohort: _Cohort, accuracy: str) -> Rates:
    conversion = Tally(cohort.trials, cohort.conversions).rate
    trial_refund = Tally(cohort.old_conversions, cohort.conversion_refunds).rate
    purchase_refund = Tally(cohort.old_purchases, cohort.purchase_refunds).rate
    return Rates(
        DEFAULT.conversion if conversion is None else conversion,
        DEFAULT.trial_refund if trial_refund is None else trial_refund,
        DEFAULT.purchase_refund if purchase_refund is None else purchase_refund,
        accuracy,
        cohort.users,
    )


def _is_refunded(sold_at: datetime, refunded_at: datetime | None) -> bool:
    return refunded_at is not None and timedelta(0) <= refunded_at - sold_at <= REFUND_TIME
