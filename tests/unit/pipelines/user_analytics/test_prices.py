"""Prices that are near each other are one bucket; those without a price take that of the sale before."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.pipelines.user_analytics.rules.inheritance import Assignment, Sale, choose_sale
from penstock.pipelines.user_analytics.rules.price_buckets import find_bucket, make_buckets
from tests.unit.pipelines.user_analytics.histories import ago

_PRICES = st.lists(st.integers(1, 300_000_000), max_size=12)


def dollars(*prices: str) -> list[int]:
    return [round(Fraction(price) * 1_000_000) for price in prices]


@pytest.mark.parametrize(
    ("prices", "buckets"),
    [
        (["4.99", "9.99"], [["4.99", "9.99"]]),
        (["4.98", "9.99"], [["4.98"], ["9.99"]]),
        (["33", "40"], [["33", "40"]]),
        (["32.999999", "40"], [["32.999999"], ["40"]]),
        # The closest pair does not qualify; a dearer one does.
        (["10", "15.5", "100", "106"], [["10"], ["15.5"], ["100", "106"]]),
        (["10", "14.9", "19.8", "20"], [["10", "14.9", "19.8", "20"]]),
        # Equal gaps: the cheaper pair first, then that bucket with the next price.
        (["10", "15", "20"], [["10", "15", "20"]]),
        ([], []),
    ],
)
def test_buckets_are_merged_by_the_rule(prices: list[str], buckets: list[list[str]]) -> None:
    assert [list(bucket.prices) for bucket in make_buckets(dollars(*prices))] == [dollars(*each) for each in buckets]


def test_a_bucket_is_worth_the_mean_of_its_distinct_prices() -> None:
    (bucket,) = make_buckets(dollars("10", "10", "10", "13"))
    assert bucket.value == 11_500_000


@given(_PRICES)
def test_every_price_lies_in_one_bucket_and_any_order_gives_the_same(prices) -> None:
    buckets = make_buckets(prices)
    assert sorted(price for bucket in buckets for price in bucket.prices) == sorted(set(prices))
    assert make_buckets(reversed(prices)) == buckets
    for price in prices:
        found = find_bucket(price, buckets)
        assert found is not None
        assert price in found.prices


@given(_PRICES)
def test_no_two_buckets_are_left_that_would_qualify_neighbours_or_not(prices) -> None:
    buckets = make_buckets(prices)
    for place, low in enumerate(buckets):
        for high in buckets[place + 1 :]:
            assert high.lowest - low.highest > max(Fraction(175, 1000) * high.highest, 5_000_000)


@pytest.mark.parametrize("price", [None, 0, -5, 7_000_000])
def test_a_price_that_is_not_positive_or_not_known_has_no_bucket(price: int | None) -> None:
    assert find_bucket(price, make_buckets([5_000_000, 20_000_000])) is None


def a_sale(days: float, bucket: int) -> Sale:
    return Sale(ago(days), f"{days}", "RC Trial converted", bucket)


@pytest.mark.parametrize(
    ("sales", "how", "bucket"),
    [
        ([a_sale(30, 1), a_sale(20, 2), a_sale(5, 3)], Assignment.INHERITED_PRIOR, 2),
        ([a_sale(5, 3), a_sale(4, 4)], Assignment.INHERITED_CLOSEST, 3),
        ([a_sale(10, 1)], Assignment.INHERITED_CLOSEST, 1),
        ([], Assignment.NO_CONVERSIONS_EVER, None),
    ],
)
def test_a_trial_takes_the_last_sale_before_else_the_closest(
    sales: list[Sale], how: Assignment, bucket: int | None
) -> None:
    found, sale = choose_sale(ago(10), sales)
    assert (found, sale.bucket if sale else None) == (how, bucket)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6, unique=True))
def test_the_sale_that_is_chosen_is_the_best_of_all(days) -> None:
    sales = sorted(a_sale(day, day) for day in days)
    started = ago(30) + timedelta(hours=1)
    how, sale = choose_sale(started, sales)
    assert sale is not None
    before = [one for one in sales if one.at < started]
    best = max(before) if before else min(sales, key=lambda one: abs(one.at - started))
    assert (how is Assignment.INHERITED_PRIOR, sale) == (bool(before), best)
