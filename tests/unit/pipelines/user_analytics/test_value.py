"""What a subscription is worth, in every phase, whatever became of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.pipelines.user_analytics.rules.history import read_history
from penstock.pipelines.user_analytics.rules.rates import DEFAULT
from penstock.pipelines.user_analytics.rules.value import estimate_value
from tests.unit.pipelines.user_analytics.histories import AS_OF, WORDS, life

_PENDING, _TRIAL, _PURCHASE, _FINAL = (
    "pending_trial",
    "post_conversion_pre_refund",
    "post_purchase_pre_refund",
    "final_value",
)


def worth(*told: tuple[str, float], price: int | None = 10_000_000, bucket: int | None = 8_000_000, store: str = "X"):
    history = read_history(life(*told, price=price))
    value = estimate_value(history, bucket=bucket, rates=DEFAULT, store=store, as_of=AS_OF)
    assert value is not None
    return value.status.value, None if value.micros is None else Fraction(value.micros, 1_000_000)


@pytest.mark.parametrize(
    ("told", "status", "value"),
    [
        ([("start", 0)], _PENDING, "1.6"),
        ([("start", 7)], _PENDING, "1.6"),
        ([("start", 8)], _TRIAL, "0"),
        ([("start", 37), ("convert", 30)], _TRIAL, "8"),
        ([("start", 38), ("convert", 31)], _FINAL, "10"),
        # A trial shorter than the first phase: what it brought is known, no need to guess.
        ([("start", 5), ("convert", 2)], _TRIAL, "8"),
        ([("buy", 0)], _PURCHASE, "6"),
        ([("buy", 30)], _PURCHASE, "6"),
        ([("buy", 31)], _FINAL, "10"),
        ([("buy", 60), ("renew", 30), ("renew", 1)], _FINAL, "10"),
    ],
)
def test_each_phase_has_its_value(told: list[tuple[str, float]], status: str, value: str) -> None:
    assert worth(*told) == (status, Fraction(value))


@pytest.mark.parametrize(
    "told",
    [
        [("start", 3), ("end", 1)],
        [("start", 5), ("expire", 1)],
        [("start", 20), ("end", 15)],
        [("start", 50), ("end", 45)],
        [("start", 7), ("convert", 4), ("refund", 1)],
        [("start", 15), ("convert", 8), ("refund", 3)],
        [("start", 50), ("convert", 43), ("refund", 40)],
        [("buy", 5), ("refund", 2)],
        [("buy", 40), ("refund", 35)],
    ],
)
def test_what_ended_or_went_back_is_worth_nothing_at_once(told: list[tuple[str, float]]) -> None:
    assert worth(*told)[1] == 0


@pytest.mark.parametrize(
    ("told", "status", "value"),
    [
        ([("start", 20), ("end", 15), ("buy", 10)], _PURCHASE, "6"),
        ([("start", 60), ("end", 55), ("buy", 10)], _PURCHASE, "6"),
        ([("start", 60), ("end", 55), ("buy", 40)], _FINAL, "10"),
    ],
)
def test_who_buys_after_a_trial_counts_as_a_buyer_from_that_day(
    told: list[tuple[str, float]], status: str, value: str
) -> None:
    assert worth(*told) == (status, Fraction(value))


def test_a_sale_without_a_rate_is_worth_what_others_paid_and_unknown_without_them() -> None:
    assert worth(("buy", 40), price=None) == (_FINAL, Fraction(8))
    assert worth(("buy", 40), price=None, bucket=None) == (_FINAL, None)
    assert worth(("start", 3), bucket=None) == (_PENDING, None)


@pytest.mark.parametrize(
    ("store", "kept"),
    [("APP_STORE", "8.5"), ("PLAY_STORE", "8.5"), ("STRIPE", "9.5"), ("PROMOTIONAL", "10"), ("", "10")],
)
def test_the_platform_keeps_its_share(store: str, kept: str) -> None:
    assert worth(("buy", 40), store=store)[1] == Fraction(kept)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([("start", 5)], "trial_pending"),
        ([("start", 32)], "extended_trial_error"),
        ([("start", 5), ("end", 1)], "trial_cancelled"),
        ([("start", 5), ("expire", 1)], "trial_cancelled"),
        ([("start", 50), ("convert", 40)], "trial_converted"),
        ([("start", 50), ("convert", 40), ("renew", 10)], "trial_converted"),
        ([("start", 50), ("convert", 40), ("cancel", 10)], "trial_converted_cancelled"),
        ([("start", 50), ("convert", 40), ("expire", 10)], "trial_converted_cancelled"),
        ([("start", 50), ("convert", 40), ("refund", 10), ("expire", 9)], "trial_converted_refunded"),
        ([("buy", 50)], "initial_purchase"),
        ([("buy", 50), ("cancel", 30), ("renew", 10)], "initial_purchase"),
        ([("buy", 50), ("cancel", 10)], "purchase_cancelled"),
        ([("buy", 50), ("refund", 10)], "purchase_refunded"),
        ([("start", 60), ("end", 50), ("buy", 40), ("cancel", 10)], "purchase_cancelled"),
        ([("cancel", 10)], "cancelled"),
        ([("refund", 10)], "refunded"),
        ([("renew", 10)], "unknown"),
        ([("expire", 10)], "unknown"),
    ],
)
def test_the_status_is_that_of_the_last_event_and_of_its_origin(told: list[tuple[str, float]], status: str) -> None:
    assert read_history(life(*told)).status_on(AS_OF).value == status


@pytest.mark.parametrize(
    ("told", "days"),
    [([("start", 20), ("convert", 13)], 20), ([("start", 20), ("buy", 3)], 20), ([("convert", 5)], 13)],
)
def test_users_are_credited_to_their_first_start_or_eight_days_before_a_conversion(
    told: list[tuple[str, float]], days: int
) -> None:
    credited_on = read_history(life(*told)).credited_on
    assert credited_on is not None
    assert (AS_OF - credited_on).days == days


@given(
    st.lists(st.tuples(st.sampled_from(sorted(WORDS)), st.floats(0, 90)), max_size=8), st.sampled_from(["STRIPE", ""])
)
def test_no_value_is_negative_or_more_than_was_paid(told, store) -> None:
    history = read_history(life(*told))
    value = estimate_value(history, bucket=10_000_000, rates=DEFAULT, store=store, as_of=AS_OF)
    assert value is None or 0 <= (value.micros or 0) <= 10_000_000
    assert (value is None) == (history.started_at is None)
