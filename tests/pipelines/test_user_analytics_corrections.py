"""What the steps do where it is easily done wrongly: each test fails on the careless way."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

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
        "event_name": PURCHASE,
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
    write_lines(tmp_path / "flat" / "x.jsonl", [an_event(PURCHASE, "u", at(1, hour=22), product_id="p")])
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
        day(2): [an_event(PURCHASE, "none", at(2), product_id="p", revenue=10)],
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
