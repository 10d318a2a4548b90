"""Candidates and what their campaigns raised and spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate(Record):
    """A person's candidacy for one office (`/candidates/`); another office is another candidate."""

    candidate_id: str
    name: str | None
    office: str | None
    office_full: str | None
    state: str | None
    district: str | None
    district_number: int | None
    party: str | None
    party_full: str | None
    incumbent_challenge: str | None
    incumbent_challenge_full: str | None
    candidate_status: str | None
    candidate_inactive: bool | None
    active_through: int | None
    has_raised_funds: bool | None
    federal_funds_flag: bool | None
    first_file_date: date | None
    last_file_date: date | None
    last_f2_date: date | None
    load_date: datetime | None
    cycles: tuple[int, ...] | None
    election_years: tuple[int, ...] | None
    election_districts: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateDetail(Candidate):
    """A candidate with name parts and address (`/candidate/{candidate_id}/`)."""

    candidate_first_name: str | None
    candidate_middle_name: str | None
    candidate_last_name: str | None
    candidate_prefix: str | None
    candidate_suffix: str | None
    address_street_1: str | None
    address_street_2: str | None
    address_city: str | None
    address_state: str | None
    address_zip: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalCommittee(Record):
    """A candidate's own committee, in short."""

    committee_id: str
    name: str | None
    committee_type: str | None
    designation: str | None
    party: str | None
    state: str | None
    treasurer_name: str | None
    candidate_ids: tuple[str, ...] | None
    cycles: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFound(Candidate):
    """A candidate with its principal committees (`/candidates/search/`)."""

    principal_committees: tuple[PrincipalCommittee, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateTotals(Record):
    """What a candidate raised and spent (`/candidates/totals/`), in a cycle or, if `is_election`, a whole election."""

    candidate_id: str
    name: str | None
    cycle: int
    is_election: bool
    election_year: int | None
    candidate_election_year: int | None
    office: str | None
    state: str | None
    district: str | None
    party: str | None
    incumbent_challenge: str | None
    coverage_start_date: date | None
    coverage_end_date: date | None
    receipts: Decimal | None
    disbursements: Decimal | None
    cash_on_hand_end_period: Decimal | None
    debts_owed_by_committee: Decimal | None
    individual_itemized_contributions: Decimal | None
    other_political_committee_contributions: Decimal | None
    transfers_from_other_authorized_committee: Decimal | None
    load_date: datetime | None
