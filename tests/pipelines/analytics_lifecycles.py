"""What events say of the life of a user with a product: whether it is a possible one, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from penstock.simulators.mixpanel.move import (
    CANCELLATION,
    EXPIRATION,
    INITIAL_PURCHASE,
    RENEWAL,
    TRIAL_CANCELLED,
    TRIAL_CONVERTED,
    TRIAL_STARTED,
)
from tests.pipelines.analytics_tables import Event, Rates, User

STARTS = (TRIAL_STARTED, INITIAL_PURCHASE)
SALES = (TRIAL_CONVERTED, INITIAL_PURCHASE)
TRIAL_LIMIT = 31


@dataclass(slots=True)
class Row:
    """A row in the making."""

    user: User
    product_id: str
    events: list[Event]
    reason: str | None = None
    bucket: Decimal | None = None
    assignment: str = ""
    rates: Rates = field(default_factory=Rates)

    def find(self, *names: str) -> Event | None:
        return next((event for event in self.events if event.name in names), None)

    @property
    def store(self) -> str:
        return min((event.store for event in self.events), key=lambda store: (not store.endswith("_STORE"), store))


def start_of(row: Row) -> Event:
    start = row.find(*STARTS)
    assert start is not None
    return start


def refuse(row: Row, end_on: date) -> str | None:
    """Return why the lifecycle is refused; None when it is valid."""
    if any(event.at is None for event in row.events):
        return "datetime_parse_error"
    row.events.sort(key=lambda event: event.moment)
    state = _Lifecycle()
    for event in row.events:
        if reason := state.take(event, is_alone=len(row.events) == 1):
            return reason
    start = row.find(TRIAL_STARTED)
    if state.is_open and start is not None and (end_on - start.day).days > TRIAL_LIMIT:
        return "trial_without_end"
    return None if state.has_begun else "no_subscription_event"


@dataclass(slots=True)
class _Lifecycle:
    """How far a user has come with a product."""

    trial: datetime | None = None
    is_open: bool = False
    sold: str = ""

    @property
    def has_begun(self) -> bool:
        return self.trial is not None or bool(self.sold)

    def take(self, event: Event, *, is_alone: bool) -> str | None:
        if event.name == TRIAL_STARTED:
            return self._start(event)
        if event.name in (TRIAL_CONVERTED, TRIAL_CANCELLED):
            return self._end(event)
        if event.name == INITIAL_PURCHASE:
            return self._buy()
        if event.name == EXPIRATION:
            self.is_open = False
            return None if self.has_begun or is_alone else "invalid_event_sequence"
        what = "renewal" if event.name == RENEWAL else "cancellation"
        return None if self.sold else f"{what}_without_subscription"

    def _start(self, event: Event) -> str | None:
        if self.sold or self.trial:
            return "trial_start_after_subscription" if self.sold else "multiple_trial_starts"
        self.trial, self.is_open = event.moment, True
        return None

    def _end(self, event: Event) -> str | None:
        what = "conversion" if event.name == TRIAL_CONVERTED else "cancellation"
        if self.trial is None:
            return f"trial_{what}_without_start"
        if not self.is_open:
            return "multiple_trial_ends"
        if event.moment - self.trial > timedelta(days=TRIAL_LIMIT):
            return "trial_end_too_late"
        self.is_open, self.sold = False, TRIAL_CONVERTED if what == "conversion" else ""
        return None

    def _buy(self) -> str | None:
        if self.is_open:
            return "initial_purchase_during_trial"
        if self.sold:
            after = self.sold == TRIAL_CONVERTED
            return "initial_purchase_after_conversion" if after else "multiple_initial_purchases"
        self.sold = INITIAL_PURCHASE
        return None


def status_of(row: Row, end_on: date) -> str:
    if any(event.at is None for event in row.events):
        return "unknown"
    status, origin = "unknown", ""
    for event in row.events:
        if event.name in SALES:
            origin = {TRIAL_CONVERTED: "trial_converted", INITIAL_PURCHASE: "purchase"}[event.name]
        if event.name in (*SALES, RENEWAL):
            status = {"trial_converted": "trial_converted", "purchase": "initial_purchase"}.get(origin, "unknown")
        elif event.name == CANCELLATION:
            status = f"{origin}_{'refunded' if event.is_refund else 'cancelled'}".removeprefix("_")
        elif event.name == EXPIRATION:
            ended = {"trial_pending": "trial_cancelled", "trial_converted": "trial_converted_cancelled"}
            status = {**ended, "initial_purchase": "purchase_cancelled"}.get(status, status)
        else:
            status = "trial_pending" if event.name == TRIAL_STARTED else "trial_cancelled"
    start = row.find(TRIAL_STARTED)
    if status == "trial_pending" and start and (end_on - start.day).days > TRIAL_LIMIT:
        return "extended_trial_error"
    return status
