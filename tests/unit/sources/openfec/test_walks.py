"""Walks over the FEC's API: every row once, from any cursor, and no row lost to one that came meanwhile."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import AbsentSourceError, SourceError, UsageError
from penstock.sources.openfec.client import OpenFec
from penstock.sources.openfec.watermark import first_load_date, load_watermark
from tests.unit.sources.openfec.publisher import Publisher, Row, a_page, by_indexes, by_number

RECEIPTS = "/schedules/schedule_a/"
#: Any of a few days, so that many rows share one, or none.
DAYS = st.none() | st.integers(1, 5).map(lambda day: f"2020-03-{day:02}T00:00:00")


def a_receipt(number: int, received: str | None = "2020-03-01T00:00:00", **values: Any) -> Row:
    return {"sub_id": str(number), "committee_id": "C00000001", "contribution_receipt_date": received, **values}


def ids(pages: list[Any]) -> list[str]:
    return [row.sub_id for page in pages for row in page.rows]


def a_fec(rows: list[Row], per_page: int = 100) -> OpenFec:
    return OpenFec(Publisher({RECEIPTS: by_indexes(rows, "contribution_receipt_date")}), per_page=per_page)


@given(st.lists(DAYS, max_size=30), st.integers(1, 7))
def test_every_receipt_comes_once_and_those_without_a_date_last(days: list[str | None], per_page: int) -> None:
    rows = [a_receipt(number, day) for number, day in enumerate(days)]
    expected = sorted(rows, key=lambda row: (row["contribution_receipt_date"] or "9", int(row["sub_id"])))
    assert ids(list(a_fec(rows, per_page).iter_receipts())) == [row["sub_id"] for row in expected]


@given(st.lists(DAYS, min_size=1, max_size=20), st.integers(1, 5), st.data())
def test_a_walk_goes_on_behind_any_saved_page(days: list[str | None], per_page: int, data: st.DataObject) -> None:
    rows = [a_receipt(number, day) for number, day in enumerate(days)]
    pages = list(a_fec(rows, per_page).iter_receipts())
    at = data.draw(st.integers(0, len(pages) - 1))
    saved = json.loads(json.dumps(dict(pages[at].cursor)))
    rest = list(a_fec(rows, per_page).iter_receipts(cursor=saved))
    assert ids(pages[: at + 1]) + ids(rest) == ids(pages)


@given(st.lists(st.integers(0, 40), max_size=30, unique=True), st.integers(1, 7))
def test_every_committee_comes_once_by_page_number(numbers: list[int], per_page: int) -> None:
    rows = [{"committee_id": f"C{number:08}"} for number in numbers]
    fec = OpenFec(Publisher({"/committees/": by_number(rows)}), per_page=per_page)
    assert [row.raw for page in fec.iter_committees() for row in page.rows] == rows


def test_a_walk_asks_for_ascending_dates_and_whole_pages() -> None:
    publisher = Publisher(anywhere=by_indexes([], "contribution_receipt_date"))
    filters = {"committee_id": "C1", "two_year_transaction_period": 2020, "min_load_date": date(2020, 3, 1)}
    assert list(OpenFec(publisher).iter_receipts(**filters)) == []
    path, params = publisher.asked[0]
    assert path == RECEIPTS
    assert params.items() >= {**filters, "sort": "contribution_receipt_date", "per_page": 100}.items()


def test_the_order_may_be_turned_round() -> None:
    publisher = Publisher(anywhere=a_page([]))
    assert list(OpenFec(publisher).iter_totals("pac-party", cycle=2020, sort="-receipts")) == []
    assert publisher.asked[0][1]["sort"] == "-receipts"


def test_asking_begins_with_the_first_page_that_is_wanted() -> None:
    publisher = Publisher(anywhere=a_page([{"committee_id": "C1"}]))
    walk = OpenFec(publisher).iter_committees(state=("MD", "VA"))
    assert publisher.asked == []
    next(walk)
    assert len(publisher.asked) == 1


def test_a_page_by_indexes_that_repeats_is_an_error_and_no_circle() -> None:
    body = by_indexes([a_receipt(1)], "contribution_receipt_date")({"per_page": 1})
    with pytest.raises(SourceError, match="repeats"):
        list(OpenFec(Publisher(anywhere=body)).iter_receipts())


def test_a_row_without_its_key_is_named_with_page_and_endpoint() -> None:
    rows = [a_receipt(1), a_receipt(2), {"committee_id": "C1", "contribution_receipt_date": "2020-03-09"}]
    body = by_indexes(rows[:2], "contribution_receipt_date")({"per_page": 3})
    body["results"] = rows
    with pytest.raises(SourceError, match=r"row 3 on page 1 of `/schedules/schedule_a/` has no `sub_id`"):
        list(OpenFec(Publisher(anywhere=body)).iter_receipts())


def test_what_is_asked_for_alone_is_returned_or_absent() -> None:
    fec = OpenFec(Publisher({"/committee/C1/": a_page([{"committee_id": "C1", "zip": "02139"}])}, anywhere=a_page([])))
    assert fec.get_committee("C1").zip == "02139"
    with pytest.raises(AbsentSourceError, match="/committee/C2/"):
        fec.get_committee("C2")


def test_an_identifier_cannot_lead_to_another_place() -> None:
    publisher = Publisher(anywhere=a_page([{"committee_id": "C1"}]))
    OpenFec(publisher).get_committee("../candidates?x=1")
    assert publisher.asked[0][0] == "/committee/..%2Fcandidates%3Fx%3D1/"


def test_an_empty_identifier_is_refused_before_anything_is_asked() -> None:
    publisher = Publisher()
    with pytest.raises(UsageError, match="`committee_id` is empty"):
        OpenFec(publisher).get_committee(" ")
    assert publisher.asked == []


@pytest.mark.parametrize("empty", [(), [], ""])
def test_an_empty_filter_never_asks_for_everything(empty: Any) -> None:
    publisher = Publisher()
    with pytest.raises(UsageError, match="would ask for everything"):
        OpenFec(publisher).iter_receipts(committee_id=empty)
    assert publisher.asked == []


def test_a_filter_that_does_not_exist_is_refused_with_what_was_meant() -> None:
    filters: dict[str, Any] = {"min_loaded_date": date(2020, 1, 1)}
    with pytest.raises(UsageError) as refused:
        OpenFec(Publisher()).iter_receipts(**filters)
    assert refused.value.hint == "did you mean `min_load_date`?"


def test_only_what_the_publisher_serves_for_one_endpoint_may_narrow_it() -> None:
    filters: dict[str, Any] = {"min_load_date": date(2020, 1, 1)}
    with pytest.raises(UsageError):
        OpenFec(Publisher()).iter_disbursements(**filters)


# Rows that are loaded while a walk goes on --------------------------------------------------------------------------

NIGHT = datetime(2020, 6, 1, 23, 0, tzinfo=UTC)


def loaded(number: int, received: str | None, at: datetime) -> Row:
    return a_receipt(number, received, load_date=at.isoformat())


@given(
    st.lists(st.tuples(DAYS, st.integers(0, 72)), max_size=12),
    st.lists(st.tuples(DAYS, st.integers(0, 90)), max_size=12),
    st.integers(1, 4),
)
def test_two_walks_find_what_was_loaded_before_and_during_the_first(
    before: list[tuple[str | None, int]], during: list[tuple[str | None, int]], per_page: int
) -> None:
    rows = [loaded(number, day, NIGHT - timedelta(hours=age)) for number, (day, age) in enumerate(before)]
    arrivals = [
        loaded(1000 + number, day, NIGHT + timedelta(minutes=late)) for number, (day, late) in enumerate(during)
    ]
    everything = {row["sub_id"] for row in (*rows, *arrivals)}
    fec, found, newest = a_fec(rows, per_page), set(), None
    for page in fec.iter_receipts():
        found |= {row.sub_id for row in page.rows}
        newest = max(filter(None, [newest, *(row.load_date for row in page.rows)]))
        if arrivals:
            rows.append(arrivals.pop())
    rows.extend(arrivals)
    again = first_load_date(load_watermark(None, newest, NIGHT), timedelta(0))
    found |= set(ids(list(fec.iter_receipts(min_load_date=again))))
    assert found == everything


def test_the_watermark_is_no_younger_than_the_day_the_walk_began() -> None:
    newest = datetime(2020, 6, 3, 1, 0, tzinfo=UTC)
    assert load_watermark(None, newest, datetime(2020, 6, 2, 23, 0, tzinfo=UTC)) == date(2020, 6, 2)


def test_the_watermark_is_no_younger_than_the_newest_row_read() -> None:
    newest = datetime(2020, 5, 30, 1, 0, tzinfo=UTC)
    assert load_watermark(None, newest, datetime(2020, 6, 2, 23, 0, tzinfo=UTC)) == date(2020, 5, 30)


def test_the_watermark_stays_where_nothing_new_was_read() -> None:
    known, began = date(2020, 5, 1), datetime(2020, 6, 2, tzinfo=UTC)
    assert load_watermark(known, None, began) == known
    assert load_watermark(known, datetime(2020, 4, 1, tzinfo=UTC), began) == known
    assert load_watermark(None, None, began) is None


def test_the_watermark_counts_days_as_the_publisher_does() -> None:
    west = datetime.fromisoformat("2020-06-02T22:30:00-04:00")
    assert load_watermark(None, west, west) == date(2020, 6, 3)


def test_a_lookback_of_zero_reads_from_the_watermark_itself() -> None:
    assert first_load_date(date(2020, 5, 1), timedelta(0)) == date(2020, 5, 1)
    assert first_load_date(date(2020, 5, 1), timedelta(days=2)) == date(2020, 4, 29)
    assert first_load_date(None, timedelta(days=2)) is None
