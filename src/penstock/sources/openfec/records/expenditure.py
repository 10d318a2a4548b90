"""Schedule E: independent expenditures for or against a candidate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record
from penstock.sources.openfec.records.filing import EfileFiling


@dataclass(frozen=True, slots=True, kw_only=True)
class Expenditure(Record):
    """A processed line of Schedule E (`/schedules/schedule_e/`), key `sub_id`; it has no load date.

    The same spending is reported first in a 24/48-hour notice (`is_notice`) and again in the periodic report.
    """

    sub_id: str
    committee_id: str
    transaction_id: str | None
    file_number: int | None
    previous_file_number: int | None
    amendment_indicator: str | None
    amendment_number: int | None
    action_code: str | None
    most_recent: bool | None
    is_notice: bool | None
    expenditure_date: date | None
    disbursement_dt: date | None
    dissemination_date: date | None
    filing_date: date | None
    expenditure_amount: Decimal | None
    office_total_ytd: Decimal | None
    expenditure_description: str | None
    support_oppose_indicator: str | None
    candidate_id: str | None
    candidate_name: str | None
    candidate_first_name: str | None
    candidate_middle_name: str | None
    candidate_last_name: str | None
    candidate_prefix: str | None
    candidate_suffix: str | None
    candidate_office: str | None
    candidate_office_state: str | None
    candidate_office_district: str | None
    candidate_party: str | None
    payee_name: str | None
    payee_first_name: str | None
    payee_last_name: str | None
    payee_city: str | None
    payee_state: str | None
    payee_zip: str | None
    conduit_committee_id: str | None
    conduit_committee_name: str | None
    category_code: str | None
    category_code_full: str | None
    election_type: str | None
    election_type_full: str | None
    memo_code: str | None
    memo_text: str | None
    memoed_subtotal: bool | None
    line_number: str | None
    form_line_number: str | None
    filing_form: str | None
    schedule_type: str | None
    report_type: str | None
    report_year: int | None
    image_number: str | None
    back_reference_transaction_id: str | None
    back_reference_schedule_name: str | None
    original_sub_id: str | None
    link_id: int | None
    pdf_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EfileExpenditure(Record):
    """A line of Schedule E as filed (`/schedules/schedule_e/efile/`), key `file_number` and `related_line_number`.

    `candidate_name` holds the last name alone.
    """

    file_number: int
    related_line_number: int
    committee_id: str | None
    transaction_id: str | None
    amendment_indicator: str | None
    most_recent: bool | None
    is_notice: bool | None
    expenditure_date: date | None
    dissemination_date: date | None
    expenditure_amount: Decimal | None
    office_total_ytd: Decimal | None
    expenditure_description: str | None
    support_oppose_indicator: str | None
    candidate_id: str | None
    candidate_name: str | None
    candidate_first_name: str | None
    candidate_middle_name: str | None
    candidate_prefix: str | None
    candidate_suffix: str | None
    candidate_office: str | None
    candidate_office_state: str | None
    candidate_office_district: str | None
    candidate_party: str | None
    payee_name: str | None
    payee_first_name: str | None
    payee_last_name: str | None
    payee_city: str | None
    payee_state: str | None
    payee_zip: str | None
    category_code: str | None
    entity_type: str | None
    memo_code: str | None
    memo_text: str | None
    line_number: str | None
    filing_form: str | None
    report_type: str | None
    image_number: str | None
    beginning_image_number: str | None
    back_reference_transaction_id: str | None
    back_reference_schedule_name: str | None
    load_timestamp: datetime | None
    pdf_url: str | None
    fec_url: str | None
    filing: EfileFiling | None
