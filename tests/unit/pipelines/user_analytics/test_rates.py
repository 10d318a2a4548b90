"""Rates are learnt from users alike, of the right days, and only from enough of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from penstock.pipelines.user_analytics.rules.history import read_history
from penstock.pipelines.user_analytics.rules.rates import DEFAULT, Likeness, RateBook, to_decimal
from tests.unit.pipelines.user_analytics.histories import AS_OF, life

LIKE = Likeness("p", 10_000_000, "APP_STORE", "tier1_high_income", "US", "Texas")
Told = list[tuple[str, float]]


def a_book(*users: tuple[Likeness, Told]) -> RateBook:
    return RateBook(((likeness, read_history(life(*told))) for likeness, told in users), AS_OF)


def test_shares_are_those_of_the_cohort() -> None:
    converted: Told = [("start", 53), ("convert", 46)]
    refunded: Told = [*converted, ("refund", 30)]
    cancelled: Told = [("start", 8), ("end", 5)]
    bought: Told = [("buy", 40)]
    returned: Told = [("buy", 40), ("refund", 10)]
    told = [converted] * 3 + [refunded] + [cancelled] * 4 + [bought] * 4 + [returned]
    rates = a_book(*((LIKE, one) for one in told)).rates_for(LIKE)
    assert (rates.conversion, rates.trial_refund, rates.purchase_refund) == (
        Fraction(4, 8),
        Fraction(1, 4),
        Fraction(1, 5),
    )
    assert (rates.accuracy, rates.users) == ("very_high", 13)


@pytest.mark.parametrize(("days", "counts"), [(7, False), (8, True), (53, True), (54, False)])
def test_users_are_learnt_from_8_to_53_days_after_their_start(days: int, counts: bool) -> None:
    book = a_book(*[(LIKE, [("buy", days)])] * 12)
    assert (book.rates_for(LIKE) != DEFAULT) is counts


def test_eleven_users_are_too_few() -> None:
    assert a_book(*[(LIKE, [("buy", 20)])] * 11).rates_for(LIKE) == DEFAULT
    assert a_book(*[(LIKE, [("buy", 20)])] * 12).rates_for(LIKE).accuracy == "very_high"


@pytest.mark.parametrize(
    ("other", "accuracy"),
    [
        (replace(LIKE, region="Ohio"), "high"),
        (replace(LIKE, country="DE", region="Berlin"), "medium"),
        (replace(LIKE, tier="tier3_emerging", country="BR"), "low"),
        (replace(LIKE, store="STRIPE"), "default"),
        (replace(LIKE, bucket=None), "default"),
        (replace(LIKE, product_id="q"), "default"),
    ],
)
def test_region_then_country_then_tier_are_left_out_and_nothing_else(other: Likeness, accuracy: str) -> None:
    users = [(LIKE, [("buy", 20.0)])] * 6 + [(other, [("buy", 20.0)])] * 6
    assert a_book(*users).rates_for(LIKE).accuracy == accuracy


@pytest.mark.parametrize(
    ("refund", "share"), [(20.0, Fraction(1)), (10.0, Fraction(1)), (9.9, Fraction(0)), (50.0, Fraction(0))]
)
def test_money_counts_as_gone_back_within_thirty_days_of_the_sale(refund: float, share: Fraction) -> None:
    rates = a_book(*[(LIKE, [("buy", 40.0), ("refund", refund)])] * 12).rates_for(LIKE)
    assert rates.purchase_refund == share


@pytest.mark.parametrize(("days", "is_counted"), [(30, False), (31, True)])
def test_only_purchases_older_than_thirty_days_tell_of_refunds(days: int, is_counted: bool) -> None:
    rates = a_book(*[(LIKE, [("buy", days)])] * 12).rates_for(LIKE)
    assert rates.purchase_refund == (Fraction(0) if is_counted else DEFAULT.purchase_refund)


@pytest.mark.parametrize(("days", "is_counted"), [(38, False), (39, True)])
def test_only_conversions_older_than_38_days_tell_of_refunds(days: int, is_counted: bool) -> None:
    rates = a_book(*[(LIKE, [("start", 50), ("convert", days)])] * 12).rates_for(LIKE)
    assert rates.conversion == 1
    assert rates.trial_refund == (Fraction(0) if is_counted else DEFAULT.trial_refund)


def test_shares_are_shown_with_six_digits() -> None:
    assert [str(to_decimal(Fraction(*one))) for one in ((1, 3), (2, 3), (1, 4), (0, 1))] == [
        "0.333333",
        "0.666667",
        "0.250000",
        "0.000000",
    ]
