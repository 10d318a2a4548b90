"""The many: subscribers who make every day one with events, and as many ordinary users as are wanted."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from penstock.simulators.mixpanel.move import cancellation, converted, purchase, renewal, trial, trial_cancelled
from penstock.simulators.mixpanel.story import Story

#: So few share a product that rates of their own are never theirs.
_USERS_OF_A_PRODUCT = 10
_PLACES = (
    ("US", "California"), ("DE", "Berlin"), ("JP", "Tokyo"), ("BR", "Bahia"), ("IN", "Kerala"), ("NG", "Lagos"),
    ("US", "Texas"), ("GB", "Wales"), ("MX", "Oaxaca"), ("IT", "Lazio"),
)  # fmt: skip
_STORES = ("APP_STORE", "APP_STORE", "APP_STORE", "PLAY_STORE", "STRIPE", "appstore", "android")


def list_subscribers(days: int) -> list[Story]:
    """Return seven who renew every week, each on another day of it, from the first days on."""
    return [
        Story(
            name="subscriber",
            product="weekly",
            moves=(purchase(first, "4.99"), *(renewal(ago, "4.99") for ago in range(first - 7, -1, -7))),
        )
        for first in range(days - 1, days - 8, -1)
    ]


def make_ordinary(number: int, days: int, chance: Random) -> Story:
    """Return the story of an ordinary user."""
    country, region = _PLACES[number // 2 % len(_PLACES)]
    return replace(
        _TELLERS[number % len(_TELLERS)](days, chance),
        product=f"season-{number // _USERS_OF_A_PRODUCT:03d}",
        country=country,
        region=region,
        store=chance.choice(_STORES),
    )


def trial_just_begun(_days: int, chance: Random) -> Story:
    """A trial of this week."""
    return Story(name="trial_just_begun", moves=(trial(chance.randint(0, 7)),))


def trial_given_up(days: int, chance: Random) -> Story:
    """A trial that ended without a sale."""
    ago = chance.randint(6, days - 1)
    return Story(name="trial_given_up", moves=(trial(ago), trial_cancelled(ago - chance.randint(1, 6))))


def trial_then_conversion(days: int, chance: Random) -> Story:
    """A trial that became a subscription after a week."""
    ago = chance.randint(8, days - 1)
    return Story(name="trial_then_conversion", moves=(trial(ago), converted(ago - 7, _price(chance))))


def direct_purchase(days: int, chance: Random) -> Story:
    """A subscription bought without a trial; one in four will not go on."""
    ago = chance.randint(0, days - 1)
    end = (cancellation(chance.randint(0, ago)),) if ago and chance.random() < 0.25 else ()
    return Story(name="direct_purchase", moves=(purchase(ago, _price(chance)), *end))


def _price(chance: Random) -> str:
    return chance.choice(("9.99", "19.99", "39.99"))


_TELLERS = (trial_just_begun, trial_then_conversion, trial_given_up, direct_purchase)
