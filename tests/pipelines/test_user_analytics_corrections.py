"""What the steps do where it is easily done wrongly: each test fails on the careless way."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from penstock import PenstockError
from penstock.pipelines.user_analytics.analysis_window import choose_window
from penstock.pipelines.user_analytics.inputs import is_same_source
from tests.pipelines.analytics import END_ON, STEPS, Analytics, a_profile, an_event, write_export, write_lines

_PURCHASE = "RC Initial purchase"
_SECONDS = 1_774_915_200  # 2026-03-31T00:00:00Z


def at(days_ago: int, hour: int = 12) -> int:
    """Seconds since 1970 of an hour, days before the last day."""
    return _SECONDS - days_ago * 86_400 + hour * 3_600


def day(days_ago: int) -> str:
    """That day."""
    return (END_ON - timedelta(days=days_ago)).isoformat()


def bought(
    user: str, days_ago: int, amount: object = 10, currency: str = "USD", *, hour: int = 12, **told: object
) -> dict[str, object]:
    """A purchase."""
    properties = {"$insert_id": f"{user}-{days_ago}", "product_id": "p", "store": "STRIPE", "revenue": amount}
    return an_event(_PURCHASE, user, at(days_ago, hour), **{**properties, "currency": currency, **told})


def an_analytics(home: Path, days: dict[str, list[object]], people: list[object], /, **told: object) -> Analytics:
    """Analytics of a folder."""
    return Analytics(home, source="folder", folder=write_export(home / "export", days, people), **told)


def test_a_run_drops_nothing_that_others_put_into_the_database(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all()
    with closing(sqlite3.connect(analytics.database)) as database:
        database.execute("CREATE TABLE notes (text)")
        database.execute("INSERT INTO notes VALUES ('mine')")
        database.execute("ALTER TABLE mixpanel_user ADD COLUMN note TEXT")
        database.commit()
    assert analytics.run("set_abi_attribution").written == 0
    assert analytics.rows("SELECT text FROM notes") == [("mine",)]
    assert analytics.rows("SELECT count(*) FROM mixpanel_event") == [(1,)]


def test_days_that_slid_out_of_the_window_stay(tmp_path: Path) -> None:
    analytics = an_analytics(
        tmp_path, {day(4): [bought("u", 4)], day(0): [bought("v", 0)]}, [a_profile("u"), a_profile("v")]
    )
    analytics.run_all(days=5)
    analytics.run_all(days=5, end_on=END_ON + timedelta(days=4))
    assert analytics.rows("SELECT count(*) FROM mixpanel_event") == [(2,)]


def test_a_day_whose_file_is_damaged_is_not_done_and_is_fetched_the_next_time(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(10): [bought("u", 10)]}, [a_profile("u")])
    whole = write_lines(tmp_path / "export" / "events" / day(9).replace("-", "/") / "x.json.gz", [bought("u", 9)])
    data = whole.read_bytes()
    whole.write_bytes(data[:-10])
    failed = analytics.run("download_update_data")
    assert failed.code == 3
    assert "cannot be read behind line" in failed.errors
    assert "Traceback" not in failed.errors
    assert analytics.rows("SELECT * FROM downloaded_day") == []
    assert analytics.rows("SELECT * FROM raw_event") == []
    whole.write_bytes(data)
    analytics.run_all(["download_update_data"])
    assert dict(analytics.rows("SELECT day, events FROM downloaded_day WHERE events")) == {day(10): 1, day(9): 1}


def test_users_stay_when_the_new_ones_cannot_all_be_read(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u"), a_profile("v")])
    analytics.run_all(["download_update_data"])
    people = tmp_path / "export" / "people" / "part-0.json.gz"
    write_lines(people.with_name("part-1.json"), []).write_text('{"distinct_id": "w"', encoding="utf-8")
    assert analytics.run("download_update_data").code == 3
    assert analytics.rows("SELECT distinct_id FROM raw_user ORDER BY 1") == [("u",), ("v",)]
    people.with_name("part-1.json").unlink()
    write_lines(people, [])
    told = analytics.run("download_update_data")
    assert (told.code, "no profile was told" in told.errors) == (3, True)
    assert analytics.rows("SELECT count(*) FROM raw_user") == [(2,)]


def test_only_missing_empty_and_open_days_are_fetched(tmp_path: Path) -> None:
    days = {day(ago): [bought("u", ago)] for ago in (50, 10, 2)}
    analytics = an_analytics(tmp_path, days, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    old = tmp_path / "export" / "events" / day(50).replace("-", "/") / "part-0.json.gz"
    write_lines(old, [bought("u", 50), bought("late", 50)])
    write_lines(tmp_path / "export" / "events" / day(40).replace("-", "/") / "part-0.json.gz", [bought("u", 40)])
    ended = analytics.run("download_update_data")
    assert ended.result["inserted"] == {"raw_event": 1}
    assert ended.result["facts"]["days fetched"] == 90 - 2  # all but the two that had events and are not the last


def test_a_day_that_was_not_over_is_fetched_again_after_any_pause(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(20): [bought("u", 20)]}, [a_profile("u"), a_profile("v")])
    analytics.run_all(["download_update_data"], end_on=day(20))
    evening = bought("v", 20, hour=22)
    write_export(tmp_path / "export", {day(20): [bought("u", 20), evening]}, [a_profile("u"), a_profile("v")])
    ended = analytics.run_all(["download_update_data"])
    assert ended["download_update_data"].result["inserted"]["raw_event"] == 1
    query = f"SELECT events, fetched_through FROM downloaded_day WHERE day = '{day(20)}'"
    assert analytics.rows(query) == [(2, day(0))]
    write_export(tmp_path / "export", {day(20): []}, [a_profile("u"), a_profile("v")])
    assert analytics.run("download_update_data").written == 0


def test_days_that_were_fetched_before_this_was_kept_are_fetched_once_more(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(20): [bought("u", 20)]}, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    with closing(sqlite3.connect(analytics.database)) as database:
        database.execute("UPDATE downloaded_day SET fetched_through = NULL, source = NULL, choices = NULL")
        database.commit()
    write_export(tmp_path / "export", {day(20): [bought("u", 20), bought("v", 20)]}, [a_profile("u")])
    assert analytics.run("download_update_data").result["inserted"] == {"raw_event": 1}


@pytest.mark.parametrize(
    ("choice", "chosen"), [("events", "all"), ("events", f"{_PURCHASE},App opened"), ("timezone", "Asia/Tokyo")]
)
def test_other_choices_fetch_every_day_of_the_window_again(tmp_path: Path, choice: str, chosen: str) -> None:
    days: dict[str, list[object]] = {
        day(ago): [bought("u", ago), an_event("App opened", "u", at(ago), **{"$insert_id": f"o-{ago}"})]
        for ago in range(20)
    }
    people: list[object] = [a_profile("u")]
    fresh, other = (an_analytics(tmp_path / name, days, people, days=20) for name in ("fresh", "other"))
    other.run_all(["download_update_data"])
    ended = other.run_all(["download_update_data", "ingest_data"], **{choice: chosen})
    assert ended["download_update_data"].result["facts"]["days fetched"] == 20
    fresh.run_all(["download_update_data", "ingest_data"], **{choice: chosen})
    assert other.dump() == fresh.dump()
    assert other.run("download_update_data", **{choice: chosen}).written == 0


def test_days_before_the_window_that_were_fetched_by_other_choices_are_told(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(ago): [bought("u", ago)] for ago in (9, 1)}, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    ended = analytics.run_all(["download_update_data"], events="all", days=5)["download_update_data"]
    assert ended.result["facts"]["days before it, fetched by other choices"] == 1


def test_the_order_of_names_is_no_other_choice(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(9): [bought("u", 9)]}, [a_profile("u")], days=10)
    analytics.run_all(["download_update_data"], events=f"{_PURCHASE},RC Renewal")
    ended = analytics.run("download_update_data", events=f"RC Renewal,{_PURCHASE}")
    assert ended.result["facts"]["days fetched"] == 9


def test_one_database_holds_one_source(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    other = write_export(tmp_path / "other", {day(1): [bought("v", 1)]}, [])
    before = analytics.dump()
    told = analytics.run("download_update_data", folder=other)
    assert (told.code, analytics.dump() == before) == (1, True)
    assert "was filled from `folder|../export`, and `folder|../other` is asked for" in told.errors
    assert "hint: fill another file with `--database`" in told.errors
    told = analytics.run("download_update_data", {"MIXPANEL_API_SECRET": "x"}, source="api", region="eu")
    assert "and `mixpanel|eu` is asked for" in told.errors


def test_a_database_without_events_and_users_takes_another_source(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): []}, [])
    analytics.run_all(["download_update_data"])
    other = write_export(tmp_path / "other", {day(1): [bought("v", 1)]}, [a_profile("v")])
    analytics.run_all(["download_update_data"], folder=other, days=5)
    assert analytics.rows("SELECT DISTINCT source FROM downloaded_day") == [("folder|../other",)]
    assert "was filled from `folder|../other`" in analytics.run("download_update_data").errors


def test_a_project_and_its_folder_move_together(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path / "here", {day(9): [bought("u", 9)]}, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    (tmp_path / "here").rename(tmp_path / "there")
    moved = Analytics(tmp_path / "there", source="folder", folder="export")
    assert moved.run_all(["download_update_data"])["download_update_data"].written == 0


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("mixpanel|us", "mixpanel|us|12", True),
        ("mixpanel|us|12", "mixpanel|us|123", False),
        ("mixpanel|us", "mixpanel|eu", False),
        ("mixpanel|us", "folder|us", False),
    ],
)
def test_a_project_is_the_same_unless_both_say_otherwise(one: str, other: str, is_same: bool) -> None:
    assert is_same_source(one, other) is is_same_source(other, one) is is_same


def test_a_last_day_that_is_still_to_come_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    told = analytics.run("download_update_data", end_on="2962-01-20")
    assert (told.code, "`--end-on` asks for 2962-01-20, and today is" in told.errors) == (1, True)
    analytics.run_all()


def test_a_window_that_was_left_in_the_future_holds_nobody_up(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    del analytics.told["end_on"]
    analytics.run_all(["download_update_data"])
    with closing(sqlite3.connect(analytics.database)) as database:
        database.execute("UPDATE analysis_window SET end_on = '2962-01-20'")
        database.commit()
    analytics.run_all()
    assert analytics.rows("SELECT end_on < '2962' FROM analysis_window") == [(1,)]


@pytest.mark.parametrize(
    ("zone", "today"), [("America/New_York", "2026-03-31"), ("UTC", "2026-04-01"), ("Asia/Tokyo", "2026-04-01")]
)
def test_today_is_the_day_it_is_where_the_projects_clocks_stand(zone: str, today: str) -> None:
    now = datetime(2026, 4, 1, 3, tzinfo=UTC)
    window = choose_window(None, now, days=90, zone=ZoneInfo(zone))
    assert (window.end_on, (window.end_on - window.start_on).days) == (date.fromisoformat(today), 89)
    assert choose_window(window.end_on, now, days=90, zone=ZoneInfo(zone)) == window
    with pytest.raises(PenstockError, match="and today is"):
        choose_window(window.end_on + timedelta(days=1), now, days=90, zone=ZoneInfo(zone))


def test_an_evening_west_of_greenwich_is_of_its_day_in_every_step(tmp_path: Path) -> None:
    # Nine in the evening by the project's clocks: in Greenwich it is the next morning.
    days: dict[str, list[object]] = {day(0): [bought("u", 0, hour=21)]}
    analytics = an_analytics(tmp_path, days, [a_profile("u")], timezone="America/New_York")
    analytics.run_all(["download_update_data"])
    del analytics.told["timezone"]  # later steps take it from the window
    analytics.run_all(STEPS[1:])
    assert analytics.rows("SELECT event_at FROM mixpanel_event") == [("2026-04-01T01:00:00.000Z",)]
    assert analytics.rows("SELECT * FROM broken_user") == []
    assert analytics.rows("SELECT credited_on FROM user_product_metrics") == [(day(0),)]


def test_events_after_the_local_midnight_are_of_the_future(tmp_path: Path) -> None:
    late = an_event(_PURCHASE, "u", "2026-04-01T04:00:00Z", product_id="p")
    edge = an_event(_PURCHASE, "v", "2026-04-01T03:59:59Z", product_id="p")
    analytics = an_analytics(
        tmp_path, {day(0): [late, edge]}, [a_profile("u"), a_profile("v")], timezone="America/New_York"
    )
    analytics.run_all()
    assert analytics.rows("SELECT * FROM broken_user") == [("u", "event_at_impossible_time")]


def test_a_zone_this_machine_does_not_know_is_told(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    with closing(sqlite3.connect(analytics.database)) as database:
        database.execute("UPDATE analysis_window SET timezone = 'Mars/Base'")
        database.commit()
    told = analytics.run("ingest_data")
    assert (told.code, "time zone `Mars/Base`, which this machine does not know" in told.errors) == (1, True)


def test_an_event_that_vanished_from_the_last_days_vanishes(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1), bought("v", 1)]}, [a_profile("u"), a_profile("v")])
    analytics.run_all()
    write_export(tmp_path / "export", {day(1): [bought("u", 1)]}, [a_profile("u"), a_profile("v")])
    ended = analytics.run_all()
    assert ended["ingest_data"].result["removed"] == {"mixpanel_event": 1}
    assert analytics.rows("SELECT distinct_id FROM user_product_value") == [("u",)]


def test_people_whose_names_or_domains_hold_test_stay(tmp_path: Path) -> None:
    mails = {
        "tested": "testa@latest.org",
        "below": "a@mail.qa.example.net",
        "beside": "a@notqa.example.net",
        "test": "a@qa.example.net",
        "loud": "A@QA.EXAMPLE.NET",
        "own": "b@internal.example.com",
    }
    analytics = an_analytics(
        tmp_path,
        {day(1): [bought(user, 1) for user in mails]},
        [a_profile(user, email=mail) for user, mail in mails.items()],
    )
    analytics.run_all()
    assert set(analytics.rows("SELECT distinct_id, check_name FROM broken_user")) == {
        ("test", "test_address"),
        ("loud", "test_address"),
        ("own", "internal_address"),
    }
    assert [word for word in mails.values() if word in analytics.dump()] == []


def test_a_check_can_be_counted_without_disqualifying(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "broken_users.toml").write_text("disqualifying = []\n")
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u", country_code=None)])
    analytics.run_all()
    assert analytics.rows("SELECT users FROM broken_user_check WHERE check_name = 'no_country'") == [(1,)]
    assert analytics.rows("SELECT valid_user, economic_tier FROM user_profile") == [(1, "unknown")]
    assert analytics.rows("SELECT country, price_bucket_micros FROM user_product_metrics") == [(None, 10_000_000)]


def test_a_mistyped_folder_of_configuration_is_not_passed_over(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all(STEPS[:1])
    ended = analytics.run("ingest_data", config="confgi")
    assert ended.code != 0
    assert "there is no folder `confgi`" in ended.errors


def test_events_without_insert_id_have_the_same_name_in_every_process(tmp_path: Path) -> None:
    event = bought("u", 1)
    del event["properties"]["$insert_id"]  # type: ignore[attr-defined]
    homes = []
    for seed in ("1", "2"):
        home = tmp_path / seed
        homes.append(an_analytics(home, {day(1): [event, event]}, [a_profile("u")]))
        homes[-1].run_all(environment={"PYTHONHASHSEED": seed})
    one, other = (analytics.rows("SELECT event_id FROM mixpanel_event") for analytics in homes)
    assert one == other
    assert len(one) == 1


def test_both_shapes_and_units_of_time_are_one_event(tmp_path: Path) -> None:
    old = bought("u", 1)
    new = {
        "event_name": _PURCHASE,
        "distinct_id": "u",
        "time": at(1) * 1000,
        "insert_id": "u-1",
        "properties": {"product_id": "p", "store": "STRIPE", "revenue": 12, "mp_processing_time_ms": 5},
    }
    analytics = an_analytics(tmp_path, {day(1): [new, old]}, [a_profile("u")])
    analytics.run_all(["download_update_data", "ingest_data"])
    assert analytics.rows("SELECT amount, processed_ms FROM mixpanel_event") == [("12", 5)]


def test_events_are_ordered_by_instant_not_by_how_it_is_written(tmp_path: Path) -> None:
    told = {"product_id": "p", "store": "STRIPE"}
    # As text the conversion, in the summer time of New York, would stand before the start.
    events = [
        an_event("RC Trial started", "u", "2026-03-20T01:00:00+00:00", **told),
        an_event("RC Trial converted", "u", "2026-03-19T23:30:00-04:00", revenue=10, currency="USD", **told),
    ]
    analytics = an_analytics(tmp_path, {"2026-03-20": events}, [a_profile("u")])
    analytics.run_all()
    assert analytics.rows("SELECT reason, current_status, credited_on FROM user_product_metrics") == [
        (None, "trial_converted", "2026-03-20")
    ]


def test_a_project_with_local_seconds_is_read_in_its_zone(tmp_path: Path) -> None:
    write_lines(tmp_path / "flat" / "x.jsonl", [an_event(_PURCHASE, "u", at(1, hour=22), product_id="p")])
    analytics = Analytics(
        tmp_path, source="folder", folder=tmp_path / "flat", unknown_users="keep", timezone="America/New_York"
    )
    analytics.run_all(["download_update_data", "ingest_data"])
    assert analytics.rows("SELECT event_at, day FROM mixpanel_event") == [(f"{day(0)}T02:00:00.000Z", day(1))]


def test_each_reason_is_counted_once_per_user_and_product(tmp_path: Path) -> None:
    told = {"product_id": "p", "store": "STRIPE"}
    events = [an_event("RC Renewal", "u", at(5, hour), **told) for hour in (1, 2, 3)]
    analytics = an_analytics(tmp_path, {day(5): events}, [a_profile("u")])
    ended = analytics.run_all()["validate_lifecycle"]
    assert ended.result["rejected"] == {"renewal_without_subscription": 1}
    ((reasons,),) = analytics.rows("SELECT reasons FROM user_product_lifecycle")
    assert json.loads(reasons) == ["renewal_without_subscription"]


def test_product_ids_agree_between_all_steps(tmp_path: Path) -> None:
    events = [bought("u", 5, product_id=" p "), an_event("RC Renewal", "u", at(1), product_id="p", store="STRIPE")]
    analytics = an_analytics(tmp_path, {day(5): events[:1], day(1): events[1:]}, [a_profile("u")])
    analytics.run_all()
    tables = [
        name
        for (name,) in analytics.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'user_product%'"
        )
    ]
    assert len(tables) == 7
    assert [table for table in tables if analytics.rows(f"SELECT DISTINCT product_id FROM {table}") != [("p",)]] == []
    assert analytics.rows("SELECT count(*) FROM user_product_metrics WHERE current_value_micros IS NULL") == [(0,)]


def test_money_without_a_rate_is_unknown_and_counted_never_taken_for_dollars(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    rates = "currency,valid_from,usd_rate\nUSD,2020-01-01,1\nEUR,2026-03-01,1.1\n"
    (config / "currency_rates.csv").write_text(rates)
    events = {
        day(1): [bought("eur", 1, 10, "EUR"), bought("xts", 1, 10, "XTS"), bought("nan", 1, "many", "EUR")],
        day(40): [bought("early", 40, 10, "EUR")],
        day(2): [an_event(_PURCHASE, "none", at(2), product_id="p", revenue=10)],
    }
    people = [a_profile(user) for user in ("eur", "xts", "nan", "early", "none")]
    analytics = an_analytics(tmp_path, events, people)
    ended = analytics.run_all()
    assert ended["ingest_data"].result["rejected"] == {
        "revenue_unreadable": 1,
        "revenue_without_currency": 1,
        "revenue_without_rate": 2,
    }
    assert dict(analytics.rows("SELECT distinct_id, revenue_micros FROM mixpanel_event")) == {
        "eur": 11_000_000,
        "xts": None,
        "nan": None,
        "early": None,
        "none": None,
    }
    assert ended["estimate_value"].result["rejected"] == {"valid_without_price": 4}


def test_cents_stay_exact_however_many_are_added_up(tmp_path: Path) -> None:
    events = [bought("u", 1, 0.1, **{"$insert_id": str(number)}) for number in range(30)]
    analytics = an_analytics(tmp_path, {day(1): events}, [a_profile("u")])
    analytics.run_all()
    assert analytics.rows("SELECT revenue_micros FROM user_tier") == [(3_000_000,)]


def test_thousands_of_users_meet_no_limit_of_the_database(tmp_path: Path) -> None:
    users = [f"user-{number}" for number in range(40_000)]
    analytics = an_analytics(
        tmp_path, {day(1): [bought(user, 1) for user in users]}, [a_profile(user) for user in users]
    )
    ended = analytics.run_all()
    assert ended["estimate_value"].result["rows"] == {"user_product_value": 40_000}


def test_the_newest_valid_product_counts_and_the_others_say_so(tmp_path: Path) -> None:
    events = {
        day(20): [bought("u", 20, product_id="old")],
        day(10): [bought("u", 10, product_id="new")],
        day(5): [an_event("RC Renewal", "u", at(5), product_id="broken")],
    }
    analytics = an_analytics(tmp_path, events, [a_profile("u")])
    analytics.run_all()
    assert dict(analytics.rows("SELECT product_id, reason FROM user_product_metrics")) == {
        "old": "newer_product_chosen",
        "new": None,
        "broken": "renewal_without_subscription",
    }


def test_strict_attribution_takes_the_ad_alone(tmp_path: Path) -> None:
    people = [
        {"distinct_id": "ad", "properties": {"abi_~ad_id": "1"}},
        {"distinct_id": "set", "properties": {"abi_~ad_set_id": "3"}},
        {"distinct_id": "none", "properties": {"abi_~ad_id": " "}},
    ]
    analytics = an_analytics(tmp_path, {day(1): [bought("ad", 1)]}, people)
    steps = ("download_update_data", "ingest_data", "set_abi_attribution")
    analytics.run_all(steps)
    assert analytics.rows("SELECT * FROM user_attribution WHERE has_abi_attribution ORDER BY 1") == [
        ("ad", 1),
        ("set", 1),
    ]
    analytics.run_all(steps, attribution="strict")
    assert analytics.rows("SELECT * FROM user_attribution WHERE has_abi_attribution") == [("ad", 1)]


def test_an_earlier_last_day_is_refused(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all()
    for step in ("download_update_data", "validate_lifecycle"):
        told = analytics.run(step, end_on=END_ON - timedelta(days=1))
        assert (told.code, "was filled up to 2026-03-31" in told.errors) == (1, True)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"source": "ftp"}, "`--source` takes one of api, folder"),
        ({"days": "0"}, "`--days` takes a whole number from 1 on"),
        ({"end_on": "31.3.2026"}, "`--end-on` takes a day"),
        ({"timezone": "Mars/Base"}, "`--timezone` takes a time zone"),
        ({"folder": "nowhere"}, "there is no folder `nowhere`"),
        ({"source": "api"}, "Mixpanel needs credentials"),
    ],
)
def test_what_does_not_fit_is_told_in_a_line_with_a_hint(tmp_path: Path, told: dict[str, str], message: str) -> None:
    ended = Analytics(tmp_path, source="folder", folder=tmp_path).run("download_update_data", **told)
    assert ended.code in (1, 3)
    assert message in ended.errors
    assert "\nhint: " in ended.errors
    assert "Traceback" not in ended.errors


def test_a_step_before_its_time_says_which_goes_first(tmp_path: Path) -> None:
    told = Analytics(tmp_path).run("estimate_value")
    assert "nothing was fetched yet" in told.errors
    assert "run the step download_update_data first" in told.errors


def test_a_database_of_a_newer_layout_and_a_file_that_is_none_are_refused(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all(["download_update_data"])
    with closing(sqlite3.connect(analytics.database)) as database:
        database.execute("INSERT INTO schema_version VALUES (99, 'later')")
        database.commit()
    assert "the database has layout 99" in analytics.run("ingest_data").errors
    (tmp_path / "text.db").write_text("no database, but long enough to be taken for one" * 100)
    assert "refused: file is not a database" in analytics.run("ingest_data", database="text.db").errors


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("currency_rates.csv", "currency,valid_from,usd_rate\nEUR,soon,1\n", "line 2"),
        ("currency_rates.csv", "currency,valid_from,usd_rate\nEUR,2026-01-01,-1\n", "the rate is not positive"),
        ("currency_rates.csv", "currency,valid_from,usd_rate\nEUR,2026-01-01,1\nEUR,2026-01-01,2\n", "twice"),
        ("currency_rates.csv", "currency;valid_from;usd_rate\n", "has other columns than"),
        ("country_tiers.csv", "country,tier\nUS,a\nus,b\n", "names `US` twice"),
        ("behaviour_tiers.toml", '[[tier]]\nname = "x"\nfame = 3\n', "measures `fame`, which does not exist"),
        ("behaviour_tiers.toml", '[[tier]]\nname = "x"\nevents = "many"\n', "`many` is no threshold"),
        ("behaviour_tiers.toml", "tier", "is no TOML"),
        ("broken_users.toml", 'disqualifying = ["ugly"]\n', "there is no check `ugly`"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(tmp_path: Path, file: str, text: str, message: str) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    analytics.run_all(["download_update_data", "ingest_data"])
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / file).write_text(text)
    step = {"c": "ingest_data" if "rates" in file else "assign_economic_tier", "b": "assign_economic_tier"}[file[0]]
    told = analytics.run("check_broken_users" if file == "broken_users.toml" else step)
    assert told.code == 1
    assert message in told.errors
    assert "Traceback" not in told.errors


def test_today_is_the_last_day_when_none_is_given(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    del analytics.told["end_on"]
    analytics.run_all(["download_update_data"])
    ((end_on,),) = analytics.rows("SELECT end_on FROM analysis_window")
    assert date.fromisoformat(end_on) >= date(2026, 1, 1)


def test_parameters_come_from_the_environment_too_and_the_command_line_wins(tmp_path: Path) -> None:
    analytics = an_analytics(tmp_path, {day(1): [bought("u", 1)]}, [a_profile("u")])
    told = {"PENSTOCK_PARAM_DAYS": "7", "PENSTOCK_PARAM_REFRESH_DAYS": "", "PENSTOCK_PARAM_END_ON": "2020-01-01"}
    ended = analytics.run("download_update_data", told)
    assert ended.result["facts"]["window"] == "2026-03-25 to 2026-03-31"
