"""The moves a story is made of: one event each, dated by how many days before the last day it happens."""

from __future__ import annotations

from dataclasses import dataclass

#: The names under which the billing service reports events.
TRIAL_STARTED = "RC Trial started"
TRIAL_CONVERTED = "RC Trial converted"
TRIAL_CANCELLED = "RC Trial cancelled"
INITIAL_PURCHASE = "RC Initial purchase"
RENEWAL = "RC Renewal"
CANCELLATION = "RC Cancellation"
EXPIRATION = "RC Expiration"
#: The app's own event, of no subscription and no product.
APP_OPENED = "App opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing that happens to a user.

    Args:
        ago: Days before the last day of the universe.
        hour: The hour of that day, where the project's clocks stand; minute and second are the user's own.
        price: The amount as it is written, in its currency; negative when money goes back, None when none is told.
        product: The short name of the product; empty for the story's.
        store: The store as it is written; empty for the story's.
        under: The identity it is recorded under: empty for the profile's, else `user_id`, `before` or `alias`.
        links: The other identity that this event says is the same person: `before`, `alias` or none.
        insert_id: `own`, `shared` by all moves of the user that say so, or empty for none.
        late_days: How many days pass before it is processed.
        first_price: What an earlier delivery of the very same event told as its price; None when there was none.
        time_text: What stands where the time should be; empty for the time.
    """

    event: str
    ago: int
    hour: int
    price: str | None = "0"
    currency: str = "USD"
    product: str = ""
    store: str = ""
    under: str = ""
    links: str = ""
    insert_id: str = "own"
    late_days: int = 0
    first_price: str | None = None
    time_text: str = ""

    @property
    def is_refund(self) -> bool:
        """Whether money goes back."""
        return self.event == CANCELLATION and self.price is not None and self.price.startswith("-")


def trial(ago: int) -> Move:
    """A trial starts."""
    return Move(event=TRIAL_STARTED, ago=ago, hour=9)


def converted(ago: int, price: str = "9.99") -> Move:
    """A trial becomes a subscription."""
    return Move(event=TRIAL_CONVERTED, ago=ago, hour=10, price=price)


def trial_cancelled(ago: int) -> Move:
    """A trial is cancelled."""
    return Move(event=TRIAL_CANCELLED, ago=ago, hour=12)


def purchase(ago: int, price: str = "29.99") -> Move:
    """A subscription is bought without a trial."""
    return Move(event=INITIAL_PURCHASE, ago=ago, hour=11, price=price)


def renewal(ago: int, price: str = "29.99") -> Move:
    """A subscription goes on for another period."""
    return Move(event=RENEWAL, ago=ago, hour=13, price=price)


def cancellation(ago: int) -> Move:
    """A subscription will not be renewed; no money goes back."""
    return Move(event=CANCELLATION, ago=ago, hour=14)


def refund(ago: int, price: str) -> Move:
    """A subscription is cancelled and its price goes back."""
    return Move(event=CANCELLATION, ago=ago, hour=14, price=f"-{price}")


def expiration(ago: int) -> Move:
    """What was on has run out."""
    return Move(event=EXPIRATION, ago=ago, hour=15, price=None)


def app_opened(ago: int) -> Move:
    """The app is opened, which is no event of a subscription."""
    return Move(event=APP_OPENED, ago=ago, hour=16, price=None)
