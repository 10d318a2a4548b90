"""Users in every phase and status that a value is estimated for, on the first and the last day of each phase."""

from __future__ import annotations

from dataclasses import replace

from penstock.simulators.mixpanel.move import (
    cancellation,
    converted,
    expiration,
    purchase,
    refund,
    renewal,
    trial,
    trial_cancelled,
)
from penstock.simulators.mixpanel.story import Story

#: Trials of one product at one price; in the name, the days since the start.
_TRIALS = (
    Story(name="trial_pending_day_0", moves=(trial(0),)),
    Story(name="trial_pending_day_7", moves=(trial(7),)),
    Story(name="trial_open_day_8", moves=(trial(8),)),
    Story(name="trial_open_day_31", moves=(trial(31),)),
    Story(name="trial_cancelled_day_3", moves=(trial(3), trial_cancelled(1))),
    Story(name="trial_cancelled_day_20", moves=(trial(20), trial_cancelled(15))),
    Story(name="trial_cancelled_day_50", moves=(trial(50), trial_cancelled(44))),
    Story(name="trial_expired_day_5", moves=(trial(5), expiration(1))),
    Story(name="trial_expired_day_25", moves=(trial(25), expiration(18))),
)
#: The same, converted.
_CONVERSIONS = (
    # A trial shorter than its first week.
    Story(name="trial_converted_day_5", moves=(trial(5), converted(2))),
    Story(name="trial_converted_day_8", moves=(trial(8), converted(1))),
    Story(name="trial_converted_day_37", moves=(trial(37), converted(30))),
    Story(name="trial_converted_day_38", moves=(trial(38), converted(31))),
    Story(name="trial_converted_after_31_days", moves=(trial(60), replace(converted(29), hour=9))),
    Story(name="trial_converted_renewed", moves=(trial(60), converted(53), renewal(23, "9.99"))),
    Story(name="trial_converted_cancelled", moves=(trial(45), converted(38), cancellation(20))),
    Story(name="trial_converted_cancelled_expired", moves=(trial(45), converted(38), cancellation(20), expiration(8))),
    Story(name="trial_converted_refunded_day_15", moves=(trial(15), converted(8), refund(3, "9.99"))),
    Story(name="trial_converted_refunded_day_50", moves=(trial(50), converted(43), refund(40, "9.99"), expiration(39))),
)
_PURCHASES = (
    Story(name="purchase_day_0", moves=(purchase(0),)),
    # Evenings west of Greenwich are the next day's in Greenwich.
    Story(name="purchase_in_the_last_evening", moves=(replace(purchase(0), hour=21),)),
    Story(name="purchase_day_31_in_the_evening", moves=(replace(purchase(31), hour=21),)),
    Story(name="purchase_day_30", moves=(purchase(30),)),
    Story(name="purchase_day_31", moves=(purchase(31),)),
    Story(name="purchase_renewed", moves=(purchase(60), renewal(30), renewal(0))),
    Story(name="purchase_cancelled_day_10", moves=(purchase(10), cancellation(4))),
    Story(name="purchase_cancelled_day_50", moves=(purchase(50), cancellation(25), expiration(20))),
    Story(name="purchase_refunded_day_5", moves=(purchase(5), refund(2, "29.99"))),
    Story(name="purchase_refunded_day_40", moves=(purchase(40), refund(35, "29.99"))),
    Story(name="purchase_after_trial_day_20", moves=(trial(20), trial_cancelled(15), purchase(10))),
    Story(name="purchase_after_trial_day_60", moves=(trial(60), trial_cancelled(55), purchase(40))),
)
#: What the platform keeps depends on the store; it is written in many ways.
_STORES = (
    Story(name="store_ios", store="IOS", moves=(purchase(40, "20.00"),)),
    Story(name="store_google", store="google_play", moves=(purchase(40, "20.00"),)),
    Story(name="store_stripe", store="STRIPE", moves=(purchase(40, "20.00"),)),
    Story(name="store_promotional", store="PROMOTIONAL", moves=(purchase(40, "0"),)),
    Story(name="store_unknown", store="ROKU", moves=(purchase(40, "20.00"),)),
    Story(
        name="store_of_two",
        store="STRIPE",
        moves=(purchase(40, "20.00"), replace(renewal(10, "20.00"), store="Apple")),
    ),
)
_CURRENCIES = (
    Story(name="currency_eur_before_change", moves=(replace(purchase(60, "9.99"), currency="EUR"),), country="DE"),
    Story(
        name="currency_eur_evening_before_change",
        moves=(replace(purchase(46, "9.99"), currency="EUR", hour=21),),
        country="DE",
    ),
    Story(name="currency_eur_after_change", moves=(replace(purchase(20, "9.99"), currency="EUR"),), country="DE"),
    Story(name="currency_eur_day_of_change", moves=(replace(purchase(45, "9.99"), currency="EUR"),), country="DE"),
    Story(name="currency_gbp", moves=(replace(purchase(20, "7.99"), currency="GBP"),), country="GB"),
    Story(name="currency_jpy", moves=(replace(purchase(20, "1500"), currency="JPY"),), country="JP"),
    Story(name="currency_without_rate", moves=(replace(purchase(20, "9.99"), currency="XTS"),)),
    Story(name="currency_before_first_rate", moves=(replace(purchase(20, "9.99"), currency="AUD"),), country="AU"),
)
#: A trial takes its price from the last conversion before it, in its country, else from the closest.
_INHERITANCE = (
    Story(name="inherit_cheap_conversion", moves=(trial(47), converted(40, "5.00"))),
    Story(name="inherit_dear_conversion", moves=(trial(27), converted(20, "50.00"))),
    Story(name="inherited_prior_dear", moves=(trial(5),)),
    Story(name="inherited_prior_cheap", moves=(trial(28),)),
    Story(name="inherited_closest", moves=(trial(45), trial_cancelled(41))),
    Story(name="no_conversions_ever", country="BR", region="Bahia", moves=(trial(5),)),
)
_SEVERAL = (
    Story(
        name="two_valid_products",
        moves=(replace(purchase(50), product="several-old"), replace(purchase(40), product="several-new")),
    ),
    Story(
        name="one_valid_product_of_two",
        moves=(replace(purchase(50), product="several-good"), replace(renewal(20), product="several-bad")),
    ),
)


def _of_product(product: str, stories: tuple[Story, ...]) -> tuple[Story, ...]:
    return tuple(replace(story, product=product) for story in stories)


VALUES = (
    *_of_product("trials", _TRIALS),
    *_of_product("trials", _CONVERSIONS[:4]),
    *_of_product("conversions", _CONVERSIONS[4:]),
    *_of_product("purchases", _PURCHASES),
    *_STORES,
    *_CURRENCIES,
    *_of_product("inherit", _INHERITANCE),
    *_SEVERAL,
)
