"""Elections: who ran with how much money, which seats were up, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penstock.sources.openfec.reading import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionCandidate(Record):
    """A candidate of one election with the campaign's finances (`/elections/`)."""

    candidate_id: str
    candidate_name: str | None
    candidate_election_year: int | None
    candidate_pcc_id: str | None
    candidate_pcc_name: str | None
    committee_ids: tuple[str, ...] | None
    party_full: str | None
    incumbent_challenge_full: str | None
    total_receipts: Decimal | None
    total_disbursements: Decimal | None
    cash_on_hand_end_period: Decimal | None
    coverage_end_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Race(Record):
    """A seat that was up in a cycle (`/elections/search/`)."""

    cycle: int
    office: str
    state: str | None
    district: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionDate(Record):
    """One day of voting: a primary, runoff, convention, general or special election (`/election-dates/`)."""

    election_state: str | None
    election_district: str | None
    office_sought: str | None
    election_date: date | None
    election_year: int | None
    election_type_id: str | None
    election_type_full: str | None
    election_party: str | None
    election_notes: str | None
    primary_general_date: date | None
    active_election: bool | None
    create_date: datetime | None
    update_date: datetime | None
