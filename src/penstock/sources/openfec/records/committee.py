"""Committees and what they raised and spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee(Record):
    """A committee as it stands in lists (`/committees/`)."""

    committee_id: str
    name: str | None
    committee_type: str | None
    committee_type_full: str | None
    designation: str | None
    designation_full: str | None
    party: str | None
    party_full: str | None
    state: str | None
    treasurer_name: str | None
    organization_type: str | None
    organization_type_full: str | None
    filing_frequency: str | None
    affiliated_committee_name: str | None
    first_file_date: date | None
    last_file_date: date | None
    first_f1_date: date | None
    last_f1_date: date | None
    candidate_ids: tuple[str, ...] | None
    sponsor_candidate_ids: tuple[str, ...] | None
    cycles: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeDetail(Committee):
    """A committee with its address (`/committee/{committee_id}/`)."""

    street_1: str | None
    street_2: str | None
    city: str | None
    state_full: str | None
    zip: str | None
    leadership_pac: str | None
    lobbyist_registrant_pac: str | None
    party_type: str | None
    party_type_full: str | None
    website: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeTotals(Record):
    """What a committee raised and spent in a cycle, from its reports; forms leave out what they do not ask for."""

    committee_id: str | None
    committee_name: str | None
    cycle: int
    committee_type: str | None
    committee_designation: str | None
    report_form: str | None
    coverage_start_date: datetime | None
    coverage_end_date: datetime | None
    transaction_coverage_date: date | None
    last_report_year: int | None
    last_report_type_full: str | None
    receipts: Decimal | None
    contributions: Decimal | None
    individual_contributions: Decimal | None
    individual_itemized_contributions: Decimal | None
    individual_unitemized_contributions: Decimal | None
    other_political_committee_contributions: Decimal | None
    political_party_committee_contributions: Decimal | None
    candidate_contribution: Decimal | None
    contribution_refunds: Decimal | None
    transfers_from_affiliated_committee: Decimal | None
    transfers_from_other_authorized_committee: Decimal | None
    transfers_to_affiliated_committee: Decimal | None
    transfers_to_other_authorized_committee: Decimal | None
    disbursements: Decimal | None
    operating_expenditures: Decimal | None
    independent_expenditures: Decimal | None
    fed_candidate_committee_contributions: Decimal | None
    cash_on_hand_beginning_period: Decimal | None
    last_cash_on_hand_end_period: Decimal | None
    last_debts_owed_by_committee: Decimal | None
    last_debts_owed_to_committee: Decimal | None
    net_contributions: Decimal | None
    total_independent_contributions: Decimal | None
    total_independent_expenditures: Decimal | None
