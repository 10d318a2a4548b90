"""Committees registered in Maryland, each under its CCF id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from penstock.errors import SourceError
from penstock.sources.maryland.contributions import parse_date
from penstock.sources.maryland.session import SearchForm, search

if TYPE_CHECKING:
    from penstock.sources.http.client import Client

#: The columns, as named by the sheet at https://campaignfinance.maryland.gov/Public/Search , and as named here.
COLUMNS = {
    "Committee Type": "committee_type",
    "CCF ID": "ccf_id",
    "Committee Name": "committee_name",
    "Committee Status": "committee_status",
    "Citation Violations": "citation_violations",
    "Election Type": "election_type",
    "Registered Date": "registered_date",
    "Amended Date": "amended_date",
    "Chairperson Name": "chairperson_name",
    "Chairperson Address": "chairperson_address",
    "Treasurer Name": "treasurer_name",
    "Treasurer Address": "treasurer_address",
}
_FIELDS = (
    "MemberId", "txtCommitteeName", "hdnAcronymId", "txtAcronym", "txtCommitteeID", "ddlcertificStatus",
    "CommitteeType", "CommitteeStatus", "ddlElectionYear", "ElectionType", "hdnPersonID", "txtResOfficer",
    "ddlViolation", "ddlViolationStatus", "dtViolationStartDate", "dtViolationEndDate", "txtAmountRangeFrom",
    "txtAmountRangeTo", "dtStartDate", "dtEndDate", "ddlOfficeSought", "ddlOfficeType", "ddljurisdiction",
)  # fmt: skip
_FORM = SearchForm(
    page="/Public/Search",
    export="/Public/ExporttoCsv",
    # 3 is the form's word for: whether cited or not.
    fields={**dict.fromkeys(_FIELDS, ""), "CitationIssued": "3"},
    columns=tuple(COLUMNS),
    noun="committees",
)


@dataclass(frozen=True, slots=True)
class Committee:
    """One committee.

    Args:
        ccf_id: The state's identifier.
        values: All values as published, by our name of the column.
        registered_on: None where it is missing or cannot be read.
    """

    ccf_id: str
    values: Mapping[str, str]
    registered_on: date | None


def read_committees(client: Client) -> list[Committee]:
    """Return every committee, closed ones too.

    Raises:
        SourceError: The site cannot be reached or refuses, the answer is damaged or empty, or a committee has no id.
    """
    rows = [{COLUMNS[name]: value for name, value in row.items()} for row in search(client, _FORM, {})]
    if not rows:
        raise SourceError(
            "Maryland's list of committees is empty", hint="try again: there are always some", retriable=True
        )
    return [_committee(row) for row in rows]


def _committee(row: Mapping[str, str]) -> Committee:
    if not row["ccf_id"]:
        raise SourceError(
            f"Maryland's committee `{row['committee_name'][:60]}` has no CCF id",
            hint="the publisher may have changed its format",
        )
    return Committee(row["ccf_id"], row, parse_date(row["registered_date"]))
