"""Lines, profiles, instants, identities, stores and money are read as they are meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.pipelines.user_analytics.rules.attribution import is_attributed
from penstock.pipelines.user_analytics.rules.identity import resolve
from penstock.pipelines.user_analytics.rules.instants import as_seen_in, from_text, read_instant, to_text
from penstock.pipelines.user_analytics.rules.lines import read_event
from penstock.pipelines.user_analytics.rules.money import RateTable, read_amount, to_micros
from penstock.pipelines.user_analytics.rules.products import choose_product
from penstock.pipelines.user_analytics.rules.profiles import AddressLists, read_user
from penstock.pipelines.user_analytics.rules.stores import choose_store, normalise_store
from penstock.pipelines.user_analytics.rules.tiers import Tier, choose_tier, country_tier
from penstock.pipelines.user_analytics.rules.window import Fetched, days_to_fetch, spans

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NOBODY = AddressLists(frozenset(), frozenset())
_KEYS = st.sampled_from(
    ["event", "event_name", "time", "distinct_id", "insert_id", "$insert_id", "mp_processing_time_ms", "aliases",
     "product_id", "revenue", "currency", "$email", "$user_id", "$distinct_id", "first_install_date", "$properties"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (1_774_915_200, "2026-03-31T00:00:00.000Z"),
        (1_774_915_200_123, "2026-03-31T00:00:00.123Z"),
        ("1774915200", "2026-03-31T00:00:00.000Z"),
        (Decimal("1774915200.5"), "2026-03-31T00:00:00.500Z"),
        ("2026-03-31", "2026-03-31T00:00:00.000Z"),
        ("2026-03-31 01:02:03.4567", "2026-03-31T01:02:03.456Z"),
        ("2026-03-31T01:00:00+02:00", "2026-03-30T23:00:00.000Z"),
        ("2026-03-31T01:00:00Z", "2026-03-31T01:00:00.000Z"),
    ],
)
def test_instants_are_read_in_every_usual_way(written: object, told: str) -> None:
    found = read_instant(written)
    assert found is not None
    assert to_text(found) == told
    assert from_text(told) == found


@pytest.mark.parametrize(
    "written",
    [None, True, "", "soon", "2026-02-30", "NaN", "inf", 10**30, -(10**30), [], {}, "9999-12-31T23:00:00-05:00"],
)
def test_what_is_no_instant_is_none(written: object) -> None:
    assert read_instant(written) is None


@given(_JSON)
def test_reading_an_instant_never_fails(written) -> None:
    found = read_instant(written)
    assert found is None or found.tzinfo is UTC


@given(st.integers(0, 10**14))
def test_texts_of_instants_are_ordered_as_the_instants(milliseconds) -> None:
    one = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    other = one + timedelta(milliseconds=1)
    assert to_text(one) < to_text(other)
    assert len(to_text(one)) == len(to_text(other)) == 24


def test_local_seconds_are_read_in_the_projects_zone() -> None:
    zone = ZoneInfo("America/New_York")
    assert read_instant(1_774_915_200, zone) == datetime(2026, 3, 31, 4, tzinfo=UTC)
    assert read_instant("2026-03-31T00:00:00+00:00", zone) == datetime(2026, 3, 31, tzinfo=UTC)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_instants_seen_in_a_zone_have_its_dates_and_are_as_far_apart_as_they_are(one, other) -> None:
    zone = ZoneInfo("America/New_York")
    instants = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=each) for each in (one, other)]
    seen = [as_seen_in(zone, each) for each in instants]
    assert seen == instants
    assert seen[0] - seen[1] == instants[0] - instants[1]
    assert [each.date() for each in seen] == [each.astimezone(zone).date() for each in instants]


@given(st.dictionaries(_KEYS, _JSON, max_size=6), st.dictionaries(_KEYS, _JSON, max_size=6))
def test_any_line_is_read_and_says_the_same_again(top, properties) -> None:
    line = {"properties": properties, **top}
    first = read_event(line, day=None, fallback_day="2026-01-01")
    assert first == read_event(line, day=None, fallback_day="2026-01-01")
    assert date.fromisoformat(first.day)
    read_user(line, _NOBODY)


def test_a_line_keeps_nothing_that_names_a_person() -> None:
    line = {
        "event": "RC Renewal",
        "properties": {
            "distinct_id": "u",
            "time": 1_774_915_200,
            "$email": "someone@example.com",
            "$name": "Someone",
            "$ip": "192.0.2.1",
            "subscriber_attributes": {"$phoneNumber": "555"},
        },
    }
    kept = " ".join(str(value) for value in read_event(line, day=None, fallback_day="x"))
    assert [word for word in ("someone", "Someone", "192.0.2.1", "555") if word in kept] == []


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("a@corp.example", "internal"),
        ("A@CORP.EXAMPLE ", "internal"),
        ("a@corp.example.", "internal"),
        ('"a@b"@test.example', "test"),
        ("a@mail.corp.example", "other"),
        ("a@mycorp.example", "other"),
        ("corp.example", None),
        (None, None),
        (5, None),
    ],
)
def test_domains_are_compared_whole(address: object, kind: str | None) -> None:
    assert AddressLists({"corp.example"}, {"test.example"}).kind_of(address) == kind


def test_identifiers_lead_to_their_profile_through_others() -> None:
    found = resolve({"P"}, [("a", "b"), ("b", "P"), ("x", "y")])
    assert found.users == {"P": "P", "a": "P", "b": "P"}
    assert resolve({"P"}, [("a", "P")], ["a", "x", "y"]).users == {"P": "P", "a": "P", "x": "x", "y": "y"}
    assert resolve({"P"}, [("x", "y")], ["y", "x"]).users == {"P": "P", "x": "x", "y": "x"}


def test_two_profiles_are_never_one_and_the_nearer_has_what_is_between() -> None:
    found = resolve({"P", "Q"}, [("P", "Q"), ("P", "a"), ("a", "b"), ("b", "Q"), ("P", "c"), ("c", "Q")])
    assert found.users == {"P": "P", "Q": "Q", "a": "P", "b": "Q", "c": "P"}
    assert found.ambiguous == {"c"}


@given(
    st.sets(st.sampled_from("PQR")),
    st.lists(st.tuples(st.sampled_from("PQRabcd"), st.sampled_from("PQRabcd")), max_size=10),
)
def test_identities_do_not_depend_on_the_order_of_links(profiles, links) -> None:
    found = resolve(profiles, links)
    assert resolve(sorted(profiles, reverse=True), [(two, one) for one, two in reversed(links)]) == found
    assert set(found.users.values()) == profiles


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ios", "APP_STORE"),
        (" Apple ", "APP_STORE"),
        ("google_play", "PLAY_STORE"),
        ("ROKU", "ROKU"),
        ("", None),
        (None, None),
    ],
)
def test_stores_have_one_name(written: str | None, name: str | None) -> None:
    assert normalise_store(written) == name


def test_of_several_stores_the_app_store_counts_then_the_play_store_then_the_first() -> None:
    assert choose_store(["STRIPE", "android", "appstore", None]) == "APP_STORE"
    assert choose_store(["STRIPE", "android"]) == "PLAY_STORE"
    assert choose_store(["STRIPE", "ROKU"]) == "ROKU"
    assert choose_store([None, ""]) is None


def test_rates_hold_from_their_day_on() -> None:
    table = RateTable([("EUR", date(2026, 2, 1), Decimal("1.2")), ("EUR", date(2026, 1, 1), Decimal("1.1"))])
    assert table.find_micros(Decimal("9.99"), "EUR", date(2026, 1, 31)) == 10_989_000
    assert table.find_micros(Decimal("9.99"), "EUR", date(2026, 2, 1)) == 11_988_000
    assert table.find_micros(Decimal("9.99"), "EUR", date(2025, 12, 31)) is None
    assert table.find_micros(Decimal("9.99"), "USD", date(2026, 2, 1)) is None
    assert table.find_micros(Decimal("9.99"), None, date(2026, 2, 1)) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6))
def test_amounts_of_up_to_six_digits_are_exact(amount) -> None:
    assert Decimal(to_micros(amount)) / 1_000_000 == amount
    assert read_amount(str(amount)) == amount


@pytest.mark.parametrize("text", [None, "", "many", "NaN", "Infinity", "1e40"])
def test_what_is_no_amount_is_none(text: str | None) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("ids", "is_any", "is_strict"),
    [
        ((None, None, None), False, False),
        (("1", None, None), True, True),
        ((None, "2", None), True, False),
        ((None, None, "3"), True, False),
        (("", "", ""), False, False),
    ],
)
def test_any_of_three_identifiers_attributes_or_the_ads_alone(
    ids: tuple[str | None, str | None, str | None], is_any: bool, is_strict: bool
) -> None:
    assert (is_attributed(*ids), is_attributed(*ids, is_strict=True)) == (is_any, is_strict)


def test_the_first_tier_all_of_whose_thresholds_are_reached_counts() -> None:
    tiers = [Tier("high", {"revenue_usd": Decimal(10), "events": Decimal(2)}), Tier("low", {"events": Decimal(2)})]
    assert choose_tier({"revenue_usd": Decimal(10), "events": Decimal(2)}, tiers) == "high"
    assert choose_tier({"revenue_usd": Decimal("9.99"), "events": Decimal(2)}, tiers) == "low"
    assert choose_tier({"revenue_usd": Decimal(99), "events": Decimal(1)}, tiers) == "free"


def test_a_country_has_its_tier_or_the_lowest_or_none() -> None:
    tiers = {"US": "tier1_high_income"}
    assert [country_tier(code, tiers) for code in ("US", "ZZ", None)] == [
        "tier1_high_income",
        "tier4_developing",
        "unknown",
    ]


def test_of_equally_new_products_the_first_by_name_counts() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert choose_product({"b": at, "a": at, "c": at - timedelta(days=1), "d": None}) == "a"


def test_missing_and_empty_days_are_fetched_and_open_ones_again() -> None:
    end = date(2026, 1, 10)
    # Every day was fetched on itself and the day after; two had no event.
    done = {
        end - timedelta(days=back): Fetched(back % 4, end - timedelta(days=max(0, back - 1)))
        for back in range(9)
        if back != 5
    }
    missing, again = days_to_fetch(end, days=10, refresh_days=1, done=done)
    assert [(end - day).days for day in missing] == [9, 8, 5, 4]
    assert [(end - day).days for day in again] == [0]
    missing, again = days_to_fetch(end, days=10, refresh_days=3, done=done)
    assert [(end - day).days for day in missing] == [9, 5]
    assert [(end - day).days for day in again] == [8, 7, 6, 4, 3, 2, 1, 0]


def test_a_pause_longer_than_days_are_late_loses_no_evening() -> None:
    last, now = date(2026, 1, 10), date(2026, 1, 15)
    done = {last - timedelta(days=back): Fetched(1, last) for back in range(20)}
    days = {day for part in days_to_fetch(now, days=20, refresh_days=3, done=done) for day in part}
    assert sorted(days) == [date(2026, 1, number) for number in range(8, 16)]


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(0, 40), st.integers(0, 6), st.integers(0, 6))
def test_whatever_arrives_in_time_is_read_by_the_next_run_however_long_runs_pause(runs, of_day, late, refresh) -> None:
    first, done, read = date(2026, 1, 1), {}, set()
    for run in sorted(runs):
        now = first + timedelta(days=run)
        for day in (day for part in days_to_fetch(now, days=60, refresh_days=refresh, done=done) for day in part):
            done[day] = Fetched(1, now)
            # What arrives on a day is there for runs of later days.
            if day == first + timedelta(days=of_day) and run > of_day + late:
                read.add(day)
    assert bool(read) == any(run > of_day + late for run in runs) or late >= max(1, refresh)


@given(st.sets(st.integers(0, 60)), st.integers(1, 10))
def test_spans_hold_every_day_once_and_are_not_too_long(offsets, longest) -> None:
    days = [date(2026, 1, 1) + timedelta(days=offset) for offset in sorted(offsets)]
    found = spans(days, longest)
    told = [first + timedelta(days=place) for first, last in found for place in range((last - first).days + 1)]
    assert told == days
    assert all((last - first).days < longest for first, last in found)
