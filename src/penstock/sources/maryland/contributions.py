"""Contributions to Maryland committees: asked for by day, answered with twelve columns and no identifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from penstock.errors import SourceError
from penstock.sources.maryland.session import SearchForm, search

if TYPE_CHECKING:
    from penstock.sources.http.client import Client

#: The columns, as named by the sheet at https://campaignfinance.maryland.gov/Public/ViewReceipts , and as named here.
COLUMNS = {
    "Receiving Committee": "receiving_committee",
    "Filing Period": "filing_period",
    "Contribution Date": "contribution_date",
    "Contributor Name": "contributor_name",
    "Contributor Address": "contributor_address",
    "Contributor Type": "contributor_type",
    "Contribution Type": "contribution_type",
    "Contribution Amount": "contribution_amount",
    "Employer Name": "employer_name",
    "Employer Occupation": "employer_occupation",
    "Office": "office",
    "Fundtype": "fundtype",
}
_FIELDS = (
    "txtContributorName", "txtFirstName", "ContributorType", "ContributionType", "ddlEmployerOccupation",
    "txtReceivingRegistrant", "ddlOfficeType", "ddlOfficeSought", "ddljurisdiction", "txtStreet", "txtTown",
    "ddlState", "txtZipCode", "txtZipExt", "ddlCanCountyofResidence", "MemberId", "FilingYear", "FilingPeriodName",
    "ddlFundType", "dtStartDate", "dtEndDate", "txtAmountRangeFrom", "txtAmountRangeTo",
)  # fmt: skip
_FORM = SearchForm(
    page="/Public/ViewReceipts",
    export="/Public/ExportCsv",
    fields=dict.fromkeys(_FIELDS, ""),
    columns=tuple(COLUMNS),
    noun="contributions",
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One row.

    Args:
        values: The twelve values as published, by our name of the column.
        given_on: Its date.
        amount: In US dollars; None where it cannot be read.
    """

    values: Mapping[str, str]
    given_on: date
    amount: Decimal | None


def read_contributions(client: Client, first: date, last: date) -> list[Contribution]:
    """Return every contribution given on these days, first and last included.

    Raises:
        SourceError: The site cannot be reached or refuses, the answer is damaged, or it holds rows of other days: the
            filter was lost.
    """
    days = {"dtStartDate": f"{first:%m/%d/%Y}", "dtEndDate": f"{last:%m/%d/%Y}"}
    rows = [{COLUMNS[name]: value for name, value in row.items()} for row in search(client, _FORM, days)]
    return [_contribution(row, first, last) for row in rows]


def parse_date(text: str) -> date | None:
    """Return the date of a text such as `3/5/2020`, with or without leading zeros or a time; None when it is none."""
    try:
        return datetime.strptime(text.strip().partition(" ")[0], "%m/%d/%Y").date()  # noqa: DTZ007 - a day, nowhere
    except ValueError:
        return None


def parse_amount(text: str) -> Decimal | None:
    """Return the amount of a text such as `-50.0000` or `$1,000.00`; None when it is none."""
    try:
        amount = Decimal(text.strip().replace("$", "").replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _contribution(row: Mapping[str, str], first: date, last: date) -> Contribution:
    given_on = parse_date(row["contribution_date"])
    if given_on is None or not first <= given_on <= last:
        raise SourceError(
            f"contributions of {first} to {last} were asked for, but one is dated "
            f"`{row['contribution_date'][:30]}`: the site lost the filter",
            hint="try again",
            retriable=True,
        )
    return Contribution(row, given_on, parse_amount(row["contribution_amount"]))
