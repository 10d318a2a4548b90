"""Schedule B: money spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record
from penstock.sources.openfec.records.filing import EfileFiling


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursement(Record):
    """A processed line of Schedule B (`/schedules/schedule_b/`), key `sub_id`."""

    sub_id: str
    committee_id: str
    two_year_transaction_period: int | None
    transaction_id: str | None
    file_number: int | None
    amendment_indicator: str | None
    disbursement_date: date | None
    disbursement_amount: Decimal | None
    disbursement_type: str | None
    disbursement_type_description: str | None
    disbursement_description: str | None
    disbursement_purpose_category: str | None
    recipient_committee_id: str | None
    recipient_name: str | None
    recipient_city: str | None
    recipient_state: str | None
    recipient_zip: str | None
    beneficiary_committee_name: str | None
    payee_first_name: str | None
    payee_last_name: str | None
    entity_type: str | None
    candidate_id: str | None
    candidate_name: str | None
    candidate_office: str | None
    candidate_office_state: str | None
    candidate_office_district: str | None
    conduit_committee_name: str | None
    category_code: str | None
    category_code_full: str | None
    election_type: str | None
    election_type_full: str | None
    fec_election_type_desc: str | None
    fec_election_year: str | None
    memo_code: str | None
    memo_text: str | None
    memoed_subtotal: bool | None
    line_number: str | None
    line_number_label: str | None
    image_number: str | None
    filing_form: str | None
    schedule_type: str | None
    report_type: str | None
    report_year: int | None
    spender_committee_type: str | None
    spender_committee_designation: str | None
    spender_committee_org_type: str | None
    back_reference_transaction_id: str | None
    back_reference_schedule_id: str | None
    original_sub_id: str | None
    link_id: int | None
    load_date: datetime | None
    pdf_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EfileDisbursement(Record):
    """A line of Schedule B as filed (`/schedules/schedule_b/efile/`), key `file_number` and `related_line_number`."""

    file_number: int
    related_line_number: int
    committee_id: str | None
    transaction_id: str | None
    amendment_indicator: str | None
    disbursement_date: date | None
    disbursement_amount: Decimal | None
    disbursement_type: str | None
    disbursement_description: str | None
    payee_name: str | None
    recipient_name: str | None
    recipient_city: str | None
    recipient_state: str | None
    recipient_zip: str | None
    beneficiary_committee_name: str | None
    entity_type: str | None
    candidate_office: str | None
    candidate_office_district: str | None
    memo_code: str | None
    memo_text: str | None
    line_number: str | None
    image_number: str | None
    beginning_image_number: str | None
    report_type: str | None
    is_notice: bool | None
    back_reference_transaction_id: str | None
    back_reference_schedule_name: str | None
    load_timestamp: datetime | None
    pdf_url: str | None
    fec_url: str | None
    filing: EfileFiling | None
