"""Which days are fetched, kept and refused, and what today is: each test fails on the careless way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from penstock import PenstockError
from penstock.pipelines.user_analytics.analysis_window import choose_window
from penstock.pipelines.user_analytics.inputs import is_same_source
from tests.pipelines.analytics import (
    END_ON,
    PURCHASE,
    STEPS,
    Analytics,
    a_profile,
    an_analytics,
    an_event,
    at,
    bought,
    day,
    write_export,
    write_lines,
)


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
    ("choice", "chosen"), [("events", "all"), ("events", f"{PURCHASE},App opened"), ("timezone", "Asia/Tokyo")]
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
    analytics.run_all(["download_update_data"], events=f"{PURCHASE},RC Renewal")
    ended = analytics.run("download_update_data", events=f"RC Renewal,{PURCHASE}")
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
    late = an_event(PURCHASE, "u", "2026-04-01T04:00:00Z", product_id="p")
    edge = an_event(PURCHASE, "v", "2026-04-01T03:59:59Z", product_id="p")
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
