"""The simulated app: one universe for one seed, with everything planted that makes the real one hard."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.errors import UsageError
from penstock.simulators.mixpanel.delivery import Delivery
from penstock.simulators.mixpanel.move import CANCELLATION, EXPIRATION
from penstock.simulators.mixpanel.stories.deliveries import LATE
from penstock.simulators.mixpanel.stories.lifecycles import LIFECYCLES
from penstock.simulators.mixpanel.telling import Tale
from penstock.simulators.mixpanel.universe import Universe

END_ON = date(2026, 3, 31)
REASONS = (
    "no_events", "multiple_trial_starts", "trial_without_end", "trial_end_too_late", "trial_conversion_without_start",
    "trial_cancellation_without_start", "multiple_trial_ends", "multiple_initial_purchases",
    "initial_purchase_during_trial", "initial_purchase_after_conversion", "renewal_without_subscription",
    "cancellation_without_subscription", "trial_start_after_subscription", "no_subscription_event",
    "invalid_event_sequence", "datetime_parse_error",
)  # fmt: skip


@cache
def universe() -> Universe:
    return Universe(end_on=END_ON)


def tale_of(story: str) -> Tale:
    (found,) = (tale for tale in universe().tales if tale.story.name == story)
    return found


def same_event(delivery: Delivery) -> tuple[object, ...]:
    return delivery.event, delivery.distinct_id, delivery.at, delivery.insert_id


def test_equal_arguments_make_an_equal_universe_and_another_seed_another() -> None:
    again, other = Universe(end_on=END_ON), Universe(seed=2, end_on=END_ON)
    assert (again.tales, again.deliveries) == (universe().tales, universe().deliveries)
    assert ids_of(again) == ids_of(universe())
    assert ids_of(again).isdisjoint(ids_of(other))


def ids_of(made: Universe) -> set[str]:
    return {tale.person.distinct_id for tale in made.tales} - {""}


def test_two_hundred_users_have_events_on_every_one_of_ninety_days() -> None:
    assert len(universe().tales) == 200
    days = {delivery.on for delivery in universe().deliveries}
    assert days == {END_ON - timedelta(days=ago) for ago in range(90)}
    assert (universe().start_on, max(days)) == (min(days), END_ON)


def test_there_is_a_story_for_every_reason_a_lifecycle_is_refused_for() -> None:
    assert sorted({story.name.partition("-")[0] for story in LIFECYCLES}) == sorted(REASONS)
    assert {story.name for story in LIFECYCLES} <= {tale.story.name for tale in universe().tales}


def test_some_events_are_delivered_twice_the_second_time_processed_later() -> None:
    copies = defaultdict(list)
    for delivery in universe().deliveries:
        copies[same_event(delivery)].append(delivery)
    twice = [sorted(found, key=lambda each: each.processed_at) for found in copies.values() if len(found) > 1]
    assert len(twice) == 3
    assert all(first.processed_at < last.processed_at for first, last in twice)
    assert any(first.properties["revenue"] == 2.99 and last.properties["revenue"] == 29.99 for first, last in twice)
    assert sum(not first.insert_id for first, _ in twice) == 1


def test_one_insert_id_stands_on_two_different_events_and_some_events_have_none() -> None:
    ids = Counter(delivery.insert_id for delivery in tale_of("shared_insert_id").deliveries)
    assert set(ids.values()) == {2}
    assert [delivery.insert_id for delivery in tale_of("without_insert_id").deliveries] == ["", ""]


def test_some_events_are_processed_days_after_they_happened_and_all_by_the_time_the_universe_closes() -> None:
    late = {(delivery.processed_at - delivery.at).days for delivery in universe().deliveries}
    assert late == {0, 2, 9}
    assert all(delivery.processed_at <= universe().closes_at for delivery in universe().deliveries)


def test_events_are_recorded_under_other_identities_that_a_profile_or_a_later_event_links() -> None:
    under = tale_of("identity_by_user_id")
    assert {each.distinct_id for each in under.deliveries} == {under.person.properties["$user_id"]}
    first, then = tale_of("identity_before").deliveries
    assert then.properties["$distinct_id_before_identity"] == first.distinct_id != then.distinct_id
    first, then = tale_of("identity_by_alias").deliveries
    assert first.distinct_id in str(then.properties["aliases"])
    chain = tale_of("identity_in_a_chain")
    first, then = chain.deliveries
    assert then.properties["$distinct_id_before_identity"] == first.distinct_id
    assert then.distinct_id == chain.person.properties["$user_id"]


def test_some_profiles_are_broken_and_some_only_look_so() -> None:
    assert "$country_code" not in tale_of("missing_country").person.properties
    mails = {tale.story.name: tale.person.properties.get("$email", "") for tale in universe().tales}
    assert mails["internal_address"].endswith("@internal.example.com")
    assert mails["test_address_in_capitals"].endswith("@QA.Example.NET")
    good = ("name_holds_test", "address_holds_test", "domain_holds_test")
    assert all("test" in " ".join(tale_of(name).person.properties.values()).lower() for name in good)
    assert tale_of("installed_on_no_day").person.properties["first_install_date"].startswith("2026-02-30")
    assert not tale_of("profile_without_id").person.distinct_id
    assert not tale_of("events_of_nobody_known").story.has_profile
    assert not tale_of("no_events").deliveries


def test_attribution_is_absent_partial_or_whole() -> None:
    names = ("abi_~ad_id", "abi_~campaign_id", "abi_~ad_set_id")
    found = {tuple(bool(person.properties.get(name)) for name in names) for person in universe().people}
    assert found == {
        (False, False, False), (True, False, False), (False, True, False), (False, False, True), (True, True, True)
    }  # fmt: skip


def test_there_are_several_stores_products_currencies_and_every_tier_of_countries() -> None:
    said = [delivery.properties for delivery in universe().deliveries]
    assert {"APP_STORE", "IOS", "google_play", "STRIPE", "PROMOTIONAL", "ROKU"} <= {
        str(one.get("store")) for one in said
    }
    assert {str(one["currency"]) for one in said if "currency" in one} == {"USD", "EUR", "GBP", "JPY", "XTS", "AUD"}
    assert {"US", "JP", "BR", "IN", "AQ", None} <= {tale.story.country for tale in universe().tales}
    assert len({product["product_id"] for product in tale_products("two_valid_products")}) == 2


def tale_products(story: str) -> list[dict[str, object]]:
    return [dict(delivery.properties) for delivery in tale_of(story).deliveries]


def test_money_goes_back_as_a_negative_amount_and_an_expiration_tells_none() -> None:
    back = [each for each in universe().deliveries if each.event == CANCELLATION]
    amounts = {float(str(each.properties["revenue"])) for each in back}
    assert min(amounts) < 0
    assert max(amounts) == 0
    assert not any("revenue" in each.properties for each in universe().deliveries if each.event == EXPIRATION)


def test_an_impossible_date_stands_where_a_time_should_be() -> None:
    assert [each.time_text for each in universe().deliveries if each.time_text] == ["2026-02-30T10:00:00"]


def test_nobody_in_it_is_a_person() -> None:
    known = re.compile(r"(?i)(user|latest)-\d{4}@([a-z]+\.)*example\.(com|net|org)")
    for person in universe().people:
        assert known.fullmatch(person.properties.get("$email", "user-0000@example.com"))
        assert re.fullmatch(r"User \d{4}|Testa Contestabile", person.properties["$name"])


def test_a_late_event_belongs_to_its_user_and_comes_after_the_universe_closed() -> None:
    late, tale = universe().late(hours=5), tale_of(LATE)
    assert late.distinct_id == tale.person.distinct_id
    assert late.on == END_ON - timedelta(days=1)
    assert late.processed_at == universe().closes_at + timedelta(hours=5)
    after = universe().with_arrivals(late)
    assert [each for each in after.deliveries if each not in universe().deliveries] == [late]
    assert after.deliveries_until(universe().closes_at) == list(universe().deliveries)


def test_clocks_of_another_zone_show_the_same_days_and_hours_and_count_them_as_if_they_were_utc() -> None:
    there = Universe(end_on=END_ON, zone=ZoneInfo("America/New_York"))
    pairs = list(zip(universe().tales, there.tales, strict=True))
    for here, other in ((one, two) for a, b in pairs for one, two in zip(a.deliveries, b.deliveries, strict=True)):
        assert (other.on, other.at - here.at) in ((here.on, timedelta(hours=4)), (here.on, timedelta(hours=5)))
        times = [json.loads(each.as_export_line())["properties"]["time"] for each in (here, other)]
        assert times[0] == times[1]
    assert there.closes_at - universe().closes_at == timedelta(hours=4)
    assert all(delivery.processed_at <= there.closes_at for delivery in there.deliveries)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), users=st.integers(194, 400), days=st.integers(62, 120))
def test_any_universe_has_as_many_users_as_were_asked_for_and_events_only_in_its_days(
    seed: int, users: int, days: int
) -> None:
    made = Universe(seed, users=users, days=days, end_on=END_ON)
    assert len(made.tales) == users
    assert all(made.start_on <= delivery.on <= END_ON for delivery in made.deliveries)
    assert len(ids_of(made)) == sum(tale.story.has_id for tale in made.tales)


def test_a_universe_without_room_for_its_stories_is_refused() -> None:
    with pytest.raises(UsageError, match="has no room for its stories") as refused:
        Universe(users=100, end_on=END_ON)
    assert refused.value.hint == "it takes 194 users and 62 days at least"
