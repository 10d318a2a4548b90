"""What user analytics must find in a simulated universe, told from its stories alone.

Where the rules leave something open, this is how they are read here:

- Days are counted between dates where the project's clocks stand; the last day of the universe is today. A trial may be
  open on the 31st day, and end exactly 31 days after it began, to the second.
- A row is a user and a product; rows of broken users are not told of. A row whose lifecycle is refused has its reason,
  status and credited date; bucket, rates and value are unknown, and its sales count in no bucket and no cohort.
- An expiration ends what is on: an open trial as a cancellation does, a subscription as one without money. After a
  cancellation or a refund it changes nothing. Alone it is `no_subscription_event`; before everything else of a product
  it is an `invalid_event_sequence`.
- An event that tells an impossible time stays, without a time: its row is refused, and has the status `unknown`.
- Where there is no bucket it is not known, rather than 0. Real revenue is that of the conversion or the purchase;
  renewals add nothing. Where neither it nor a bucket is known, the value is not known.
- A trial that is converted within its first seven days is past that phase with the conversion.
- What the platform keeps is taken off last, in every phase.
- The tier of a cohort is the country's. A rate without anything to count, and those of cohorts too small, are the
  defaults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from penstock.simulators.mixpanel.delivery import Delivery
from penstock.simulators.mixpanel.move import (
    APP_OPENED,
    INITIAL_PURCHASE,
    TRIAL_CONVERTED,
    TRIAL_STARTED,
)
from penstock.simulators.mixpanel.telling import Tale
from penstock.simulators.mixpanel.universe import Universe
from tests.pipelines.analytics_lifecycles import SALES, STARTS, Row, refuse, start_of, status_of
from tests.pipelines.analytics_tables import Event, Expected, Rates, User, UserProduct

#: Of two valid products of a user the older has this reason.
SUPERSEDED = "newer_product_chosen"
#: What is wrong with the users of a story.
BROKEN: Mapping[str, tuple[str, ...]] = {
    "missing_country": ("no_country",),
    "missing_country_and_events": ("no_country", "no_events"),
    "internal_address": ("internal_address",),
    "test_address": ("test_address",),
    "test_address_in_capitals": ("test_address",),
    "installed_in_the_future": ("first_seen_in_the_future",),
    "installed_on_no_day": ("unreadable_profile_date",),
    "no_events": ("no_events",),
    "app_opened_and_nothing_else": ("no_events",),
}
TIERS = {
    "tier1_high_income": ("US", "DE", "GB", "CA", "AU"),
    "tier2_upper_middle": ("JP", "IT"),
    "tier3_emerging": ("BR", "MX"),
    "tier4_developing": ("IN", "NG", "AQ"),
    "unknown": (None,),
}
_STORES = {
    **dict.fromkeys(("APP_STORE", "APPSTORE", "IOS", "APPLE"), "APP_STORE"),
    **dict.fromkeys(("PLAY_STORE", "PLAYSTORE", "GOOGLE_PLAY", "GOOGLE", "ANDROID"), "PLAY_STORE"),
}
_FEES = {"APP_STORE": Decimal("0.15"), "PLAY_STORE": Decimal("0.15"), "STRIPE": Decimal("0.05")}
_ACCURACIES = ("very_high", "high", "medium", "low")


def expect(universe: Universe, *, every_event: bool = False) -> Expected:
    """Return the tables of a universe, with everything that is ever delivered.

    Args:
        every_event: Events that are none of a subscription count too.
    """
    owners = {tale.person.distinct_id: tale for tale in universe.tales if tale.story.has_profile and tale.story.has_id}
    events = [
        _event(universe, tale, tale.delivery_of(move))
        for tale in owners.values()
        for move in tale.story.moves
        if every_event or move.event != APP_OPENED
    ]
    events += [_event(universe, owners[each.distinct_id], each) for each in universe.arrivals]
    users = {name: _user(tale, [each for each in events if each.distinct_id == name]) for name, tale in owners.items()}
    rows = _rows(users, events, universe.end_on)
    good = [row for row in rows if row.reason is None]
    _assign_buckets(good)
    for row in good:
        row.rates = _rates(row, good, universe.end_on)
    return Expected(
        users=users,
        events=sorted(events, key=lambda each: (each.distinct_id, each.processed_at)),
        user_products={(row.user.distinct_id, row.product_id): _finish(row, universe.end_on) for row in rows},
        duplicate_deliveries=sum(move.first_price is not None for tale in owners.values() for move in tale.story.moves),
        events_of_unknown_users=_count_strangers(universe, has_id=True),
        events_without_id=_count_strangers(universe, has_id=False),
    )


def _count_strangers(universe: Universe, *, has_id: bool) -> int:
    strangers = [tale for tale in universe.tales if not tale.story.has_profile and tale.story.has_id == has_id]
    return sum(len(tale.story.moves) for tale in strangers)


def _event(universe: Universe, tale: Tale, said: Delivery) -> Event:
    revenue, currency = said.properties.get("revenue"), said.properties.get("currency")
    amount = None if revenue is None else Decimal(str(revenue))
    store, product = str(said.properties.get("store", "")).upper(), said.properties.get("product_id")
    return Event(
        name=said.event,
        distinct_id=tale.person.distinct_id,
        at=None if said.time_text else said.at,
        on=None if said.time_text else said.on,
        insert_id=said.insert_id or None,
        product_id=None if product is None else str(product),
        store=_STORES.get(store, store),
        raw_amount=amount,
        currency=None if currency is None else str(currency),
        revenue_usd=_in_usd(universe, amount, currency, said.on),
        processed_at=said.processed_at,
    )


def _in_usd(universe: Universe, amount: Decimal | None, currency: object, on: date) -> Decimal | None:
    known = [rate for rate in universe.rates if rate.currency == currency and rate.valid_from <= on]
    return max(known, key=lambda rate: rate.valid_from).usd * amount if known and amount is not None else None


def _user(tale: Tale, events: Sequence[Event]) -> User:
    profile = tale.person.properties
    return User(
        distinct_id=tale.person.distinct_id,
        story=tale.story.name,
        broken=tuple(check for check in BROKEN.get(tale.story.name, ()) if check != "no_events" or not events),
        ad_id=profile.get("abi_~ad_id") or None,
        campaign_id=profile.get("abi_~campaign_id") or None,
        ad_set_id=profile.get("abi_~ad_set_id") or None,
        country=tale.story.country,
        region=tale.story.region,
        country_tier=next(tier for tier, countries in TIERS.items() if tale.story.country in countries),
        revenue_usd=sum((event.revenue_usd or Decimal(0) for event in events), Decimal(0)),
        events=len(events),
        products=len({event.product_id for event in events} - {None}),
    )


def _rows(users: Mapping[str, User], events: Iterable[Event], end_on: date) -> list[Row]:
    found: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if users[event.distinct_id].is_valid and event.product_id is not None:
            found[event.distinct_id, event.product_id].append(event)
    rows = [Row(users[user], product, said) for (user, product), said in sorted(found.items())]
    for row in rows:
        row.reason = refuse(row, end_on)
    _supersede([row for row in rows if row.reason is None])
    return rows


def _supersede(rows: Sequence[Row]) -> None:
    newest: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: start_of(row).moment):
        if (older := newest.get(row.user.distinct_id)) is not None:
            older.reason = SUPERSEDED
        newest[row.user.distinct_id] = row


def _assign_buckets(rows: Sequence[Row]) -> None:
    prices: dict[tuple[str | None, str, str], set[Decimal]] = defaultdict(set)
    for row in rows:
        if (sale := row.find(*SALES)) and sale.revenue_usd:
            prices[row.user.country, row.product_id, sale.name].add(sale.revenue_usd)
    buckets = {group: merge_prices(found) for group, found in prices.items()}
    for row in rows:
        own = row.find(*SALES)
        sale, row.assignment = (own, "conversion") if own else _inherit(row, rows)
        if sale is None:
            continue
        of_group = buckets.get((row.user.country, row.product_id, sale.name), {})
        row.bucket = of_group.get(sale.revenue_usd or Decimal(0))
        if row.bucket is None:
            row.assignment = "conversion_no_bucket"


def _inherit(row: Row, rows: Sequence[Row]) -> tuple[Event | None, str]:
    alike = [each for each in rows if (each.user.country, each.product_id) == (row.user.country, row.product_id)]
    sales = [sale for each in alike if (sale := each.find(TRIAL_CONVERTED)) and sale.revenue_usd]
    began = start_of(row).moment
    if earlier := [sale for sale in sales if sale.moment < began]:
        return max(earlier, key=lambda sale: sale.moment), "inherited_prior"
    if sales:
        return min(sales, key=lambda sale: abs(sale.moment - began)), "inherited_closest"
    return None, "no_conversions_ever"


def merge_prices(prices: Iterable[Decimal]) -> dict[Decimal, Decimal]:
    """Return the bucket of every price: the mean of those that are merged with it."""
    buckets = [[price] for price in sorted(set(prices))]
    while True:
        gaps = [(high[0] - low[-1], place) for place, (low, high) in enumerate(pairwise(buckets))]
        near = [
            (gap, place) for gap, place in gaps if gap <= max(buckets[place + 1][-1] * Decimal("0.175"), Decimal(5))
        ]
        if not near:
            return {price: sum(bucket, Decimal(0)) / len(bucket) for bucket in buckets for price in bucket}
        _, place = min(near)
        buckets[place : place + 2] = [buckets[place] + buckets[place + 1]]


def _rates(row: Row, rows: Sequence[Row], end_on: date) -> Rates:
    recent = [each for each in rows if 8 <= (end_on - start_of(each).day).days <= 53]
    for dropped, accuracy in enumerate(_ACCURACIES):
        kind = _kind(row)[: 6 - dropped]
        cohort = [each for each in recent if _kind(each)[: 6 - dropped] == kind]
        if len(cohort) >= 12:
            return _count_rates(cohort, accuracy, end_on)
    return Rates()


def _kind(row: Row) -> tuple[object, ...]:
    user = row.user
    return row.product_id, row.bucket, row.store, user.country_tier, user.country, user.region


def _count_rates(cohort: Sequence[Row], accuracy: str, end_on: date) -> Rates:
    trials = [row for row in cohort if row.find(TRIAL_STARTED)]
    rates = Rates(accuracy)
    if trials:
        rates = replace(rates, conversion=_share([row.find(TRIAL_CONVERTED) is not None for row in trials]))
    if converted := _refunds(cohort, TRIAL_CONVERTED, end_on - timedelta(days=38)):
        rates = replace(rates, trial_refund=_share(converted))
    if bought := _refunds(cohort, INITIAL_PURCHASE, end_on - timedelta(days=30)):
        rates = replace(rates, purchase_refund=_share(bought))
    return rates


def _refunds(cohort: Sequence[Row], name: str, before: date) -> list[bool]:
    """Return for every sale before a day whether its money went back within thirty days."""
    sales = [(row, sale) for row in cohort if (sale := row.find(name)) and sale.day < before]
    return [
        any(e.is_refund and timedelta(0) <= e.moment - sale.moment <= timedelta(days=30) for e in row.events)
        for row, sale in sales
    ]


def _share(found: Sequence[bool]) -> Decimal:
    return Decimal(sum(found)) / len(found)


def _finish(row: Row, end_on: date) -> UserProduct:
    start, sale = row.find(*STARTS), row.find(TRIAL_CONVERTED)
    credited_on = start.day if start else sale.day - timedelta(days=8) if sale else None
    status = status_of(row, end_on)
    user = row.user
    told = UserProduct(user.distinct_id, row.product_id, user.story, row.store, status, row.reason, credited_on)
    if row.reason is not None:
        return told
    value_status, value = _value(row, status, end_on)
    return replace(
        told,
        price_bucket=row.bucket,
        assignment=row.assignment,
        rates=row.rates,
        value_status=value_status,
        value=value,
    )


def _value(row: Row, status: str, end_on: date) -> tuple[str, Decimal | None]:
    bought = row.find(INITIAL_PURCHASE)
    sale = bought or row.find(TRIAL_CONVERTED)
    days = (end_on - (bought or start_of(row)).day).days
    phase, share = (_purchase_phase if bought else _trial_phase)(days, row.rates)
    if sale is not None and phase == "pending_trial":
        phase = "post_conversion_pre_refund"
    if status.endswith("_refunded") or status == "trial_cancelled" or (status == "trial_pending" and days > 7):
        return phase, Decimal(0)
    base = sale.revenue_usd if sale is not None and sale.revenue_usd is not None else row.bucket
    if base is None:
        return phase, None
    expected = Decimal(1) if sale is not None else row.rates.conversion
    return phase, base * expected * share * (1 - _FEES.get(row.store, Decimal(0)))


def _purchase_phase(days: int, rates: Rates) -> tuple[str, Decimal]:
    return ("post_purchase_pre_refund", 1 - rates.purchase_refund) if days <= 30 else ("final_value", Decimal(1))


def _trial_phase(days: int, rates: Rates) -> tuple[str, Decimal]:
    if days <= 7:
        return "pending_trial", 1 - rates.trial_refund
    return ("post_conversion_pre_refund", 1 - rates.trial_refund) if days <= 37 else ("final_value", Decimal(1))
