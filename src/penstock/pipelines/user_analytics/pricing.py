"""The buckets of all prices, and which of them each user belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from penstock.pipelines.user_analytics.rules.history import History
from penstock.pipelines.user_analytics.rules.inheritance import Assignment, Sale, choose_sale
from penstock.pipelines.user_analytics.rules.lifecycle import Happening, Kind, in_order
from penstock.pipelines.user_analytics.rules.price_buckets import Bucket, find_bucket, make_buckets
from penstock.pipelines.user_analytics.subscriptions import Subscription

#: Country, product, name of the event: prices are compared among equals.
Group = tuple[str | None, str, str]
#: A user's country, the user with a product, what became of it.
Priced = tuple[str | None, Subscription, History]
_SALES = (Kind.TRIAL_CONVERTED, Kind.INITIAL_PURCHASE)


class PriceBook:
    """All buckets.

    Args:
        users: Whose sales make the buckets.
    """

    def __init__(self, users: Iterable[Priced]) -> None:
        prices: defaultdict[Group, set[int]] = defaultdict(set)
        sales: list[tuple[Group, Happening]] = []
        for country, one, _ in users:
            for event in one.events:
                if event.kind in _SALES and event.at is not None and event.micros is not None and event.micros > 0:
                    group = (country, one.product_id, event.kind.value)
                    prices[group].add(event.micros)
                    sales.append((group, event))
        self._buckets = {group: make_buckets(found) for group, found in prices.items()}
        self._conversions = self._list_conversions(sales)

    def iter_buckets(self) -> Iterator[tuple[Group, Bucket]]:
        """Yield every bucket with its group."""
        for group, buckets in self._buckets.items():
            yield from ((group, bucket) for bucket in buckets)

    def assign(self, country: str | None, one: Subscription, history: History) -> tuple[int | None, str, str | None]:
        """Return a user's bucket in millionths of a dollar, how it was found, and which event it is taken from."""
        own = history.sale
        if own is not None:
            bucket = find_bucket(own.micros, self._buckets.get((country, one.product_id, own.kind.value), []))
            if bucket is None:
                return None, Assignment.CONVERSION_NO_BUCKET.value, None
            return bucket.value, Assignment.CONVERSION.value, None
        dated = in_order(one.events)
        started_at = history.started_at or (dated[0].at if dated else None)
        if started_at is None:
            return None, Assignment.NO_EVENT.value, None
        how, sale = choose_sale(started_at, self._conversions.get((country, one.product_id), []))
        return (None, how.value, None) if sale is None else (sale.bucket, how.value, sale.event_name)

    def _list_conversions(self, sales: Iterable[tuple[Group, Happening]]) -> dict[tuple[str | None, str], list[Sale]]:
        found: defaultdict[tuple[str | None, str], list[Sale]] = defaultdict(list)
        for (country, product, name), event in sales:
            bucket = find_bucket(event.micros, self._buckets[country, product, name])
            if event.kind is Kind.TRIAL_CONVERTED and event.at is not None and bucket is not None:
                found[country, product].append(Sale(event.at, event.event_id, name, bucket.value))
        return {key: sorted(of_key) for key, of_key in found.items()}
