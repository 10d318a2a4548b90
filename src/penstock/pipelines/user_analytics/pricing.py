"""The buckets of all prices, and which of them each user belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from penstock.pipelines.user_analytics.histories import Key
from penstock.pipelines.user_analytics.rules.history import History
from penstock.pipelines.user_analytics.rules.inheritance import Assignment, Sale, choose_sale
from penstock.pipelines.user_analytics.rules.lifecycle import Happening, Kind
from penstock.pipelines.user_analytics.rules.price_buckets import Bucket, find_bucket, make_buckets

#: Country, product, name of the event: prices are compared among equals.
Group = tuple[str | None, str, str]
#: A user's country, the user with a product, what became of it.
Priced = tuple[str | None, Key, History]


class PriceBook:
    """All buckets.

    Args:
        users: Whose sales make the buckets: one each, for a valid life has no other.
    """

    def __init__(self, users: Iterable[Priced]) -> None:
        prices: defaultdict[Group, set[int]] = defaultdict(set)
        sales: list[tuple[Group, Happening]] = []
        for country, (_, product), history in users:
            sale = history.sale
            if sale is not None and sale.micros is not None and sale.micros > 0:
                group = (country, product, sale.kind.value)
                prices[group].add(sale.micros)
                sales.append((group, sale))
        self._buckets = {group: make_buckets(found) for group, found in prices.items()}
        self._conversions = self._list_conversions(sales)

    def iter_buckets(self) -> Iterator[tuple[Group, Bucket]]:
        """Yield every bucket with its group."""
        for group, buckets in self._buckets.items():
            yield from ((group, bucket) for bucket in buckets)

    def assign(self, country: str | None, product: str, history: History) -> tuple[int | None, str, str | None]:
        """Return a user's bucket in millionths of a dollar, how it was found, and which event it is taken from."""
        own = history.sale
        if own is not None:
            bucket = find_bucket(own.micros, self._buckets.get((country, product, own.kind.value), []))
            if bucket is None:
                return None, Assignment.CONVERSION_NO_BUCKET.value, None
            return bucket.value, Assignment.CONVERSION.value, None
        if history.started_at is None:
            return None, Assignment.NO_EVENT.value, None
        how, sale = choose_sale(history.started_at, self._conversions.get((country, product), []))
        return (None, how.value, None) if sale is None else (sale.bucket, how.value, sale.event_name)

    def _list_conversions(self, sales: Iterable[tuple[Group, Happening]]) -> dict[tuple[str | None, str], list[Sale]]:
        found: defaultdict[tuple[str | None, str], list[Sale]] = defaultdict(list)
        for (country, product, name), event in sales:
            bucket = find_bucket(event.micros, self._buckets[country, product, name])
            if event.kind is Kind.TRIAL_CONVERTED and event.at is not None and bucket is not None:
                found[country, product].append(Sale(event.at, event.event_id, name, bucket.value))
        return {key: sorted(of_key) for key, of_key in found.items()}
