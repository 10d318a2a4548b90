"""Filings: the reports that carry rows, and which one amends which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing(Record):
    """A document filed with the FEC (`/filings/`); paper filings may have no `file_number`.

    `amendment_chain` lists the file numbers from the first filing to this one; `most_recent_file_number` names the
    filing that stands now.
    """

    sub_id: str | None
    file_number: int | None
    committee_id: str | None
    committee_name: str | None
    committee_type: str | None
    candidate_id: str | None
    form_type: str | None
    form_category: str | None
    report_type: str | None
    report_type_full: str | None
    report_year: int | None
    cycle: int | None
    document_type: str | None
    document_description: str | None
    request_type: str | None
    means_filed: str | None
    fec_file_id: str | None
    beginning_image_number: str | None
    ending_image_number: str | None
    pages: int | None
    receipt_date: datetime | None
    coverage_start_date: date | None
    coverage_end_date: date | None
    update_date: date | None
    amendment_indicator: str | None
    amendment_version: int | None
    amendment_chain: tuple[int, ...] | None
    previous_file_number: int | None
    most_recent_file_number: int | None
    most_recent: bool | None
    is_amended: bool | None
    total_receipts: Decimal | None
    total_disbursements: Decimal | None
    total_individual_contributions: Decimal | None
    total_independent_expenditures: Decimal | None
    cash_on_hand_beginning_period: Decimal | None
    cash_on_hand_end_period: Decimal | None
    debts_owed_by_committee: Decimal | None
    debts_owed_to_committee: Decimal | None
    pdf_url: str | None
    csv_url: str | None
    fec_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EfileFiling(Record):
    """An electronic filing as received, before it is processed (`/efile/filings/`, and within efile rows)."""

    file_number: int
    committee_id: str | None
    committee_name: str | None
    form_type: str | None
    fec_file_id: str | None
    document_description: str | None
    beginning_image_number: str | None
    ending_image_number: str | None
    receipt_date: datetime | None
    filed_date: date | None
    load_timestamp: datetime | None
    coverage_start_date: date | None
    coverage_end_date: date | None
    amends_file: int | None
    amended_by: int | None
    amendment_number: int | None
    amendment_chain: tuple[int, ...] | None
    most_recent_filing: int | None
    most_recent: bool | None
    is_amended: bool | None
    pdf_url: str | None
    csv_url: str | None
    fec_url: str | None
