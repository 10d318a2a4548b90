"""The endpoints of the FEC's API that are read: where they lie, what a row is, how their pages follow each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic

from penstock.sources.openfec import filters
from penstock.sources.openfec.reading import R
from penstock.sources.openfec.records.candidate import Candidate, CandidateDetail, CandidateFound, CandidateTotals
from penstock.sources.openfec.records.committee import Committee, CommitteeDetail, CommitteeTotals
from penstock.sources.openfec.records.disbursement import Disbursement, EfileDisbursement
from penstock.sources.openfec.records.election import ElectionCandidate, ElectionDate, Race
from penstock.sources.openfec.records.expenditure import EfileExpenditure, Expenditure
from penstock.sources.openfec.records.filing import EfileFiling, Filing
from penstock.sources.openfec.records.receipt import EfileReceipt, Receipt
from penstock.sources.paging import LastIndexes, PageNumber, Paging

_BY_NUMBER = PageNumber()
_BY_INDEXES = LastIndexes()


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[R]):
    """One endpoint.

    Args:
        path: As in the publisher's description, e.g. `/committee/{committee_id}/`.
        kind: What a row is.
        filters: What it can be narrowed by.
        sort: The order asked for; the publisher's own presets are announced to change. Ascending dates keep rows that
            arrive during a walk behind it.
        paging: How its pages follow each other.
    """

    path: str
    kind: type[R]
    filters: type[filters.Filters] = filters.Filters
    sort: str | None = None
    paging: Paging = field(default=_BY_NUMBER)


COMMITTEES = Endpoint("/committees/", Committee, filters.CommitteeFilters, "name")
COMMITTEE = Endpoint("/committee/{committee_id}/", CommitteeDetail)
COMMITTEE_TOTALS = Endpoint(
    "/committee/{committee_id}/totals/", CommitteeTotals, filters.CommitteeTotalsFilters, "cycle"
)
TOTALS = Endpoint("/totals/{entity_type}/", CommitteeTotals, filters.TotalsFilters, "cycle")
CANDIDATES = Endpoint("/candidates/", Candidate, filters.CandidateFilters, "name")
CANDIDATES_FOUND = Endpoint("/candidates/search/", CandidateFound, filters.CandidateFilters, "name")
CANDIDATE = Endpoint("/candidate/{candidate_id}/", CandidateDetail)
CANDIDATE_TOTALS = Endpoint("/candidates/totals/", CandidateTotals, filters.CandidateTotalsFilters, "-election_year")
RECEIPTS = Endpoint("/schedules/schedule_a/", Receipt, filters.ReceiptFilters, "contribution_receipt_date", _BY_INDEXES)
EFILE_RECEIPTS = Endpoint(
    "/schedules/schedule_a/efile/", EfileReceipt, filters.EfileReceiptFilters, "contribution_receipt_date"
)
DISBURSEMENTS = Endpoint(
    "/schedules/schedule_b/", Disbursement, filters.DisbursementFilters, "disbursement_date", _BY_INDEXES
)
EFILE_DISBURSEMENTS = Endpoint(
    "/schedules/schedule_b/efile/", EfileDisbursement, filters.EfileDisbursementFilters, "disbursement_date"
)
EXPENDITURES = Endpoint(
    "/schedules/schedule_e/", Expenditure, filters.ExpenditureFilters, "expenditure_date", _BY_INDEXES
)
EFILE_EXPENDITURES = Endpoint(
    "/schedules/schedule_e/efile/", EfileExpenditure, filters.EfileExpenditureFilters, "expenditure_date"
)
ELECTIONS = Endpoint("/elections/", ElectionCandidate, filters.ElectionFilters, "-total_receipts")
RACES = Endpoint("/elections/search/", Race, filters.RaceFilters)
ELECTION_DATES = Endpoint("/election-dates/", ElectionDate, filters.ElectionDateFilters, "election_date")
FILINGS = Endpoint("/filings/", Filing, filters.FilingFilters, "receipt_date")
EFILE_FILINGS = Endpoint("/efile/filings/", EfileFiling, filters.EfileFilingFilters, "receipt_date")
