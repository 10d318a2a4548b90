"""Reads the FEC's API: typed records, page by page, each page with the cursor to continue behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Literal, Unpack
from urllib.parse import quote

from penstock.errors import AbsentSourceError, UsageError
from penstock.kit.spelling import did_you_mean
from penstock.sources.http import Answer, Client, Params
from penstock.sources.openfec import endpoint as at
from penstock.sources.openfec import filters as by
from penstock.sources.openfec.body import approve_page, read_rows
from penstock.sources.openfec.endpoint import Endpoint
from penstock.sources.openfec.reading import R, read_record
from penstock.sources.openfec.records.candidate import Candidate, CandidateDetail, CandidateFound, CandidateTotals
from penstock.sources.openfec.records.committee import Committee, CommitteeDetail, CommitteeTotals
from penstock.sources.openfec.records.disbursement import Disbursement, EfileDisbursement
from penstock.sources.openfec.records.election import ElectionCandidate, ElectionDate, Race
from penstock.sources.openfec.records.expenditure import EfileExpenditure, Expenditure
from penstock.sources.openfec.records.filing import EfileFiling, Filing
from penstock.sources.openfec.records.receipt import EfileReceipt, Receipt
from penstock.sources.paging import Cursor, Read, walk

#: The publisher gives no more.
PER_PAGE = 100
EntityType = Literal["presidential", "pac", "party", "pac-party", "house-senate", "ie-only"]
Office = Literal["house", "senate", "president"]


@dataclass(frozen=True, slots=True)
class RecordPage(Generic[R]):
    """Some records, in the order they were asked for; never empty.

    Args:
        cursor: From here another walk with the same filters continues behind this page; save it together with the rows.
        number: Number of the page within this walk, from 1.
    """

    rows: tuple[R, ...] = field(repr=False)
    cursor: Cursor
    number: int


class OpenFec:
    """The FEC's API.

    Every `iter_` method yields pages lazily, takes filters in the publisher's names, and continues behind the page
    whose `cursor` it is given; the filters have to be the same then. A cursor is a JSON object. Walks by page number
    begin anew when the publisher's count changes meanwhile: rows may come twice then, so that none is missed.

    Any method may raise `SourceError`: an answer is no page, a row lacks its key or holds what cannot be read, or the
    client says so; and `UsageError`: a filter does not exist, or is empty.

    Args:
        refresh: Ask the publisher even where the cache has an answer.
    """

    def __init__(self, client: Client, *, per_page: int = PER_PAGE, refresh: bool = False) -> None:
        self._client = client
        self._per_page = per_page
        self._refresh = refresh

    def iter_committees(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.CommitteeFilters]
    ) -> Iterator[RecordPage[Committee]]:
        """Yield committees by name."""
        return self._pages(at.COMMITTEES, filters, cursor)

    def get_committee(self, committee_id: str) -> CommitteeDetail:
        """Return a committee as it is now.

        Raises:
            AbsentSourceError: There is no such committee.
        """
        return self._one(at.COMMITTEE, committee_id=committee_id)

    def iter_committee_totals(
        self, committee_id: str, *, cursor: Cursor | None = None, **filters: Unpack[by.CommitteeTotalsFilters]
    ) -> Iterator[RecordPage[CommitteeTotals]]:
        """Yield what a committee raised and spent, one row a cycle; none when it filed no report."""
        return self._pages(at.COMMITTEE_TOTALS, filters, cursor, committee_id=committee_id)

    def iter_totals(
        self, entity_type: EntityType, *, cursor: Cursor | None = None, **filters: Unpack[by.TotalsFilters]
    ) -> Iterator[RecordPage[CommitteeTotals]]:
        """Yield what all committees of a kind raised and spent, e.g. by `sort="-receipts"`."""
        return self._pages(at.TOTALS, filters, cursor, entity_type=entity_type)

    def iter_candidates(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.CandidateFilters]
    ) -> Iterator[RecordPage[Candidate]]:
        """Yield candidates by name."""
        return self._pages(at.CANDIDATES, filters, cursor)

    def iter_candidates_found(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.CandidateFilters]
    ) -> Iterator[RecordPage[CandidateFound]]:
        """Yield candidates with their principal committees, e.g. those whose name holds `q`."""
        return self._pages(at.CANDIDATES_FOUND, filters, cursor)

    def get_candidate(self, candidate_id: str) -> CandidateDetail:
        """Return a candidate as it is now.

        Raises:
            AbsentSourceError: There is no such candidate.
        """
        return self._one(at.CANDIDATE, candidate_id=candidate_id)

    def iter_candidate_totals(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.CandidateTotalsFilters]
    ) -> Iterator[RecordPage[CandidateTotals]]:
        """Yield what candidates raised and spent.

        Their order has ties, which the publisher may break anew on every page: ask for at most `PER_PAGE` candidates at
        once, and there is but one page.
        """
        return self._pages(at.CANDIDATE_TOTALS, filters, cursor)

    def iter_receipts(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.ReceiptFilters]
    ) -> Iterator[RecordPage[Receipt]]:
        """Yield processed lines of Schedule A by receipt date, those without a date last.

        The publisher does not sort by load date, it only filters by it (`min_load_date`). A row loaded while the walk
        goes on may therefore lie behind it and be missed, with a load date older than others that were seen. The
        watermark that is safe to keep is what `watermark.load_watermark` says: never younger than the day on which the
        walk began. A walk that is resumed began when its first page was asked for.
        """
        return self._pages(at.RECEIPTS, filters, cursor)

    def iter_efile_receipts(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.EfileReceiptFilters]
    ) -> Iterator[RecordPage[EfileReceipt]]:
        """Yield lines of Schedule A as filed, by receipt date: the newest four months."""
        return self._pages(at.EFILE_RECEIPTS, filters, cursor)

    def iter_disbursements(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.DisbursementFilters]
    ) -> Iterator[RecordPage[Disbursement]]:
        """Yield processed lines of Schedule B by disbursement date, those without a date last."""
        return self._pages(at.DISBURSEMENTS, filters, cursor)

    def iter_efile_disbursements(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.EfileDisbursementFilters]
    ) -> Iterator[RecordPage[EfileDisbursement]]:
        """Yield lines of Schedule B as filed, by disbursement date: the newest four months."""
        return self._pages(at.EFILE_DISBURSEMENTS, filters, cursor)

    def iter_expenditures(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.ExpenditureFilters]
    ) -> Iterator[RecordPage[Expenditure]]:
        """Yield processed lines of Schedule E by expenditure date, those without a date last."""
        return self._pages(at.EXPENDITURES, filters, cursor)

    def iter_efile_expenditures(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.EfileExpenditureFilters]
    ) -> Iterator[RecordPage[EfileExpenditure]]:
        """Yield lines of Schedule E as filed, by expenditure date: the newest four months."""
        return self._pages(at.EFILE_EXPENDITURES, filters, cursor)

    def iter_elections(
        self, office: Office, cycle: int, *, cursor: Cursor | None = None, **filters: Unpack[by.ElectionFilters]
    ) -> Iterator[RecordPage[ElectionCandidate]]:
        """Yield the candidates of one election that filed finances, those who raised most first."""
        return self._pages(at.ELECTIONS, filters, cursor, {"office": office, "cycle": cycle})

    def iter_races(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.RaceFilters]
    ) -> Iterator[RecordPage[Race]]:
        """Yield the seats that were up."""
        return self._pages(at.RACES, filters, cursor)

    def iter_election_dates(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.ElectionDateFilters]
    ) -> Iterator[RecordPage[ElectionDate]]:
        """Yield days of voting, in order."""
        return self._pages(at.ELECTION_DATES, filters, cursor)

    def iter_filings(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.FilingFilters]
    ) -> Iterator[RecordPage[Filing]]:
        """Yield filings by the day they were received, each with the chain of amendments it stands in."""
        return self._pages(at.FILINGS, filters, cursor)

    def iter_efile_filings(
        self, *, cursor: Cursor | None = None, **filters: Unpack[by.EfileFilingFilters]
    ) -> Iterator[RecordPage[EfileFiling]]:
        """Yield electronic filings by the instant they were received, before they are processed."""
        return self._pages(at.EFILE_FILINGS, filters, cursor)

    def _pages(
        self, endpoint: Endpoint[R], filters: Any, cursor: Cursor | None, given: Params | None = None, **names: str
    ) -> Iterator[RecordPage[R]]:
        path = _fill(endpoint.path, names)
        _refuse_filters(endpoint, filters)
        params = {"sort": endpoint.sort, "per_page": self._per_page, **filters, **(given or {})}
        pages = walk(endpoint.paging, self._read(path), path, params, start=cursor)
        return (
            RecordPage(_records(endpoint, page.rows, path, page.number), page.cursor, page.number) for page in pages
        )

    def _one(self, endpoint: Endpoint[R], **names: str) -> R:
        path = _fill(endpoint.path, names)
        found = _records(endpoint, read_rows(self._read(path)(path).data, path), path, 1)
        if not found:
            raise AbsentSourceError(f"the FEC knows nothing at `{path}`", hint="check the identifier")
        return found[0]

    def _read(self, endpoint: str) -> Read:
        def read(path: str, params: Params | None = None, *, refresh: bool = False) -> Answer:
            approve = partial(approve_page, endpoint=endpoint)
            return self._client.get_json(path, params, refresh=refresh or self._refresh, approve=approve)

        return read


def _fill(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        if not value.strip():
            raise UsageError(f"`{name}` is empty", hint=f"give one; it becomes part of `{path}`")
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _refuse_filters(endpoint: Endpoint[Any], filters: Params) -> None:
    for name, value in filters.items():
        if name not in endpoint.filters.__annotations__:
            raise UsageError(
                f"`{endpoint.path}` cannot be narrowed by `{name}`",
                hint=did_you_mean(name, endpoint.filters.__annotations__) or "leave it out",
            )
        if isinstance(value, Collection) and not value:
            raise UsageError(
                f"`{name}` of `{endpoint.path}` is empty, which would ask for everything",
                hint="give a value, or leave the filter out",
            )


def _records(endpoint: Endpoint[R], rows: Any, path: str, number: int) -> tuple[R, ...]:
    return tuple(
        read_record(endpoint.kind, row, f"row {at_row} on page {number} of `{path}`")
        for at_row, row in enumerate(rows, start=1)
    )
