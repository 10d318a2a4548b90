"""Which events may follow which, and which reason says that they may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.pipelines.user_analytics.rules.lifecycle import (
    LONGEST_TRIAL,
    Happening,
    Kind,
    Reason,
    find_reasons,
    in_order,
)
from tests.unit.pipelines.user_analytics.histories import AS_OF, WORDS, ago, life

_LIVES = st.lists(st.tuples(st.sampled_from(sorted(WORDS)), st.floats(0, 90)), max_size=8)


@pytest.mark.parametrize(
    "told",
    [
        [("start", 31)],
        [("start", 5)],
        [("start", 40), ("convert", 33)],
        [("start", 40), ("convert", 9)],
        [("start", 40), ("end", 30)],
        [("start", 60), ("expire", 50)],
        [("start", 60), ("end", 50), ("expire", 49), ("buy", 20), ("renew", 10)],
        [("buy", 40), ("cancel", 30), ("expire", 20), ("renew", 10), ("cancel", 5)],
    ],
)
def test_a_possible_life_has_no_reasons(told: list[tuple[str, float]]) -> None:
    assert find_reasons(life(*told), AS_OF) == ()


@pytest.mark.parametrize(
    ("told", "reasons"),
    [
        ([], ["no_events"]),
        ([("start", 20), ("start", 15)], ["multiple_trial_starts"]),
        ([("start", 32)], ["trial_without_end"]),
        ([("start", 60), ("convert", 28.9)], ["trial_end_too_late"]),
        ([("start", 60), ("end", 28.9)], ["trial_end_too_late"]),
        ([("convert", 20)], ["trial_conversion_without_start"]),
        ([("end", 20)], ["trial_cancellation_without_start"]),
        ([("start", 30), ("convert", 23), ("end", 22)], ["multiple_trial_ends"]),
        ([("buy", 30), ("buy", 20)], ["multiple_initial_purchases"]),
        ([("start", 20), ("buy", 18)], ["initial_purchase_during_trial"]),
        ([("start", 30), ("convert", 23), ("buy", 10)], ["initial_purchase_after_conversion"]),
        ([("renew", 12), ("renew", 11)], ["renewal_without_subscription"]),
        ([("cancel", 12)], ["cancellation_without_subscription"]),
        ([("buy", 30), ("start", 20)], ["trial_start_after_subscription"]),
        ([("expire", 12), ("expire", 11)], ["no_subscription_event"]),
        ([("expire", 30), ("start", 20)], ["invalid_event_sequence"]),
        ([("renew", 20), ("cancel", 10)], ["renewal_without_subscription", "cancellation_without_subscription"]),
    ],
)
def test_an_impossible_life_has_its_reasons(told: list[tuple[str, float]], reasons: list[str]) -> None:
    assert [reason.value for reason in find_reasons(life(*told), AS_OF)] == reasons


def test_a_trial_may_end_31_days_after_its_start_to_the_second() -> None:
    start = Happening(Kind.TRIAL_STARTED, ago(60))
    in_time = Happening(Kind.TRIAL_CONVERTED, ago(60) + LONGEST_TRIAL)
    late = Happening(Kind.TRIAL_CONVERTED, ago(60) + LONGEST_TRIAL + timedelta(seconds=1))
    assert find_reasons([start, in_time], AS_OF) == ()
    assert find_reasons([start, late], AS_OF) == (Reason.TRIAL_END_TOO_LATE,)


def test_a_time_that_cannot_be_read_is_a_reason_beside_the_others() -> None:
    undated = Happening(Kind.RENEWAL, None)
    assert Reason.DATETIME_PARSE_ERROR in find_reasons([*life(("buy", 5)), undated], AS_OF)


def test_there_are_the_sixteen_reasons_and_one_for_other_products() -> None:
    assert len(Reason) == 17


@given(_LIVES, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_told_changes_nothing(told, chance) -> None:
    events = life(*told)
    mixed = events[:]
    chance.shuffle(mixed)
    assert find_reasons(mixed, AS_OF) == find_reasons(events, AS_OF)


@given(_LIVES)
def test_every_reason_comes_once_and_a_life_has_some_or_began(told) -> None:
    events = life(*told)
    reasons = find_reasons(events, AS_OF)
    assert len(set(reasons)) == len(reasons)
    starts = {Kind.TRIAL_STARTED, Kind.INITIAL_PURCHASE}
    assert reasons or starts & {event.kind for event in events}


@given(_LIVES)
def test_events_of_one_instant_are_ordered_as_they_can_only_have_happened(told) -> None:
    at_once = life(*[(word, 1) for word, _ in told])
    kinds = [event.kind for event in in_order(at_once)]
    assert kinds == sorted(kinds, key=list(Kind).index)
