"""What each endpoint of the FEC's API can be narrowed by, in the publisher's names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

#: One value or several; several are alternatives. None leaves the filter out, an empty sequence is refused.
Texts = str | Sequence[str] | None
Numbers = int | Sequence[int] | None


class Filters(TypedDict, total=False):
    """What every endpoint takes.

    `sort` names a field, `-` before it turns the order round; fields other than the one preset may be refused. Of
    identifiers the publisher takes at most ten at once.
    """

    sort: str


class CommitteeFilters(Filters, total=False):
    """Of `/committees/`; `cycle` is any cycle in which the committee was active."""

    cycle: Numbers
    state: Texts
    committee_type: Texts
    designation: Texts
    organization_type: Texts
    party: Texts
    committee_id: Texts
    candidate_id: Texts
    min_last_file_date: date | None
    max_last_file_date: date | None


class CandidateFilters(Filters, total=False):
    """Of `/candidates/` and `/candidates/search/`; `q` is looked for in names, three letters at least."""

    cycle: Numbers
    election_year: Numbers
    state: Texts
    office: Texts
    district: Texts
    party: Texts
    candidate_id: Texts
    candidate_status: Texts
    is_active_candidate: bool | None
    has_raised_funds: bool | None
    q: Texts


class CommitteeTotalsFilters(Filters, total=False):
    """Of `/committee/{committee_id}/totals/`."""

    cycle: Numbers


class TotalsFilters(Filters, total=False):
    """Of `/totals/{entity_type}/`."""

    cycle: Numbers
    committee_id: Texts
    committee_type: Texts
    committee_designation: Texts
    committee_state: Texts
    organization_type: Texts


class CandidateTotalsFilters(Filters, total=False):
    """Of `/candidates/totals/`; `election_full=False` asks for two-year cycles instead of whole elections."""

    cycle: Numbers
    election_year: Numbers
    election_full: bool | None
    candidate_id: Texts
    state: Texts
    office: Texts
    district: Texts
    party: Texts


class ReceiptFilters(Filters, total=False):
    """Of `/schedules/schedule_a/`. Without `two_year_transaction_period` the publisher takes the newest one alone.

    The publisher compares `load_date`, an instant, with the *beginning* of the days given: `min_load_date` takes that
    whole day in, `max_load_date` leaves that day out.
    """

    committee_id: Texts
    two_year_transaction_period: Numbers
    min_load_date: date | None
    max_load_date: date | None
    min_date: date | None
    max_date: date | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    line_number: str | None
    is_individual: bool | None
    contributor_id: Texts
    contributor_name: Texts
    contributor_city: Texts
    contributor_state: Texts
    contributor_zip: Texts
    contributor_employer: Texts
    contributor_occupation: Texts
    recipient_committee_type: Texts
    recipient_committee_designation: Texts


class EfileReceiptFilters(Filters, total=False):
    """Of `/schedules/schedule_a/efile/`."""

    committee_id: Texts
    min_date: date | None
    max_date: date | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    contributor_name: Texts
    contributor_city: Texts
    contributor_state: Texts
    contributor_employer: Texts
    contributor_occupation: Texts


class DisbursementFilters(Filters, total=False):
    """Of `/schedules/schedule_b/`; `line_number` is written as form and line, e.g. `F3X-22`. No load dates here."""

    committee_id: Texts
    two_year_transaction_period: Numbers
    min_date: date | None
    max_date: date | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    line_number: str | None
    recipient_committee_id: Texts
    recipient_name: Texts
    recipient_state: Texts
    disbursement_purpose_category: Texts
    spender_committee_type: Texts
    spender_committee_designation: Texts


class EfileDisbursementFilters(Filters, total=False):
    """Of `/schedules/schedule_b/efile/`."""

    committee_id: Texts
    min_date: date | None
    max_date: date | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    recipient_state: Texts
    disbursement_description: Texts


class ExpenditureFilters(Filters, total=False):
    """Of `/schedules/schedule_e/`; rows of which nobody knows whether an amendment followed pass `most_recent` too."""

    committee_id: Texts
    candidate_id: Texts
    cycle: Numbers
    is_notice: bool | None
    most_recent: bool | None
    filing_form: Texts
    support_oppose_indicator: Texts
    candidate_office: Texts
    candidate_office_state: Texts
    candidate_office_district: Texts
    candidate_party: Texts
    min_date: date | None
    max_date: date | None
    min_dissemination_date: date | None
    max_dissemination_date: date | None
    min_filing_date: date | None
    max_filing_date: date | None
    min_amount: Decimal | None
    max_amount: Decimal | None


class EfileExpenditureFilters(Filters, total=False):
    """Of `/schedules/schedule_e/efile/`, which has no `min_date`: it is `min_expenditure_date` here."""

    committee_id: Texts
    candidate_id: Texts
    is_notice: bool | None
    most_recent: bool | None
    filing_form: Texts
    support_oppose_indicator: Texts
    candidate_office: str | None
    candidate_office_state: Texts
    candidate_office_district: Texts
    min_expenditure_date: date | None
    max_expenditure_date: date | None
    min_dissemination_date: date | None
    max_dissemination_date: date | None
    min_filed_date: date | None
    max_filed_date: date | None


class ElectionFilters(Filters, total=False):
    """Of `/elections/`: `state` is due for `senate` and `house`, `district` (two digits) for `house`."""

    state: str | None
    district: str | None
    election_full: bool | None


class RaceFilters(Filters, total=False):
    """Of `/elections/search/`; `office` is `house`, `senate` or `president`."""

    cycle: Numbers
    office: Texts
    state: Texts
    district: Texts
    zip: Numbers


class ElectionDateFilters(Filters, total=False):
    """Of `/election-dates/`; `office_sought` is `H`, `S` or `P`."""

    election_year: Numbers
    election_state: Texts
    election_district: Texts
    election_party: Texts
    election_type_id: Texts
    office_sought: Texts
    min_election_date: date | None
    max_election_date: date | None
    min_update_date: date | None
    max_update_date: date | None


class FilingFilters(Filters, total=False):
    """Of `/filings/`."""

    committee_id: Texts
    candidate_id: Texts
    cycle: Numbers
    report_year: Numbers
    report_type: Texts
    form_type: Texts
    form_category: Texts
    file_number: Numbers
    amendment_indicator: Texts
    is_amended: bool | None
    most_recent: bool | None
    min_receipt_date: date | None
    max_receipt_date: date | None
    state: Texts


class EfileFilingFilters(Filters, total=False):
    """Of `/efile/filings/`."""

    committee_id: Texts
    file_number: Numbers
    form_type: Texts
    min_receipt_date: date | None
    max_receipt_date: date | None
