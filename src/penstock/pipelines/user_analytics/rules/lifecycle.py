"""The life of a subscription: which events may follow which, and why a sequence of them cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum

#: A trial that is neither converted nor cancelled after this time has no end any more.
LONGEST_TRIAL = timedelta(days=31)


class Kind(Enum):
    """What happened; events of one instant happened in this order."""

    TRIAL_STARTED = "RC Trial started"
    TRIAL_CONVERTED = "RC Trial converted"
    TRIAL_CANCELLED = "RC Trial cancelled"
    INITIAL_PURCHASE = "RC Initial purchase"
    RENEWAL = "RC Renewal"
    CANCELLATION = "RC Cancellation"
    EXPIRATION = "RC Expiration"


ORDER = {kind: place for place, kind in enumerate(Kind)}


class Reason(Enum):
    """Why the life of a subscription is not valid."""

    NO_EVENTS = "no_events"
    MULTIPLE_TRIAL_STARTS = "multiple_trial_starts"
    TRIAL_WITHOUT_END = "trial_without_end"
    TRIAL_END_TOO_LATE = "trial_end_too_late"
    TRIAL_CONVERSION_WITHOUT_START = "trial_conversion_without_start"
    TRIAL_CANCELLATION_WITHOUT_START = "trial_cancellation_without_start"
    MULTIPLE_TRIAL_ENDS = "multiple_trial_ends"
    MULTIPLE_INITIAL_PURCHASES = "multiple_initial_purchases"
    INITIAL_PURCHASE_DURING_TRIAL = "initial_purchase_during_trial"
    INITIAL_PURCHASE_AFTER_CONVERSION = "initial_purchase_after_conversion"
    RENEWAL_WITHOUT_SUBSCRIPTION = "renewal_without_subscription"
    CANCELLATION_WITHOUT_SUBSCRIPTION = "cancellation_without_subscription"
    TRIAL_START_AFTER_SUBSCRIPTION = "trial_start_after_subscription"
    NO_SUBSCRIPTION_EVENT = "no_subscription_event"
    INVALID_EVENT_SEQUENCE = "invalid_event_sequence"
    DATETIME_PARSE_ERROR = "datetime_parse_error"
    #: Beside the sixteen: valid by itself, but the user has another valid product that was started later.
    NEWER_PRODUCT_CHOSEN = "newer_product_chosen"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a user with one product.

    Args:
        at: None when its time cannot be read.
        micros: What was paid in millionths of a dollar; None when that is not known.
        is_refund: Whether money went back, whatever its currency.
        event_id: Breaks ties.
    """

    kind: Kind
    at: datetime | None
    micros: int | None = None
    is_refund: bool = False
    event_id: str = ""


def in_order(events: Iterable[Happening]) -> list[Happening]:
    """Return the events whose time can be read, in the order they happened."""
    dated = [(event.at, ORDER[event.kind], event.event_id, event) for event in events if event.at is not None]
    return [event for *_, event in sorted(dated, key=lambda one: one[:3])]


def find_reasons(events: Sequence[Happening], as_of: date) -> tuple[Reason, ...]:
    """Return why the events are no valid life, each reason once, in the order they came up; none when it is valid.

    A sequence that breaks a rule is followed to its end, as if the rule had allowed it.
    """
    if not events:
        return (Reason.NO_EVENTS,)
    walk = _Walk()
    if any(event.at is None for event in events):
        walk.note(Reason.DATETIME_PARSE_ERROR)
    for event in in_order(events):
        if event.at is not None:
            walk.step(event.kind, event.at)
    walk.end(as_of)
    return tuple(walk.reasons)


@dataclass(slots=True)
class _Walk:
    """Where a subscription stands after some of its events."""

    trial_at: datetime | None = None
    is_trial_open: bool = False
    is_trial_ended: bool = False
    is_converted: bool = False
    is_bought: bool = False
    reasons: dict[Reason, None] = field(default_factory=dict)

    @property
    def is_subscribed(self) -> bool:
        return self.is_converted or self.is_bought

    def note(self, reason: Reason) -> None:
        self.reasons[reason] = None

    def step(self, kind: Kind, at: datetime) -> None:
        match kind:
            case Kind.TRIAL_STARTED:
                self.start_trial(at)
            case Kind.TRIAL_CONVERTED:
                self.end_trial(at, Reason.TRIAL_CONVERSION_WITHOUT_START)
                self.is_converted = True
            case Kind.TRIAL_CANCELLED:
                self.end_trial(at, Reason.TRIAL_CANCELLATION_WITHOUT_START)
            case Kind.INITIAL_PURCHASE:
                self.buy()
            case Kind.RENEWAL if not self.is_subscribed:
                self.note(Reason.RENEWAL_WITHOUT_SUBSCRIPTION)
            case Kind.CANCELLATION if not self.is_subscribed:
                self.note(Reason.CANCELLATION_WITHOUT_SUBSCRIPTION)
            case Kind.EXPIRATION:
                self.expire()

    def start_trial(self, at: datetime) -> None:
        if self.is_subscribed:
            self.note(Reason.TRIAL_START_AFTER_SUBSCRIPTION)
        elif self.trial_at is not None:
            self.note(Reason.MULTIPLE_TRIAL_STARTS)
        else:
            self.trial_at, self.is_trial_open = at, True

    def end_trial(self, at: datetime, without_start: Reason) -> None:
        if self.is_trial_ended:
            self.note(Reason.MULTIPLE_TRIAL_ENDS)
        elif self.trial_at is None:
            self.note(without_start)
        elif at - self.trial_at > LONGEST_TRIAL:
            self.note(Reason.TRIAL_END_TOO_LATE)
        self.is_trial_open, self.is_trial_ended = False, True

    def buy(self) -> None:
        if self.is_trial_open:
            self.note(Reason.INITIAL_PURCHASE_DURING_TRIAL)
        elif self.is_converted:
            self.note(Reason.INITIAL_PURCHASE_AFTER_CONVERSION)
        elif self.is_bought:
            self.note(Reason.MULTIPLE_INITIAL_PURCHASES)
        self.is_bought = True

    def expire(self) -> None:
        if not (self.trial_at or self.is_trial_ended or self.is_subscribed or self.reasons):
            self.note(Reason.INVALID_EVENT_SEQUENCE)
        self.is_trial_ended = self.is_trial_ended or self.is_trial_open
        self.is_trial_open = False

    def end(self, as_of: date) -> None:
        if self.is_trial_open and self.trial_at is not None and as_of - self.trial_at.date() > LONGEST_TRIAL:
            self.note(Reason.TRIAL_WITHOUT_END)
        if list(self.reasons) in ([], [Reason.INVALID_EVENT_SEQUENCE]) and not (self.trial_at or self.is_subscribed):
            self.reasons = {Reason.NO_SUBSCRIPTION_EVENT: None}
