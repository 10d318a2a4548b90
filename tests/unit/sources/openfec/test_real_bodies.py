"""Every body the FEC's API really sent is read whole or refused with its reason, never taken for an empty page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from penstock.errors import SourceError
from penstock.sources.openfec.body import read_rows
from penstock.sources.openfec.client import OpenFec
from penstock.sources.openfec.reading import Record
from tests.unit.sources.openfec.publisher import Publisher
from tests.unit.sources.openfec.samples import REAL, names_of_bodies, read_json

pytestmark = REAL
Ask = Callable[[OpenFec], Any]

#: How the rows of a body are asked for, and how many records it holds.
RECORDS: dict[str, tuple[Ask, int]] = {
    "schedule_a_2020_page.json.gz": (lambda fec: fec.iter_receipts(), 100),
    "schedule_e_2024.json": (lambda fec: fec.iter_expenditures(), 5),
    "v1_2015/schedules_schedule_a.json": (lambda fec: fec.iter_receipts(), 20),
    "v1_2015/committees.json": (lambda fec: fec.iter_committees(), 20),
    "v1_2015/committees_committee_id=C00563023.json": (lambda fec: fec.iter_committees(), 1),
    "v1_2015/candidates.json": (lambda fec: fec.iter_candidates(), 20),
    "v1_2015/candidates_party=DEM.json": (lambda fec: fec.iter_candidates(party="DEM"), 20),
    "v1_2015/elections_cycle=2000_office=president.json": (lambda fec: fec.iter_elections("president", 2000), 20),
    "v1_2015/committee_C00563023_totals.json": (lambda fec: fec.iter_committee_totals("C00563023"), 0),
    "v1_2015/candidate_H0AK00014_committees.json": (lambda fec: fec.get_committee("C00078238"), 1),
    "v1_2015/candidate_H4IL07037_committees.json": (lambda fec: fec.get_committee("C00409391"), 1),
    "v1_2015/committee_C00462390_history_2012.json": (lambda fec: fec.get_committee("C00462390"), 1),
    "v1_2015/candidate_H0AK00014_history.json": (lambda fec: fec.get_candidate("H0AK00014"), 1),
    "v1_2015/candidate_H0AK00014_history_1980.json": (lambda fec: fec.get_candidate("H0AK00014"), 1),
}
#: Pages of endpoints that have no record here: their rows are read as published.
ROWS = {
    "v1_2015/candidate_Henry_history.json": 0,
    "v1_2015/committee_C00563023_reports.json": 0,
    "v1_2015/reporting-dates_report_year=2000.json": 0,
    "v1_2015/committee_C00000729_schedules_schedule_a_by_occupation.json": 20,
    "v1_2015/communication_costs_by_candidate_candidate_id=H0AL03036.json": 1,
    "v1_2015/schedules_schedule_a_by_size_by_candidate_candidate_id=S4PA00121_cycle=2010.json": 5,
    "v1_2015/schedules_schedule_a_by_size_by_candidate_candidate_id=S4PA00121_cycle=2016.json": 5,
}
#: Bodies that are refused, and the words that say why.
REFUSED = {
    "errors/api_key_missing.json": "API_KEY_MISSING",
    "errors/over_rate_limit.json": "OVER_RATE_LIMIT",
    "v0_2014/committees_p.json.gz": "version `0.2`",
    "v0_2014/candidates_2012.json.gz": "version `0.2`",
    "v1_2015/names_candidates_q=John.json": "no `pagination`",
    "v1_2015/names_committees_q=Congress.json": "no `pagination`",
}
#: No JSON at all: these never reach a record, see `test_faults.py`.
PAGES_OF_TEXT = {"v1_2015/error_404.html", "v1_2015/error_500.html"}


def records_of(name: str) -> list[Any]:
    """The records of a body: those of a walk's first page, or the one that was asked for."""
    ask, _ = RECORDS[name]
    given = ask(OpenFec(Publisher(anywhere=read_json(name))))
    if isinstance(given, Record):
        return [given]
    page = next(given, None)
    return [] if page is None else list(page.rows)


def test_every_body_in_the_folder_is_looked_at() -> None:
    assert set(names_of_bodies()) == set(RECORDS) | set(ROWS) | set(REFUSED) | PAGES_OF_TEXT


@pytest.mark.parametrize("name", RECORDS)
def test_a_body_gives_all_its_records_and_loses_nothing(name: str) -> None:
    published = read_json(name)["results"]
    records = records_of(name)
    assert len(records) == RECORDS[name][1] == len(published)
    assert [record.raw for record in records] == published


@pytest.mark.parametrize("name", RECORDS)
def test_no_value_of_a_real_row_is_lost_on_its_way_into_a_field(name: str) -> None:
    for record in records_of(name):
        fields = {field: getattr(record, field) for field in record.__dataclass_fields__ if field != "raw"}
        assert {field for field, value in fields.items() if value is None} == {
            field for field in fields if record.raw.get(field) is None
        }


@pytest.mark.parametrize("name", ROWS)
def test_a_body_of_another_endpoint_gives_its_rows_as_published(name: str) -> None:
    assert len(read_rows(read_json(name), "/elsewhere/")) == ROWS[name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_is_no_page_is_refused_with_its_reason(name: str) -> None:
    fec = OpenFec(Publisher(anywhere=read_json(name)))
    for ask in (fec.iter_receipts, fec.iter_committees, fec.iter_candidates):
        with pytest.raises(SourceError, match=REFUSED[name]) as refused:
            list(ask())
        assert refused.value.hint


def test_amounts_never_pass_through_floats() -> None:
    records = records_of("schedule_a_2020_page.json.gz")
    assert sum(record.contribution_receipt_amount for record in records) == Decimal("82356.92")
    amounts = [str(record.expenditure_amount) for record in records_of("schedule_e_2024.json")]
    assert amounts == ["1950.0", "23328.5", "182224.0", "20211.0", "12000.0"]


def test_a_receipt_of_2020_is_read_field_by_field() -> None:
    receipt = records_of("schedule_a_2020_page.json.gz")[0]
    assert receipt.sub_id == "4110520201891261655"
    assert receipt.contribution_receipt_date == date(2030, 9, 29)
    assert receipt.contribution_receipt_amount == 500
    assert receipt.load_date == datetime(2020, 11, 6, 15, 9, 47, 744000, tzinfo=UTC)
    assert receipt.contributor_zip == "331662738"
    assert (receipt.is_individual, receipt.memoed_subtotal) == (True, True)
    assert receipt.file_number == 1451661


def test_identifiers_are_texts_and_years_numbers_however_they_were_published() -> None:
    assert {type(record.raw["transaction_id"]) for record in records_of("v1_2015/schedules_schedule_a.json")} == {int}
    assert records_of("v1_2015/schedules_schedule_a.json")[0].transaction_id == "2034021"
    assert records_of("schedule_e_2024.json")[0].raw["report_year"] == "2024"
    assert records_of("schedule_e_2024.json")[0].report_year == 2024


def test_lists_keep_their_order() -> None:
    first = records_of("v1_2015/elections_cycle=2000_office=president.json")[0]
    assert first.committee_ids == ("C00360503", "C00343509", "C00346932")
