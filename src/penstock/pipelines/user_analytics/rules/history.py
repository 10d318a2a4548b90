"""What became of one user's subscription to one product, read from its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from penstock.pipelines.user_analytics.rules.lifecycle import LONGEST_TRIAL, Happening, Kind, in_order

#: A conversion whose trial is not known is credited to the day a usual trial would have begun.
_USUAL_TRIAL = timedelta(days=8)


class Status(Enum):
    """Where a subscription stands after its last event."""

    TRIAL_PENDING = "trial_pending"
    EXTENDED_TRIAL_ERROR = "extended_trial_error"
    TRIAL_CANCELLED = "trial_cancelled"
    TRIAL_CONVERTED = "trial_converted"
    TRIAL_CONVERTED_CANCELLED = "trial_converted_cancelled"
    TRIAL_CONVERTED_REFUNDED = "trial_converted_refunded"
    INITIAL_PURCHASE = "initial_purchase"
    PURCHASE_CANCELLED = "purchase_cancelled"
    PURCHASE_REFUNDED = "purchase_refunded"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


_RUNNING = {None: Status.UNKNOWN, "trial": Status.TRIAL_CONVERTED, "purchase": Status.INITIAL_PURCHASE}
_CANCELLED = {
    None: Status.CANCELLED,
    "trial": Status.TRIAL_CONVERTED_CANCELLED,
    "purchase": Status.PURCHASE_CANCELLED,
}
_REFUNDED = {None: Status.REFUNDED, "trial": Status.TRIAL_CONVERTED_REFUNDED, "purchase": Status.PURCHASE_REFUNDED}
_EXPIRED = {
    Status.TRIAL_PENDING: Status.TRIAL_CANCELLED,
    Status.TRIAL_CONVERTED: Status.TRIAL_CONVERTED_CANCELLED,
    Status.INITIAL_PURCHASE: Status.PURCHASE_CANCELLED,
}


@dataclass(slots=True)
class History:
    """The facts that rates and values rest on; only the first trial, conversion and purchase count.

    Args:
        sale_micros: What the conversion or purchase brought; None when it is not known.
        trial_ended_at: When the trial was cancelled or ran out, without a conversion.
        refunded_at: When money first went back for the conversion or purchase.
        status: Where the last event left it, whatever time has passed since.
    """

    trial_at: datetime | None = None
    trial_ended_at: datetime | None = None
    converted: Happening | None = None
    bought: Happening | None = None
    refunded_at: datetime | None = None
    status: Status = Status.UNKNOWN
    origin: str | None = None

    @property
    def sale(self) -> Happening | None:
        """The purchase, or else the conversion."""
        return self.bought or self.converted

    @property
    def started_at(self) -> datetime | None:
        """When the trial began or the purchase was made, whichever was first."""
        starts = [at for at in (self.trial_at, self.bought.at if self.bought else None) if at is not None]
        return min(starts, default=None)

    def status_on(self, day: date) -> Status:
        """Return where the subscription stands at the end of a day."""
        is_open = self.status is Status.TRIAL_PENDING and self.trial_at is not None
        if is_open and self.trial_at is not None and day - self.trial_at.date() > LONGEST_TRIAL:
            return Status.EXTENDED_TRIAL_ERROR
        return self.status

    @property
    def credited_on(self) -> date | None:
        """The day of the start, or eight days before a conversion without one."""
        if self.started_at is not None:
            return self.started_at.date()
        at = self.converted.at if self.converted else None
        return None if at is None else at.date() - _USUAL_TRIAL


def read_history(events: Iterable[Happening]) -> History:
    """Return what became of a subscription."""
    told = list(events)
    history = History()
    for event in in_order(told):
        _step(history, event)
    if any(event.at is None for event in told):
        history.status = Status.UNKNOWN
    return history


def _step(history: History, event: Happening) -> None:
    match event.kind:
        case Kind.TRIAL_STARTED:
            history.trial_at = history.trial_at or event.at
            history.status = Status.TRIAL_PENDING
        case Kind.TRIAL_CONVERTED:
            history.converted = history.converted or event
            history.origin, history.status = "trial", Status.TRIAL_CONVERTED
        case Kind.TRIAL_CANCELLED:
            _end_trial(history, event)
            history.status = Status.TRIAL_CANCELLED
        case Kind.INITIAL_PURCHASE:
            history.bought = history.bought or event
            history.origin, history.status = "purchase", Status.INITIAL_PURCHASE
        case Kind.RENEWAL:
            history.status = _RUNNING[history.origin]
        case Kind.CANCELLATION:
            _cancel(history, event)
        case Kind.EXPIRATION:
            _end_trial(history, event)
            history.status = _EXPIRED.get(history.status, history.status)


def _end_trial(history: History, event: Happening) -> None:
    if history.converted is None and history.trial_at is not None:
        history.trial_ended_at = history.trial_ended_at or event.at


def _cancel(history: History, event: Happening) -> None:
    if event.is_refund and history.sale is not None:
        history.refunded_at = history.refunded_at or event.at
    history.status = (_REFUNDED if event.is_refund else _CANCELLED)[history.origin]
