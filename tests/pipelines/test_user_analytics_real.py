"""User analytics over real samples of Mixpanel lines, against counts taken from the files by other means."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.pipelines.analytics import REAL_DATA, Analytics

SAMPLES = REAL_DATA / "mixpanel"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="no real data: set PENSTOCK_REAL_DATA to what holds `mixpanel/`"),
]
_LOADING = ("download_update_data", "ingest_data")


def loaded(home: Path, sample: str, end_on: date, **told: object) -> Analytics:
    """A database that holds every event of a sample."""
    folder = home / "sample"
    folder.mkdir()
    for path in sorted(SAMPLES.glob(sample)):
        shutil.copy(path, folder)
    analytics = Analytics(
        home, source="folder", folder=folder, events="all", unknown_users="keep", **{"end_on": end_on, **told}
    )
    analytics.run_all(_LOADING)
    return analytics


def counts(analytics: Analytics) -> tuple[int, int]:
    """Events and users."""
    ((events, users),) = analytics.rows("SELECT count(*), count(DISTINCT distinct_id) FROM mixpanel_event")
    return events, users


@pytest.mark.parametrize(
    ("sample", "end_on", "expected"),
    [
        ("web_app_2017/poll_1.jsonl.gz", date(2017, 4, 20), (177, 14)),
        ("web_app_2017/poll_2.jsonl.gz", date(2017, 4, 20), (178, 14)),
        ("web_app_2017/poll_?.jsonl.gz", date(2017, 4, 20), (178, 14)),
        ("generated/foo.ndjson.gz", date(2022, 11, 30), (1001, 457)),
        ("generated/bar.ndjson.gz", date(2022, 11, 30), (1005, 471)),
    ],
)
def test_samples_load_with_their_counts(tmp_path: Path, sample: str, end_on: date, expected: tuple[int, int]) -> None:
    analytics = loaded(tmp_path, sample, end_on)
    assert counts(analytics) == expected
    assert [one.written for one in analytics.run_all(_LOADING).values()] == [0, 0]


def test_two_generated_files_share_no_event(tmp_path: Path) -> None:
    assert counts(loaded(tmp_path, "generated/*.gz", date(2022, 11, 30)))[0] == 1001 + 1005


def test_overlapping_polls_are_told_apart_line_by_line(tmp_path: Path) -> None:
    analytics = loaded(tmp_path, "web_app_2017/*.gz", date(2017, 4, 20))
    names = analytics.rows("SELECT event_name, count(*) FROM mixpanel_event GROUP BY 1 ORDER BY 1")
    assert names == [("Load Data Warehouse App", 72), ("Load Datasets App", 106)]
    assert analytics.rows("SELECT min(event_at), max(event_at) FROM mixpanel_event") == [
        ("2017-04-10T09:00:58.000Z", "2017-04-19T08:08:05.000Z")
    ]


def test_the_column_form_loads_the_same_way(tmp_path: Path) -> None:
    analytics = loaded(tmp_path, "warehouse_event_table.csv", date(2025, 2, 28), days=2000)
    assert counts(analytics)[0] == 5
    assert ("plays", "2020-08-01T10:16:46.000Z") in analytics.rows("SELECT event_name, event_at FROM mixpanel_event")


def test_an_apps_own_log_gives_tiers(tmp_path: Path) -> None:
    analytics = loaded(tmp_path, "product_events_2018/*.gz", date(2018, 11, 30), format="product_events")
    ended = analytics.run_all(["ingest_data", "assign_economic_tier"])
    events, _ = counts(analytics)
    rejected = ended["ingest_data"].result["rejected"]
    lines = sum(rows for (rows,) in analytics.rows("SELECT events FROM downloaded_day"))
    # 4,965 lines in the twenty files, of which 139 are of nobody who logged in.
    assert lines == 4965
    assert events + rejected["no_distinct_id"] + rejected.get("copy_of_another", 0) == 4965
    assert rejected["no_distinct_id"] == 139
    assert analytics.rows("SELECT count(*) FROM mixpanel_event WHERE level = 'paid'")[0][0] > 1000
    tiers = dict(analytics.rows("SELECT behaviour_tier, count(*) FROM user_tier GROUP BY 1"))
    paid = analytics.rows("SELECT count(DISTINCT distinct_id) FROM mixpanel_event WHERE level = 'paid'")[0][0]
    assert tiers["premium"] + tiers["standard"] == paid
    assert analytics.rows("SELECT * FROM user_tier WHERE behaviour_tier = 'free' AND active_days >= 3") == []
