"""Walks over the simulated API: every row once, over ties, empty dates and pages of any size."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from penstock.kit.clock import ManualClock
from penstock.simulators.filing import Line
from penstock.simulators.openfec.app import create_app
from penstock.simulators.story import Story
from tests.unit.simulators.asking import ask, walk

A = "/v1/schedules/schedule_a/"
SORTS = {
    "A": ("contribution_receipt_date", "contribution_receipt_amount"),
    "B": ("disbursement_date", "disbursement_amount"),
    "E": ("expenditure_date", "expenditure_amount"),
}


@cache
def world(seed: int, day: int) -> tuple[Story, Starlette]:
    story = Story(2020, seed=seed, rows=900, days=4, committees=12)
    return story, create_app(story, ManualClock(story.instant_of(day)), limits=())


def largest(story: Story) -> str:
    return story.universe.committees[0].id


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(1, 3), st.integers(0, 3)),
    st.sampled_from("ABE"),
    st.tuples(st.integers(0, 1), st.booleans()),
    st.sampled_from([7, 50, 100]),
    st.booleans(),
)
def test_a_walk_yields_each_row_once(
    where: tuple[int, int], schedule: str, order: tuple[int, bool], per_page: int, of_one: bool
) -> None:
    story, app = world(*where)
    params: dict[str, Any] = {"committee_id": largest(story)} if of_one else {}
    sort = ("-" if order[1] else "") + SORTS[schedule][order[0]]
    pages = list(walk(app, f"/v1/schedules/schedule_{schedule.lower()}/", sort=sort, per_page=per_page, **params))
    seen = [row["sub_id"] for page in pages for row in page["results"]]
    lines = lines_of(story, where[1], schedule)
    assert len(seen) == len(set(seen))
    assert set(seen) == {x.sub_id for x in lines if not of_one or x.committee_id == largest(story)}


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.booleans(), st.sampled_from([9, 40, 100]))
def test_the_dated_rows_and_then_those_without_a_date_are_each_row_once(
    seed: int, descending: bool, per_page: int
) -> None:
    story, app = world(seed, 3)
    sort = f"{'-' if descending else ''}contribution_receipt_date"
    dated = list(walk(app, A, sort=sort, sort_hide_null="true", per_page=per_page, committee_id=largest(story)))
    empty = list(walk_nulls(app, sort, per_page, largest(story)))
    dates = [row["contribution_receipt_date"] for page in dated for row in page["results"]]
    assert None not in dates
    assert dates == sorted(dates, reverse=descending)
    assert {row["contribution_receipt_date"] for row in empty} <= {None}
    seen = [row["sub_id"] for page in dated for row in page["results"]] + [row["sub_id"] for row in empty]
    assert len(seen) == len(set(seen))
    assert set(seen) == {x.sub_id for x in lines_of(story, 3, "A") if x.committee_id == largest(story)}


def walk_nulls(app: Starlette, sort: str, per_page: int, committee: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        asked = {"sort": sort, "sort_null_only": "true", "per_page": per_page, "committee_id": committee} | cursor
        page = ask(app, A, **asked).json
        if not page["results"]:
            return rows
        rows += page["results"]
        cursor = page["pagination"]["last_indexes"]


def lines_of(story: Story, day: int, schedule: str) -> list[Line]:
    return [line for line in story.state_on(day).processed if line.schedule == schedule]


def test_rows_without_a_date_end_the_walk_with_a_cursor_that_says_so() -> None:
    story, app = world(1, 3)
    pages = list(walk(app, A, sort="contribution_receipt_date", per_page=100))
    assert pages[-1]["pagination"]["last_indexes"].keys() == {"last_index", "sort_null_only"}
    assert pages[0]["pagination"]["last_indexes"].keys() == {"last_index", "last_contribution_receipt_date"}
    assert any(line.received_on is None for line in lines_of(story, 3, "A"))


def test_the_api_and_the_story_tell_the_same_of_every_row() -> None:
    story, app = world(2, 3)
    lines = {line.sub_id: line for line in lines_of(story, 3, "A")}
    for page in walk(app, A, per_page=100):
        for row in page["results"]:
            line = lines[row["sub_id"]]
            at = None if line.received_on is None else f"{line.received_on}T00:00:00"
            assert row["contribution_receipt_date"] == at
            assert row["contribution_receipt_amount"] == float(line.amount)
            assert row["committee_id"] == row["committee"]["committee_id"] == line.committee_id
            assert (row["contributor_name"], row["contributor_zip"] or "") == (line.name, line.zip)
            assert (row["file_number"], row["transaction_id"]) == (line.file_number, line.transaction_id)
            assert (row["memo_code"] or "", row["receipt_type"]) == (line.memo_code, line.code)


def test_load_dates_tell_what_is_new_of_a_day() -> None:
    story, app = world(1, 3)
    pages = walk(app, A, min_load_date=story.instant_of(3).date().isoformat(), per_page=100)
    seen = {row["sub_id"] for page in pages for row in page["results"]}
    before = {line.sub_id: line for line in lines_of(story, 2, "A")}
    now = {line.sub_id: line for line in lines_of(story, 3, "A")}
    assert seen == {key for key in now if before.get(key) != now[key]}


def test_moving_the_clock_moves_the_story() -> None:
    story = Story(2020, rows=900, days=4, committees=12)
    clock = ManualClock(story.instant_of(0))
    app = create_app(story, clock, limits=())
    counts = []
    for day in range(4):
        clock.advance(story.instant_of(day) - clock.now())
        counts.append(sum(len(page["results"]) for page in walk(app, A, per_page=100)))
    assert counts == [len(lines_of(story, day, "A")) for day in range(4)]
    assert counts[0] < counts[3]


def test_numbered_pages_of_raw_rows_hold_each_row_once() -> None:
    story, app = world(1, 2)
    pages = [ask(app, f"{A}efile/", page=number, per_page=30).json for number in range(1, 40)]
    rows = [row for page in pages for row in page["results"]]
    seen = [(row["file_number"], row["transaction_id"]) for row in rows]
    true = [(x.file_number, x.transaction_id) for x in story.state_on(2).efiled if x.schedule == "A"]
    assert sorted(seen) == sorted(true)
    assert len(set(seen)) == len(seen)
    assert pages[-1]["results"] == []
    assert "sub_id" not in rows[0]


def test_a_raw_row_becomes_a_processed_row_of_the_same_filing() -> None:
    story, app = world(1, 3)
    raw = {(x.file_number, x.transaction_id) for x in story.state_on(0).efiled}
    processed = {
        (row["file_number"], row["transaction_id"]) for page in walk(app, A, per_page=100) for row in page["results"]
    }
    amended = {each.amends for each in story.planted}
    of_a = {(x.file_number, x.transaction_id) for x in story.state_on(0).efiled if x.schedule == "A"}
    assert raw
    assert len([key for key in of_a if key[0] not in amended and key not in processed]) <= 3


def between(row: dict[str, Any], least: str, most: str = "9999") -> bool:
    return least <= row["contribution_receipt_date"][:10] <= most


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (
            {"min_date": "2020-08-20", "max_date": "2020-09-30"},
            lambda row: between(row, "2020-08-20", "2020-09-30"),
        ),
        ({"min_date": "09/20/2020"}, lambda row: between(row, "2020-09-20")),
        ({"min_amount": "1000"}, lambda row: row["contribution_receipt_amount"] >= 1000),
        ({"is_individual": "true"}, lambda row: row["is_individual"] is True),
        ({"contributor_state": "MD"}, lambda row: row["contributor_state"] == "MD"),
        ({"recipient_committee_type": ["H", "S"]}, lambda row: row["recipient_committee_type"] in "HS"),
        ({"line_number": "F3-11AI"}, lambda row: (row["filing_form"], row["line_number"]) == ("F3", "11AI")),
    ],
)
def test_a_filter_keeps_all_it_says_and_nothing_else(asked: dict[str, Any], kept: Any) -> None:
    _, app = world(1, 3)
    everything = [row for page in walk(app, A, per_page=100, sort_hide_null="true") for row in page["results"]]
    found = [row for page in walk(app, A, per_page=100, sort_hide_null="true", **asked) for row in page["results"]]
    assert 0 < len(found) < len(everything)
    assert {row["sub_id"] for row in found} == {row["sub_id"] for row in everything if kept(row)}


def test_another_period_has_no_rows() -> None:
    _, app = world(1, 3)
    assert ask(app, A, two_year_transaction_period=2018).json["results"] == []
    assert ask(app, A, two_year_transaction_period=2020).json["results"] != []


def test_large_sets_are_counted_about_and_small_ones_exactly() -> None:
    story = Story(2020, rows=2500, days=2, committees=12)
    app = create_app(story, ManualClock(story.instant_of(1)), limits=())
    large = ask(app, A).json["pagination"]
    exact = len(lines_of(story, 1, "A"))
    assert large["is_count_exact"] is False
    assert large["count"] != exact
    small = ask(app, A, committee_id=story.universe.committees[8].id).json["pagination"]
    assert small["is_count_exact"] is True
