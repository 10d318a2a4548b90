"""The oracle of user analytics says of each planted story what its name promises."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from penstock.simulators.mixpanel.stories.deliveries import LATE
from penstock.simulators.mixpanel.stories.lifecycles import LIFECYCLES
from penstock.simulators.mixpanel.universe import Universe
from tests.pipelines.analytics_oracle import BROKEN, SUPERSEDED, expect, merge_prices
from tests.pipelines.analytics_tables import Expected, UserProduct

END_ON = date(2026, 3, 31)
PENDING, POST_TRIAL, POST_PURCHASE = "pending_trial", "post_conversion_pre_refund", "post_purchase_pre_refund"
FINAL = "final_value"
#: Status, phase and value, worked out by hand: 9.99 x 0.25 x 0.80 x 0.85 = 1.6983, and so on.
WORTH = {
    "trial_pending_day_0": ("trial_pending", PENDING, "1.6983"),
    "trial_pending_day_7": ("trial_pending", PENDING, "1.6983"),
    "trial_open_day_8": ("trial_pending", POST_TRIAL, "0"),
    "trial_open_day_31": ("trial_pending", POST_TRIAL, "0"),
    "trial_cancelled_day_3": ("trial_cancelled", PENDING, "0"),
    "trial_cancelled_day_20": ("trial_cancelled", POST_TRIAL, "0"),
    "trial_cancelled_day_50": ("trial_cancelled", FINAL, "0"),
    "trial_expired_day_5": ("trial_cancelled", PENDING, "0"),
    "trial_expired_day_25": ("trial_cancelled", POST_TRIAL, "0"),
    "trial_converted_day_5": ("trial_converted", POST_TRIAL, "6.7932"),
    "trial_converted_day_8": ("trial_converted", POST_TRIAL, "6.7932"),
    "trial_converted_day_37": ("trial_converted", POST_TRIAL, "6.7932"),
    "trial_converted_day_38": ("trial_converted", FINAL, "8.4915"),
    "trial_converted_after_31_days": ("trial_converted", FINAL, "8.4915"),
    "trial_converted_renewed": ("trial_converted", FINAL, "8.4915"),
    "trial_converted_cancelled": ("trial_converted_cancelled", FINAL, "8.4915"),
    "trial_converted_cancelled_expired": ("trial_converted_cancelled", FINAL, "8.4915"),
    "trial_converted_refunded_day_15": ("trial_converted_refunded", POST_TRIAL, "0"),
    "trial_converted_refunded_day_50": ("trial_converted_refunded", FINAL, "0"),
    "purchase_day_0": ("initial_purchase", POST_PURCHASE, "15.2949"),
    "purchase_in_the_last_evening": ("initial_purchase", POST_PURCHASE, "15.2949"),
    "purchase_day_30": ("initial_purchase", POST_PURCHASE, "15.2949"),
    "purchase_day_31": ("initial_purchase", FINAL, "25.4915"),
    "purchase_day_31_in_the_evening": ("initial_purchase", FINAL, "25.4915"),
    "purchase_renewed": ("initial_purchase", FINAL, "25.4915"),
    "purchase_cancelled_day_10": ("purchase_cancelled", POST_PURCHASE, "15.2949"),
    "purchase_cancelled_day_50": ("purchase_cancelled", FINAL, "25.4915"),
    "purchase_refunded_day_5": ("purchase_refunded", POST_PURCHASE, "0"),
    "purchase_refunded_day_40": ("purchase_refunded", FINAL, "0"),
    "purchase_after_trial_day_20": ("initial_purchase", POST_PURCHASE, "15.2949"),
    "purchase_after_trial_day_60": ("initial_purchase", FINAL, "25.4915"),
    "store_ios": ("initial_purchase", FINAL, "17"),
    "store_google": ("initial_purchase", FINAL, "17"),
    "store_stripe": ("initial_purchase", FINAL, "19"),
    "store_promotional": ("initial_purchase", FINAL, "0"),
    "store_unknown": ("initial_purchase", FINAL, "20"),
    "store_of_two": ("initial_purchase", FINAL, "17"),
    "currency_eur_before_change": ("initial_purchase", FINAL, "9.34065"),
    "currency_eur_evening_before_change": ("initial_purchase", FINAL, "9.34065"),
    "currency_eur_after_change": ("initial_purchase", POST_PURCHASE, "6.11388"),
    "currency_eur_day_of_change": ("initial_purchase", FINAL, "10.1898"),
    "currency_gbp": ("initial_purchase", POST_PURCHASE, "5.093625"),
    "currency_jpy": ("initial_purchase", POST_PURCHASE, "5.1255"),
    "currency_without_rate": ("initial_purchase", POST_PURCHASE, None),
    "currency_before_first_rate": ("initial_purchase", POST_PURCHASE, None),
    "inherit_cheap_conversion": ("trial_converted", FINAL, "4.25"),
    "inherit_dear_conversion": ("trial_converted", POST_TRIAL, "34"),
    "inherited_prior_dear": ("trial_pending", PENDING, "8.5"),
    "inherited_prior_cheap": ("trial_pending", POST_TRIAL, "0"),
    "inherited_closest": ("trial_cancelled", FINAL, "0"),
    "no_conversions_ever": ("trial_pending", PENDING, None),
    "cohort_very_high_pending": ("trial_pending", PENDING, "6.375"),
    "cohort_high_pending": ("trial_pending", PENDING, "6.375"),
    "cohort_medium_pending": ("trial_pending", PENDING, "4.25"),
    "cohort_low_pending": ("trial_pending", PENDING, "9.5625"),
    "cohort_buyers_today": ("initial_purchase", POST_PURCHASE, "12.75"),
    "delivered_twice_and_corrected": ("initial_purchase", FINAL, "25.4915"),
    LATE: ("trial_pending", PENDING, "1.6983"),
}
#: Status of rows that are refused, by reason, where it is not told by the name of the last event.
REFUSED = {
    "trial_without_end": "extended_trial_error",
    "cancellation_without_subscription": "cancelled",
    "cancellation_without_subscription-refund": "refunded",
    "renewal_without_subscription": "unknown",
    "no_subscription_event": "unknown",
    "datetime_parse_error": "unknown",
}
#: Bucket, how it was found, and how well the rates fit.
PRICED: dict[str, set[tuple[str | None, str, str]]] = {
    "prices_5_usd_apart": {("7.49", "conversion", "default")},
    "prices_5_usd_and_a_cent_apart": {("4.98", "conversion", "default"), ("9.99", "conversion", "default")},
    "prices_17_5_percent_apart": {("36.5", "conversion", "default")},
    "prices_17_5_percent_and_a_cent_apart": {("32.99", "conversion", "default"), ("40", "conversion", "default")},
    "prices_near_only_when_dear": {
        ("10", "conversion", "default"),
        ("15.5", "conversion", "default"),
        ("103", "conversion", "default"),
    },
    "prices_in_a_chain": {("14", "conversion", "default")},
    "prices_of_two_countries": {("10", "conversion", "default"), ("12", "conversion", "default")},
    "prices_of_two_events": {("10", "conversion", "default"), ("12", "conversion", "default")},
    "inherited_prior_dear": {("50", "inherited_prior", "default")},
    "inherited_prior_cheap": {("5", "inherited_prior", "default")},
    "inherited_closest": {("5", "inherited_closest", "default")},
    "no_conversions_ever": {(None, "no_conversions_ever", "default")},
    "store_promotional": {(None, "conversion_no_bucket", "default")},
    "cohort_very_high_pending": {("20", "inherited_prior", "very_high")},
    "cohort_high_pending": {("20", "inherited_prior", "high")},
    "cohort_medium_pending": {("20", "inherited_prior", "medium")},
    "cohort_low_pending": {("20", "inherited_prior", "low")},
    "cohort_buyers_today": {("20", "conversion", "very_high")},
}


@pytest.fixture(scope="module")
def expected() -> Expected:
    return expect(Universe(end_on=END_ON))


def rows_of(expected: Expected, story: str) -> list[UserProduct]:
    return [row for row in expected.user_products.values() if row.story == story]


@pytest.mark.parametrize("story", WORTH)
def test_a_user_is_worth_what_the_story_says(story: str, expected: Expected) -> None:
    (row,) = rows_of(expected, story)
    status, phase, value = WORTH[story]
    assert (row.status, row.value_status) == (status, phase)
    assert row.value == (None if value is None else Decimal(value))


@pytest.mark.parametrize("story", [each.name for each in LIFECYCLES if each.moves])
def test_a_life_that_cannot_be_is_refused_for_the_reason_the_story_is_named_after(
    story: str, expected: Expected
) -> None:
    (row,) = rows_of(expected, story)
    assert row.reason == story.partition("-")[0]
    assert (row.value, row.value_status, row.price_bucket, row.rates) == (None, None, None, None)
    assert row.status == REFUSED.get(story, row.status)


@pytest.mark.parametrize("story", PRICED)
def test_prices_are_put_into_buckets_and_rates_are_learnt_as_the_story_says(story: str, expected: Expected) -> None:
    found: set[tuple[Decimal | None, str | None, str | None]] = {
        (row.price_bucket, row.assignment, row.rates.accuracy if row.rates else None)
        for row in rows_of(expected, story)
    }
    assert found == {
        (None if bucket is None else Decimal(bucket), way, accuracy) for bucket, way, accuracy in PRICED[story]
    }


@pytest.mark.parametrize("story", [story for story in WORTH if "evening" in story])
def test_an_evening_is_of_its_own_day_wherever_clocks_stand(story: str, expected: Expected) -> None:
    universe = Universe(end_on=END_ON, zone=ZoneInfo("America/New_York"))
    (tale,) = (tale for tale in universe.tales if tale.story.name == story)
    (delivery,) = tale.deliveries
    assert delivery.at.date() == delivery.on + timedelta(days=1)
    (here,), (there,) = rows_of(expected, story), rows_of(expect(universe), story)
    assert (here.credited_on, here.value_status, here.value) == (there.credited_on, there.value_status, there.value)


def test_events_besides_those_of_subscriptions_make_a_user_and_no_product() -> None:
    universe = Universe(end_on=END_ON)
    for every_event, broken, events in ((False, ("no_events",), 1), (True, (), 3)):
        users = {user.story: user for user in expect(universe, every_event=every_event).users.values()}
        assert users["app_opened_and_nothing_else"].broken == broken
        assert (users["app_opened_by_a_buyer"].events, users["app_opened_by_a_buyer"].products) == (events, 1)


def test_only_the_users_of_the_broken_stories_are_broken(expected: Expected) -> None:
    broken = {user.story: user.broken for user in expected.users.values() if not user.is_valid}
    assert broken == BROKEN


def test_of_two_valid_products_the_newer_is_chosen_and_an_invalid_one_takes_no_part(expected: Expected) -> None:
    two = {row.product_id: row.reason for row in rows_of(expected, "two_valid_products")}
    assert two == {"com.example.several-old": SUPERSEDED, "com.example.several-new": None}
    one = {row.product_id: row.reason for row in rows_of(expected, "one_valid_product_of_two")}
    assert one == {
        "com.example.several-good": None,
        "com.example.several-bad": "renewal_without_subscription",
    }


@pytest.mark.parametrize(
    "story", ["identity_by_user_id", "identity_before", "identity_by_alias", "identity_in_a_chain", "shared_insert_id"]
)
def test_users_with_several_identities_are_told_as_one(story: str, expected: Expected) -> None:
    (row,) = rows_of(expected, story)
    assert (row.status, row.is_valid) == ("trial_converted", True)


def test_every_amount_is_exact_to_a_millionth(expected: Expected) -> None:
    amounts = [row.value for row in expected.user_products.values()] + [
        row.price_bucket for row in expected.user_products.values()
    ]
    assert all(amount == round(amount, 6) for amount in amounts if amount is not None)


def test_a_late_event_changes_the_row_of_its_user_and_no_other(expected: Expected) -> None:
    universe = Universe(end_on=END_ON)
    after = expect(universe.with_arrivals(universe.late()))
    changed = {key for key, row in after.user_products.items() if row != expected.user_products.get(key)}
    (row,) = rows_of(expected, LATE)
    assert changed == {(row.distinct_id, row.product_id)}
    assert {key for key, user in after.users.items() if user != expected.users[key]} == {row.distinct_id}
    (now,) = rows_of(after, LATE)
    assert (now.status, now.value) == ("trial_cancelled", Decimal(0))


def test_what_is_planted_is_told_alike_for_every_seed() -> None:
    told = [
        sorted((row.story, row.status, str(row.reason), str(row.value)) for row in expect(each).user_products.values())
        for each in (Universe(seed=seed, users=194, end_on=END_ON) for seed in (1, 2, 3))
    ]
    assert told[0] == told[1] == told[2]


def test_equal_gaps_are_merged_from_below() -> None:
    # 10 and 15 become one bucket first; 20 is then 5 from it, and joins as well.
    assert merge_prices(map(Decimal, ("10", "15", "20"))) == dict.fromkeys(
        map(Decimal, ("10", "15", "20")), Decimal(15)
    )
