"""The simulated Maryland: one world for one seed, with everything planted that makes the real one hard."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from penstock.simulators.maryland_world import ACME, Event, Gift, MarylandWorld, make_world


@pytest.fixture(scope="module")
def world() -> MarylandWorld:
    return make_world(2022, gifts=400, days=4)


def published(gift: Gift) -> tuple[object, ...]:
    return gift.committee, gift.given_on, gift.name, gift.address, gift.contribution_type, gift.amount


def test_equal_arguments_make_an_equal_world_and_another_seed_another(world: MarylandWorld) -> None:
    assert make_world(2022, gifts=400, days=4) == world
    assert make_world(2022, gifts=400, days=4, seed=2).gifts != world.gifts


def test_every_planted_fact_is_in_the_lists_of_its_days(world: MarylandWorld) -> None:
    assert Counter(fact.event for fact in world.planted) == {Event.LATE: 8, Event.CORRECTED: 4, Event.WITHDRAWN: 4}
    for fact in world.planted:
        before = {gift.number: gift for gift in world.gifts_on(fact.day - 1)}
        after = {gift.number: gift for gift in world.gifts_on(fact.day)}
        if fact.event is Event.CORRECTED:
            assert after[fact.number].amount == before[fact.number].amount + 7
        else:
            assert (fact.number in after, fact.number in before) == (
                fact.event is Event.LATE,
                fact.event is not Event.LATE,
            )


def test_late_gifts_are_dated_weeks_before_the_day_they_are_listed_on(world: MarylandWorld) -> None:
    late = {fact.number: fact.day for fact in world.planted if fact.event is Event.LATE}
    assert all((world.starts_on - gift.given_on).days > 40 for gift in world.gifts if gift.number in late)


def test_equal_gifts_of_one_day_are_there_on_every_day(world: MarylandWorld) -> None:
    for day in range(5):
        assert max(Counter(map(published, world.gifts_on(day))).values()) >= 2


def test_one_organisation_is_written_in_several_ways(world: MarylandWorld) -> None:
    assert len({gift.name for gift in world.gifts} & set(ACME)) >= 3


def test_there_are_candidates_of_every_level_and_committees_nobody_can_assign(world: MarylandWorld) -> None:
    offices = {person.office for person in world.candidates}
    assert {"Representative in Congress", "House of Delegates", "Sheriff", "Mayor"} <= offices
    assert any(committee.name.endswith("for Maryland") and not committee.candidate[0] for committee in world.committees)


def test_the_ledger_leaves_loans_and_interest_out_and_takes_refunds_off(world: MarylandWorld) -> None:
    gifts = world.gifts_on(4)
    left_out = sum((gift.amount for gift in gifts if gift.measure in ("loan", "other")), Decimal(0))
    assert any(gift.amount < 0 for gift in gifts)
    assert left_out > 0
    assert sum(world.totals_on(4).values()) == sum(gift.amount for gift in gifts) - left_out
