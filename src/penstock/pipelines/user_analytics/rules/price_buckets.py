"""Puts prices that are nearly equal into one bucket."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

#: Two buckets may become one when the gap between them is at most this share of the higher bound, or this much.
NEAR_SHARE = Fraction(175, 1000)
NEAR_MICROS = 5_000_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """Distinct prices in millionths of a dollar, in order."""

    prices: tuple[int, ...]

    @property
    def lowest(self) -> int:
        """The lower bound."""
        return self.prices[0]

    @property
    def highest(self) -> int:
        """The upper bound."""
        return self.prices[-1]

    @property
    def value(self) -> int:
        """The mean of the prices, a half rounded to the even neighbour."""
        return round(Fraction(sum(self.prices), len(self.prices)))


def make_buckets(prices: Iterable[int]) -> list[Bucket]:
    """Return the buckets of some prices, by price.

    Pairs are merged while one qualifies, the one with the smallest gap first, the cheaper of two with equal gaps. Only
    neighbours are compared: a bucket that is near enough to one beyond its neighbour is, or will be, to its neighbour.
    """
    buckets = [Bucket((price,)) for price in sorted({price for price in prices if price > 0})]
    while (place := _nearest_pair(buckets)) is not None:
        low, high = buckets[place : place + 2]
        buckets[place : place + 2] = [Bucket(low.prices + high.prices)]
    return buckets


def find_bucket(price: int | None, buckets: Sequence[Bucket]) -> Bucket | None:
    """Return the bucket a price lies in; None for a price that is not positive or not known."""
    if price is None or price <= 0:
        return None
    place = bisect_left([bucket.highest for bucket in buckets], price)
    return buckets[place] if place < len(buckets) and buckets[place].lowest <= price else None


def _nearest_pair(buckets: Sequence[Bucket]) -> int | None:
    gaps = [
        (high.lowest - low.highest, place)
        for place, (low, high) in enumerate(pairwise(buckets))
        if _qualifies(low, high)
    ]
    return min(gaps)[1] if gaps else None


def _qualifies(low: Bucket, high: Bucket) -> bool:
    gap = high.lowest - low.highest
    return gap <= NEAR_MICROS or gap <= NEAR_SHARE * high.highest
