"""What a subscription is worth now: what it brought, or what can be expected of it, less what may go back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction

from penstock.pipelines.user_analytics.rules.history import History
from penstock.pipelines.user_analytics.rules.rates import Rates
from penstock.pipelines.user_analytics.rules.stores import fee_of

#: The last day of a phase, counted from the start.
_PENDING_DAYS = 7
_REFUND_DAYS = 37
_PURCHASE_REFUND_DAYS = 30


class ValueStatus(Enum):
    """How sure a value is."""

    PENDING_TRIAL = "pending_trial"
    POST_CONVERSION_PRE_REFUND = "post_conversion_pre_refund"
    POST_PURCHASE_PRE_REFUND = "post_purchase_pre_refund"
    FINAL_VALUE = "final_value"


@dataclass(frozen=True, slots=True)
class Value:
    """What a subscription is worth.

    Args:
        micros: In millionths of a dollar, the platform's fee taken off; None when no price is known.
    """

    micros: int | None
    status: ValueStatus


def estimate_value(
    history: History, *, bucket: int | None, rates: Rates, store: str | None, as_of: date
) -> Value | None:
    """Return what a subscription is worth at the end of a day; None when it never began.

    A purchase counts from its own day on, whatever trial went before it.

    Args:
        bucket: The price to expect, in millionths of a dollar; None when there is none.
    """
    if history.bought is not None and history.bought.at is not None:
        gross, status = _of_purchase(history, bucket, rates, _days(history.bought.at, as_of))
    elif history.trial_at is not None:
        gross, status = _of_trial(history, bucket, rates, _days(history.trial_at, as_of))
    else:
        return None
    net = None if gross is None else round(gross * (1 - Fraction(fee_of(store))))
    return Value(net, status)


def _of_purchase(history: History, bucket: int | None, rates: Rates, days: int) -> tuple[Fraction | None, ValueStatus]:
    is_final = days > _PURCHASE_REFUND_DAYS
    status = ValueStatus.FINAL_VALUE if is_final else ValueStatus.POST_PURCHASE_PRE_REFUND
    if history.refunded_at is not None:
        return Fraction(0), status
    kept = Fraction(1) if is_final else 1 - rates.purchase_refund
    return _times(_revenue(history, bucket), kept), status


def _of_trial(history: History, bucket: int | None, rates: Rates, days: int) -> tuple[Fraction | None, ValueStatus]:
    status = _trial_status(days)
    if history.refunded_at is not None or history.trial_ended_at is not None:
        return Fraction(0), status
    expected = _times(bucket, rates.conversion * (1 - rates.trial_refund))
    if history.converted is None:
        is_expected = status is not ValueStatus.POST_CONVERSION_PRE_REFUND
        return (expected if is_expected else Fraction(0)), status
    if status is ValueStatus.PENDING_TRIAL:
        # A trial shorter than the phase: what it brought is known already.
        status = ValueStatus.POST_CONVERSION_PRE_REFUND
    kept = Fraction(1) if status is ValueStatus.FINAL_VALUE else 1 - rates.trial_refund
    return _times(_revenue(history, bucket), kept), status


def _trial_status(days: int) -> ValueStatus:
    if days <= _PENDING_DAYS:
        return ValueStatus.PENDING_TRIAL
    return ValueStatus.POST_CONVERSION_PRE_REFUND if days <= _REFUND_DAYS else ValueStatus.FINAL_VALUE


def _revenue(history: History, bucket: int | None) -> int | None:
    # Without a rate for its currency a sale is not worth nothing: others paid about as much.
    sale = history.sale
    return bucket if sale is None or sale.micros is None else sale.micros


def _times(micros: int | None, share: Fraction) -> Fraction | None:
    return None if micros is None else micros * share


def _days(started_at: datetime, as_of: date) -> int:
    return (as_of - started_at.date()).days
