"""Schedule A: money received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record
from penstock.sources.openfec.records.filing import EfileFiling


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Record):
    """A processed line of Schedule A (`/schedules/schedule_a/`), key `sub_id`."""

    sub_id: str
    committee_id: str
    two_year_transaction_period: int | None
    transaction_id: str | None
    file_number: int | None
    amendment_indicator: str | None
    contribution_receipt_date: date | None
    contribution_receipt_amount: Decimal | None
    contributor_aggregate_ytd: Decimal | None
    contributor_id: str | None
    contributor_name: str | None
    contributor_prefix: str | None
    contributor_first_name: str | None
    contributor_middle_name: str | None
    contributor_last_name: str | None
    contributor_suffix: str | None
    contributor_street_1: str | None
    contributor_street_2: str | None
    contributor_city: str | None
    contributor_state: str | None
    contributor_zip: str | None
    contributor_employer: str | None
    contributor_occupation: str | None
    entity_type: str | None
    is_individual: bool | None
    recipient_committee_designation: str | None
    recipient_committee_type: str | None
    recipient_committee_org_type: str | None
    candidate_id: str | None
    candidate_name: str | None
    conduit_committee_id: str | None
    conduit_committee_name: str | None
    donor_committee_name: str | None
    receipt_type: str | None
    receipt_type_desc: str | None
    receipt_type_full: str | None
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
    back_reference_transaction_id: str | None
    back_reference_schedule_name: str | None
    original_sub_id: str | None
    link_id: int | None
    load_date: datetime | None
    pdf_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EfileReceipt(Record):
    """A line of Schedule A as filed (`/schedules/schedule_a/efile/`), key `file_number` and `related_line_number`.

    The publisher keeps the newest four months. Once processed, the line stands in Schedule A under a `sub_id`, with
    the same `committee_id` and `transaction_id`.
    """

    file_number: int
    related_line_number: int
    committee_id: str | None
    transaction_id: str | None
    amendment_indicator: str | None
    contribution_receipt_date: date | None
    contribution_receipt_amount: Decimal | None
    contributor_aggregate_ytd: Decimal | None
    contributor_name: str | None
    contributor_prefix: str | None
    contributor_first_name: str | None
    contributor_middle_name: str | None
    contributor_last_name: str | None
    contributor_suffix: str | None
    contributor_city: str | None
    contributor_state: str | None
    contributor_zip: str | None
    contributor_employer: str | None
    contributor_occupation: str | None
    entity_type: str | None
    conduit_committee_id: str | None
    conduit_committee_name: str | None
    fec_election_type_desc: str | None
    pgo: str | None
    cycle: int | None
    memo_code: str | None
    memo_text: str | None
    line_number: str | None
    image_number: str | None
    beginning_image_number: str | None
    report_type: str | None
    back_reference_transaction_id: str | None
    back_reference_schedule_name: str | None
    load_timestamp: datetime | None
    pdf_url: str | None
    fec_url: str | None
    filing: EfileFiling | None
