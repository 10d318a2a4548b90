"""Buyers whose prices lie just near enough for one bucket, or just too far apart."""

from __future__ import annotations

from penstock.simulators.mixpanel.move import converted, purchase, trial
from penstock.simulators.mixpanel.story import Story


def _buyers(name: str, *prices: str, country: str = "US") -> tuple[Story, ...]:
    return tuple(Story(name=name, product=name, country=country, moves=(purchase(20, price),)) for price in prices)


PRICES = (
    *_buyers("prices_5_usd_apart", "4.99", "9.99"),
    *_buyers("prices_5_usd_and_a_cent_apart", "4.98", "9.99"),
    *_buyers("prices_17_5_percent_apart", "33.00", "40.00"),
    *_buyers("prices_17_5_percent_and_a_cent_apart", "32.99", "40.00"),
    # The closest pair is too far apart; the dearer one, though farther apart, is not.
    *_buyers("prices_near_only_when_dear", "10.00", "15.50", "100.00", "106.00"),
    # Equal gaps: from below, one after the other. A price counts once, however many pay it.
    *_buyers("prices_in_a_chain", "10.00", "14.00", "18.00", "10.00"),
    # Neither two countries nor two kinds of event share buckets.
    *_buyers("prices_of_two_countries", "10.00"),
    *_buyers("prices_of_two_countries", "12.00", country="CA"),
    *_buyers("prices_of_two_events", "10.00"),
    Story(name="prices_of_two_events", product="prices_of_two_events", moves=(trial(27), converted(20, "12.00"))),
)
