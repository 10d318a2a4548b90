"""Groups of users large enough for rates of their own, once region, then country, then tier are left out of account."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from penstock.simulators.mixpanel.move import Move, cancellation, converted, purchase, refund, trial, trial_cancelled
from penstock.simulators.mixpanel.story import Story

#: Country and region.
Place = tuple[str, str]

_CALIFORNIA, _TEXAS, _BERLIN, _BAHIA = ("US", "California"), ("US", "Texas"), ("DE", "Berlin"), ("BR", "Bahia")
#: Days since the trial began. The first and the last day that count, 53 and 8, are among them.
_CONVERTED_AGO = (53, 52, 51, 50, 20, 12, 33, 28, 24)
_CANCELLED_AGO = (8, 45, 40, 30, 25, 15, 35, 22, 18)
_PRICE = "20.00"
#: So many have rates of their own.
_FEWEST = 12


def _trials(name: str, places: Sequence[Place], *, conversions: int, refunds: int) -> list[Story]:
    """Return a cohort of twelve, and one whose trial has just begun, for whom the rates are."""
    place = cycle(places)
    told = []
    for number, ago in enumerate(_CONVERTED_AGO[:conversions]):
        back = [refund(ago - 13, _PRICE)] if number < refunds else []
        told.append(_member(name, "converted", next(place), trial(ago), converted(ago - 3, _PRICE), *back))
    told += [
        _member(name, "cancelled", next(place), trial(ago), trial_cancelled(ago - 2))
        for ago in _CANCELLED_AGO[: _FEWEST - conversions]
    ]
    return [*told, _member(name, "pending", places[-1], trial(4))]


def _buyers(name: str, place: Place) -> list[Story]:
    """Return twelve buyers: eight who bought long enough ago, of whom two got their money back, and one of today."""
    long_ago, lately = (53, 50, 47, 44, 41, 38, 35, 33), (25, 20, 15, 8)
    told = []
    for number, ago in enumerate((*long_ago, *lately)):
        # Money that goes back after more than thirty days, and a cancellation without money, are none of this rate.
        ends = (refund(ago - 10, _PRICE), refund(ago - 10, _PRICE), refund(ago - 31, _PRICE), cancellation(ago - 10))
        told.append(_member(name, "bought", place, purchase(ago, _PRICE), *ends[number : number + 1]))
    return [*told, _member(name, "today", place, purchase(0, _PRICE))]


def _member(cohort: str, part: str, place: Place, *moves: Move) -> Story:
    country, region = place
    return Story(name=f"{cohort}_{part}", product=cohort, country=country, region=region, moves=moves)


COHORTS = (
    *_trials("cohort_very_high", (_CALIFORNIA,), conversions=6, refunds=1),
    # One day too old to count, and one too young.
    _member("cohort_very_high", "too_old", _CALIFORNIA, trial(54), converted(51, _PRICE), refund(44, _PRICE)),
    _member("cohort_very_high", "too_young", _CALIFORNIA, trial(7), trial_cancelled(6)),
    # One too few in California.
    *_trials("cohort_high", (_TEXAS, *[_CALIFORNIA] * (_FEWEST - 1)), conversions=9, refunds=2),
    *_trials("cohort_medium", (_CALIFORNIA, _BERLIN), conversions=6, refunds=2),
    *_trials("cohort_low", (_CALIFORNIA, _BAHIA), conversions=9, refunds=1),
    *_buyers("cohort_buyers", _CALIFORNIA),
)
