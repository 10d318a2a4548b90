"""User analytics over a simulated app: exactly the tables its stories tell, from files and from the interfaces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from penstock.kit.clock import ManualClock
from penstock.simulators.faults import FaultKind, Faults
from penstock.simulators.mixpanel.app import create_mixpanel_app
from penstock.simulators.mixpanel.folder import write_folder
from penstock.simulators.mixpanel.stories.deliveries import LATE
from penstock.simulators.mixpanel.universe import Universe
from penstock.simulators.serve import Served
from tests.pipelines.analytics import END_ON, STEPS, Analytics
from tests.pipelines.analytics_oracle import expect
from tests.pipelines.analytics_tables import Expected

_MICRO = Decimal("0.000001")


@pytest.fixture(scope="module")
def universe() -> Universe:
    return Universe(end_on=END_ON)


@dataclass(frozen=True)
class World:
    """An app, and what must be found in it."""

    analytics: Analytics
    expected: Expected


@pytest.fixture(scope="module", params=["in_utc", "in_new_york", "with_every_event"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The app, west of Greenwich too, and with more than the events of its subscriptions."""
    home, every = tmp_path_factory.mktemp(request.param), request.param == "with_every_event"
    zone = ZoneInfo("America/New_York" if request.param == "in_new_york" else "UTC")
    universe = Universe(end_on=END_ON, zone=zone)
    told = {"timezone": zone.key, "events": "all" if every else "subscriptions"}
    return World(fill(home, universe, **told), expect(universe, every_event=every))


@pytest.fixture(scope="module")
def filled(universe: Universe, tmp_path_factory: pytest.TempPathFactory) -> Analytics:
    return fill(tmp_path_factory.mktemp("filled"), universe)


def fill(home: Path, universe: Universe, **told: str) -> Analytics:
    analytics = told_by(home, universe, **told)
    analytics.run_all()
    return analytics


def told_by(home: Path, universe: Universe, **told: str) -> Analytics:
    write_folder(home / "export", universe, now=latest(universe))
    return Analytics(home, source="folder", folder=home / "export", config=home / "export" / "config", **told)


def latest(universe: Universe) -> datetime:
    """All that ever arrives has arrived."""
    return universe.closes_at + timedelta(days=30)


def dollars(micros: int | None) -> Decimal | None:
    return None if micros is None else Decimal(micros) / 1_000_000


def rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_MICRO)


def test_users_are_those_of_the_stories(world: World) -> None:
    filled, expected = world.analytics, world.expected
    found = {
        row["distinct_id"]: (
            row["abi_ad_id"],
            row["abi_campaign_id"],
            row["abi_ad_set_id"],
            row["country"],
            row["region"],
            bool(row["has_abi_attribution"]),
            bool(row["valid_user"]),
            row["economic_tier"],
        )
        for row in filled.named("SELECT * FROM user_profile")
    }
    assert found == {
        name: (
            user.ad_id,
            user.campaign_id,
            user.ad_set_id,
            user.country,
            user.region,
            user.is_attributed,
            user.is_valid,
            user.country_tier,
        )
        for name, user in expected.users.items()
    }


def test_every_broken_user_is_named_with_every_reason(world: World) -> None:
    filled, expected = world.analytics, world.expected
    found = set(filled.rows("SELECT distinct_id, check_name FROM broken_user"))
    broken = {(name, check) for name, user in expected.users.items() for check in user.broken}
    assert found == broken
    counted = {name: users for name, users in filled.rows("SELECT check_name, users FROM broken_user_check") if users}
    assert counted == {check: sum(1 for _, one in broken if one == check) for check in {one for _, one in broken}}


def test_tiers_rest_on_what_the_stories_tell(world: World) -> None:
    filled, expected = world.analytics, world.expected
    rows = filled.named("SELECT * FROM user_tier")
    found = {row["distinct_id"]: (dollars(row["revenue_micros"]), row["events"], row["products"]) for row in rows}
    assert found == {name: (user.revenue_usd, user.events, user.products) for name, user in expected.users.items()}
    assert {row["behaviour_tier"] for row in rows} == {"premium", "standard", "basic", "free"}
    assert all(row["behaviour_tier"] == "premium" for row in rows if row["revenue_micros"] >= 50_000_000)


def test_every_event_stands_once_under_its_user(world: World) -> None:
    filled, expected = world.analytics, world.expected
    found = sorted(
        (
            row["event_name"],
            row["distinct_id"],
            row["event_at"] or "",
            row["insert_id"] or "",
            row["product_id"] or "",
            None if row["amount"] is None else Decimal(row["amount"]),
            row["currency"],
            dollars(row["revenue_micros"]),
            bool(row["is_refund"]),
            row["processed_ms"],
        )
        for row in filled.named("SELECT * FROM mixpanel_event")
    )
    assert found == sorted(
        (
            event.name,
            event.distinct_id,
            "" if event.at is None else f"{event.at:%Y-%m-%dT%H:%M:%S}.000Z",
            event.insert_id or "",
            event.product_id or "",
            event.raw_amount,
            event.currency,
            event.revenue_usd,
            event.is_refund,
            round(event.processed_at.timestamp() * 1000),
        )
        for event in expected.events
    )


def test_every_event_that_is_no_row_is_counted_by_reason(world: World) -> None:
    filled, expected = world.analytics, world.expected
    again = filled.run("ingest_data").result["rejected"]
    assert again == {
        "copy_of_another": expected.duplicate_deliveries,
        "unknown_user": expected.events_of_unknown_users,
        "no_distinct_id": expected.events_without_id,
        "revenue_without_rate": expected.events_without_rate,
    }
    untold = filled.run("download_update_data").result["rejected"]
    assert untold == {"profile_without_id": expected.people_without_id}


def test_user_products_are_exactly_those_of_the_stories(world: World) -> None:
    filled, expected = world.analytics, world.expected
    found = {
        (row["distinct_id"], row["product_id"]): (
            bool(row["valid_lifecycle"]),
            row["reason"],
            row["store"],
            row["credited_on"],
            row["current_status"],
            rounded(dollars(row["price_bucket_micros"])),
            row["assignment_type"],
            row["accuracy"],
            row["trial_conversion_rate"],
            row["trial_converted_to_refund_rate"],
            row["initial_purchase_to_refund_rate"],
            row["value_status"],
        )
        for row in filled.named("SELECT * FROM user_product_metrics")
    }
    told = {}
    for key, row in expected.user_products.items():
        rates = row.rates
        shares = (rates.conversion, rates.trial_refund, rates.purchase_refund) if rates else (None, None, None)
        told[key] = (
            row.is_valid,
            row.reason,
            row.store,
            None if row.credited_on is None else row.credited_on.isoformat(),
            row.status,
            rounded(row.price_bucket),
            row.assignment,
            rates.accuracy if rates else None,
            *(None if share is None else str(rounded(share)) for share in shares),
            row.value_status,
        )
    assert found == told


def test_values_are_exact_to_the_millionth(world: World) -> None:
    filled, expected = world.analytics, world.expected
    rows = filled.named("SELECT distinct_id, product_id, current_value_micros FROM user_product_metrics")
    found = {(row["distinct_id"], row["product_id"]): dollars(row["current_value_micros"]) for row in rows}
    assert found == {key: rounded(row.value) for key, row in expected.user_products.items()}
    assert sum(value is not None and value > 0 for value in found.values()) > 100


def test_a_second_run_writes_nothing(filled: Analytics) -> None:
    before = filled.dump()
    ended = filled.run_all()
    assert {step: one.written for step, one in ended.items()} == dict.fromkeys(STEPS, 0)
    assert filled.dump() == before


def test_the_same_input_makes_the_same_database(filled: Analytics, universe: Universe, tmp_path: Path) -> None:
    assert fill(tmp_path, universe).dump() == filled.dump()


def test_one_late_event_changes_exactly_its_user(universe: Universe, tmp_path: Path) -> None:
    analytics = fill(tmp_path, universe)
    before = analytics.content()
    late = universe.late()
    more = universe.with_arrivals(late)
    write_folder(tmp_path / "export", more, now=latest(more))
    ended = analytics.run_all()
    after = analytics.content()
    changed = {table: before[table] ^ after[table] for table in before if before[table] ^ after[table]}
    users = {row[place] for table, place in _USER_COLUMNS.items() for row in changed.get(table, ())}
    assert users == {late.distinct_id}
    assert set(changed) <= {*_USER_COLUMNS, "downloaded_day"}
    assert ended["ingest_data"].result["inserted"] == {"mixpanel_event": 1}
    (row,) = analytics.named(f"SELECT * FROM user_product_metrics WHERE distinct_id = '{late.distinct_id}'")
    expected = expect(more).user_products[late.distinct_id, row["product_id"]]
    assert (row["current_status"], dollars(row["current_value_micros"])) == (expected.status, expected.value)
    assert (expected.story, expected.status, expected.value) == (LATE, "trial_cancelled", 0)


#: Tables that change with a user's event, and where the user stands in their rows.
_USER_COLUMNS = {
    "raw_event": 3,
    "mixpanel_event": 1,
    "user_tier": 0,
    "user_product_lifecycle": 0,
    "user_product_history": 0,
    "user_product_event_count": 0,
    "user_product_information": 0,
    "user_product_bucket": 0,
    "user_product_rate": 0,
    "user_product_value": 0,
}


@contextmanager
def playing(universe: Universe, faults: Faults | None = None) -> Iterator[dict[str, str]]:
    """Mixpanel's interfaces, and the environment in which scripts find them."""
    app = create_mixpanel_app(universe, ManualClock(latest(universe)), faults=faults, limits=(), page_size=50)
    with Served(app) as served:
        yield {
            "PENSTOCK_SOURCES": f"mixpanel={served.url}/api/2.0,mixpanelprofiles={served.url}/api/query",
            "PENSTOCK_BUDGETS": "mixpanel=1000/1s,mixpanelprofiles=1000/1s",
            "MIXPANEL_API_SECRET": "a-simulated-secret",
        }


def test_the_interfaces_tell_what_the_files_tell(filled: Analytics, universe: Universe, tmp_path: Path) -> None:
    config = filled.told["config"]
    with playing(universe, Faults(rate=0.2, kinds=(FaultKind.DROPPED, FaultKind.SERVER_ERROR), seed=5)) as environment:
        analytics = Analytics(tmp_path, config=config)
        ended = analytics.run_all(environment=environment)
        again = analytics.run("download_update_data", environment)
    assert ended["download_update_data"].result["facts"]["days fetched"] == 90
    assert again.written == 0
    for table in ("mixpanel_user", "user_product_value", "user_product_lifecycle", "user_tier", "broken_user"):
        assert analytics.content()[table] == filled.content()[table], table


def test_nothing_that_names_a_person_is_kept(filled: Analytics) -> None:
    dump = filled.dump()
    assert "mixpanel_event" in dump
    assert [word for word in ("@", "User 0", "Testa", "California City", "subscriber_attributes") if word in dump] == []
