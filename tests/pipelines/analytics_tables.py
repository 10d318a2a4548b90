"""The tables of user analytics as the oracle tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.simulators.mixpanel.move import CANCELLATION


@dataclass(frozen=True, slots=True)
class User:
    """A row of users."""

    distinct_id: str
    story: str
    broken: tuple[str, ...]
    ad_id: str | None
    campaign_id: str | None
    ad_set_id: str | None
    country: str | None
    region: str
    country_tier: str
    revenue_usd: Decimal
    events: int
    products: int

    @property
    def is_valid(self) -> bool:
        return not self.broken

    @property
    def is_attributed(self) -> bool:
        return bool(self.ad_id or self.campaign_id or self.ad_set_id)


@dataclass(frozen=True, slots=True)
class Event:
    """A row of events: once each, under the identity of the profile.

    Args:
        on: The day it was where the project's clocks stand.
    """

    name: str
    distinct_id: str
    at: datetime | None
    on: date | None
    insert_id: str | None
    product_id: str | None
    store: str
    raw_amount: Decimal | None
    currency: str | None
    revenue_usd: Decimal | None
    processed_at: datetime

    @property
    def is_refund(self) -> bool:
        return self.name == CANCELLATION and self.raw_amount is not None and self.raw_amount < 0

    @property
    def moment(self) -> datetime:
        assert self.at is not None
        return self.at

    @property
    def day(self) -> date:
        """The day it was where the project's clocks stand."""
        assert self.on is not None
        return self.on


@dataclass(frozen=True, slots=True)
class Rates:
    """What is expected of trials and purchases like these."""

    accuracy: str = "default"
    conversion: Decimal = Decimal("0.25")
    trial_refund: Decimal = Decimal("0.20")
    purchase_refund: Decimal = Decimal("0.40")


@dataclass(frozen=True, slots=True)
class UserProduct:
    """A row of users' products, of valid users."""

    distinct_id: str
    product_id: str
    story: str
    store: str
    status: str
    reason: str | None
    credited_on: date | None
    price_bucket: Decimal | None = None
    assignment: str | None = None
    rates: Rates | None = None
    value_status: str | None = None
    value: Decimal | None = None

    @property
    def is_valid(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Expected:
    """All tables, and what is counted besides them."""

    users: Mapping[str, User]
    events: Sequence[Event]
    user_products: Mapping[tuple[str, str], UserProduct]
    duplicate_deliveries: int
    events_of_unknown_users: int
    events_without_id: int
    people_without_id: int = 1
    events_without_time: int = 1
    #: Sales in a currency without a rate on their day.
    events_without_rate: int = 2
