"""Bodies and rows as they should not be: refused with place and next step, never an empty page."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import SourceError
from penstock.kit.jsonable import to_json
from penstock.sources.openfec.body import read_rows
from penstock.sources.openfec.client import OpenFec
from penstock.sources.openfec.reading import read_record
from penstock.sources.openfec.records.candidate import CandidateFound
from penstock.sources.openfec.records.committee import Committee
from penstock.sources.openfec.records.receipt import EfileReceipt, Receipt
from tests.unit.sources.openfec.publisher import Publisher, a_page

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NO_PAGES = {
    "null": None,
    "a list": [],
    "a text": "[]",
    "a number": 1,
    "nothing": {},
    "no results": {"pagination": {"count": 0}},
    "results that are null": {"results": None, "pagination": {"count": 0}},
    "results that are an object": {"results": {}, "pagination": {"count": 0}},
    "no pagination": {"results": []},
    "pagination that is a list": {"results": [], "pagination": []},
    "a negative count": a_page([], count=-1),
    "a count that is a text": a_page([], count="5"),
    "a page that is a truth value": a_page([], page=True),
    "pages that are a fraction": a_page([], pages=Decimal("1.5")),
    "indexes that are a list": a_page([], last_indexes=[]),
    "indexes within indexes": a_page([], last_indexes={"last_index": {}}),
    "status 422": {"status": 422, "message": "Must include argument"},
    "status 500": {"status": 500, "message": "oops"},
    "a message alone": {"message": "Internal Server Error"},
    "an error": {"error": {"code": "API_KEY_INVALID", "message": "no"}},
}


@pytest.mark.parametrize("body", NO_PAGES.values(), ids=NO_PAGES)
def test_what_is_no_page_is_refused_by_every_walk(body: Any) -> None:
    fec = OpenFec(Publisher(anywhere=body))
    for ask in (fec.iter_receipts, fec.iter_committees, fec.iter_filings, fec.iter_races):
        with pytest.raises(SourceError) as refused:
            list(ask())
        assert refused.value.message[0] == "`"
        assert refused.value.hint
    with pytest.raises(SourceError):
        fec.get_committee("C1")


@given(JSON)
def test_whatever_comes_is_a_list_of_rows_or_a_source_error(body: Any) -> None:
    try:
        rows = read_rows(body, "/committees/")
    except SourceError:
        return
    assert rows is body["results"]


def test_a_key_error_names_the_variable_and_is_not_worth_another_attempt() -> None:
    with pytest.raises(SourceError) as refused:
        read_rows(NO_PAGES["an error"], "/committees/")
    assert "FEC_API_KEY" in str(refused.value.hint)
    assert not refused.value.retriable


@pytest.mark.parametrize(
    ("body", "is_worth_another_attempt"),
    [
        ({"error": {"code": "OVER_RATE_LIMIT", "message": "later"}}, True),
        ({"status": 500, "message": "oops"}, True),
        ({"status": 422, "message": "no"}, False),
        ({"api_version": "2.0", "results": [], "pagination": {}}, False),
        ({"results": []}, True),
    ],
)
def test_only_what_may_pass_is_worth_another_attempt(body: Any, is_worth_another_attempt: bool) -> None:
    with pytest.raises(SourceError) as refused:
        read_rows(body, "/committees/")
    assert refused.value.retriable is is_worth_another_attempt


def test_a_page_without_a_version_or_counts_is_still_a_page() -> None:
    assert read_rows({"results": [], "pagination": {"last_indexes": None}}, "/x/") == []


# Fields -------------------------------------------------------------------------------------------------------------


def a_receipt(**values: Any) -> Receipt:
    return read_record(Receipt, {"sub_id": "1", "committee_id": "C1", **values}, "row 1 of `/x/`")


@pytest.mark.parametrize(
    "text",
    ["2015-03-01T00:00:00", "2015-03-01T00:00:00+00:00", "2015-03-01T00:00:00.000000+00:00", "2015-03-01"],
)
def test_a_date_is_the_day_as_written(text: str) -> None:
    assert a_receipt(contribution_receipt_date=text).contribution_receipt_date == date(2015, 3, 1)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-11-06T15:09:47.744000+00:00", datetime(2020, 11, 6, 15, 9, 47, 744000, tzinfo=UTC)),
        ("2020-11-06T15:09:47.744", datetime(2020, 11, 6, 15, 9, 47, 744000, tzinfo=UTC)),
        ("2020-11-06T15:09:47", datetime(2020, 11, 6, 15, 9, 47, tzinfo=UTC)),
        ("2020-11-06T15:09:47Z", datetime(2020, 11, 6, 15, 9, 47, tzinfo=UTC)),
        ("2020-11-06T15:09:47-05:00", datetime(2020, 11, 6, 20, 9, 47, tzinfo=UTC)),
        ("2020-11-06", datetime(2020, 11, 6, tzinfo=UTC)),
    ],
)
def test_an_instant_is_utc_with_or_without_zone_and_fractions(text: str, instant: datetime) -> None:
    read = a_receipt(load_date=text).load_date
    assert read == instant
    assert read is not None
    assert read.tzinfo is UTC


@given(st.decimals(-(10**15), 10**15, places=2))
def test_an_amount_is_the_number_as_written(amount: Decimal) -> None:
    row = json.loads(f'{{"sub_id": "1", "committee_id": "C1", "amount": {amount:f}}}', parse_float=Decimal)
    assert a_receipt(contribution_receipt_amount=row["amount"]).contribution_receipt_amount == amount


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contribution_receipt_date", "2015-02-30"),
        ("contribution_receipt_date", "soon"),
        ("contribution_receipt_date", 20150301),
        ("load_date", "0001-01-01T00:00:00+05:00"),
        ("contribution_receipt_amount", "ten"),
        ("contribution_receipt_amount", "NaN"),
        ("contribution_receipt_amount", "Infinity"),
        ("contribution_receipt_amount", Decimal("1e999999")),
        ("contribution_receipt_amount", True),
        ("contribution_receipt_amount", {}),
        ("file_number", Decimal("1.5")),
        ("file_number", "1e999999"),
        ("is_individual", "t"),
        ("is_individual", 1),
        ("contributor_name", {"last": "X"}),
        ("contributor_name", False),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_its_place(field: str, value: Any) -> None:
    with pytest.raises(SourceError, match=rf"`{field}` of row 1 of `/x/` cannot be read"):
        a_receipt(**{field: value})


@pytest.mark.parametrize("missing", ["sub_id", "committee_id"])
@pytest.mark.parametrize("is_null", [True, False])
def test_a_row_without_its_key_is_refused(missing: str, is_null: bool) -> None:
    row: dict[str, Any] = {"sub_id": "1", "committee_id": "C1"}
    row = {**row, missing: None} if is_null else {name: row[name] for name in row if name != missing}
    with pytest.raises(SourceError, match=rf"row 7 has no `{missing}`"):
        read_record(Receipt, row, "row 7")


@pytest.mark.parametrize("row", [None, [], "x", 1])
def test_a_row_that_is_no_object_is_refused(row: Any) -> None:
    with pytest.raises(SourceError, match="row 1 is no object"):
        read_record(Committee, row, "row 1")


def test_what_is_missing_or_null_is_none_and_what_is_unknown_is_kept() -> None:
    receipt = a_receipt(contributor_name=None, brand_new={"deep": [1]})
    assert (receipt.contributor_name, receipt.load_date) == (None, None)
    assert receipt.raw["brand_new"] == {"deep": [1]}


def test_an_empty_text_is_no_missing_one() -> None:
    assert a_receipt(contributor_employer="").contributor_employer == ""


def test_a_list_is_a_tuple_without_its_gaps() -> None:
    committee = read_record(Committee, {"committee_id": "C1", "candidate_ids": ["H1", None], "cycles": []}, "row 1")
    assert (committee.candidate_ids, committee.cycles, committee.sponsor_candidate_ids) == (("H1",), (), None)
    with pytest.raises(SourceError, match="`cycles` of row 1"):
        read_record(Committee, {"committee_id": "C1", "cycles": 2020}, "row 1")


def test_what_stands_within_a_row_is_a_record_too() -> None:
    filing = {"file_number": 5, "amends_file": 4, "receipt_date": "2020-01-02T03:04:05"}
    row = {"file_number": 5, "related_line_number": 1, "filing": filing}
    efiled = read_record(EfileReceipt, row, "row 1")
    assert efiled.filing is not None
    assert (efiled.filing.amends_file, efiled.filing.raw) == (4, filing)
    found = read_record(
        CandidateFound, {"candidate_id": "H1", "principal_committees": [{"committee_id": "C1"}]}, "row 1"
    )
    assert [committee.committee_id for committee in found.principal_committees or ()] == ["C1"]


def test_a_fault_within_a_row_is_named_from_outside_in() -> None:
    row = {"file_number": 5, "related_line_number": 1, "filing": {"committee_id": "C1"}}
    with pytest.raises(SourceError, match="`filing` of row 1 has no `file_number`"):
        read_record(EfileReceipt, row, "row 1")


def test_a_record_can_be_kept_as_json() -> None:
    receipt = a_receipt(contribution_receipt_amount=Decimal("0.10"), load_date="2020-01-01")
    kept = json.loads(to_json(receipt))
    assert kept["contribution_receipt_amount"] == "0.10"
    assert kept["raw"]["contribution_receipt_amount"] == "0.10"


def test_equal_rows_are_equal_records_and_can_be_told_apart_in_sets() -> None:
    assert len({a_receipt(), a_receipt(), a_receipt(contributor_name="X")}) == 2
