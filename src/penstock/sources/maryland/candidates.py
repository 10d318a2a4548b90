"""Lists of candidates in Maryland: one file per election and kind, whose folders, names and columns change by year."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.jsonable import to_json
from penstock.sources.maryland.sheet import list_rows, whole_rows

if TYPE_CHECKING:
    from penstock.sources.http.client import Client

#: The columns, as named in the lists at https://elections.maryland.gov/elections/ since 2022, and as named here.
COLUMNS = {
    "Office Name": "office_name",
    "Contest Run By District Name and Number": "district",
    "Candidate Ballot Last Name and Suffix": "last_name",
    "Candidate First Name and Middle Name": "first_name",
    "Additional Information": "additional_information",
    "Office Political Party": "party",
    "Candidate Residential Jurisdiction": "jurisdiction",
    "Candidate Gender": "gender",
    "Candidate Status": "status",
    "Filing Type and Date": "filing",
    "Campaign Mailing Address": "mailing_address",
    "Campaign Mailing City State and Zip": "mailing_place",
    "Public Phone": "phone",
    "Email": "email",
    "Website": "website",
    "Facebook": "facebook",
    "X": "x",
    "Other": "other",
    "Committee Name": "committee_name",
}
_ALSO_KNOWN_AS = {"Twitter": "x", "X/Twitter": "x"}
_REQUIRED = (
    "office_name", "district", "last_name", "first_name", "party", "jurisdiction", "status", "filing",
)  # fmt: skip
# Lists without a header line; more columns may follow, about a running mate.
_WITHOUT_HEADER = {
    2018: (
        "office_name", "district", "last_name", "first_name", "party", "jurisdiction", "status", "filing", "email",
        "website", "facebook", "x", "other",
    ),
    2020: (
        "office_name", "district", "full_name", "party", "jurisdiction", "status", "filing", "email", "website",
        "facebook", "x", "other",
    ),
}  # fmt: skip
_SUFFIXES = ("JR", "SR", "II", "III", "IV")
#: What tells one candidacy from another.
KEY = ("office_name", "district", "last_name", "first_name", "party")


class Election(StrEnum):
    """Which election of a year."""

    PRIMARY = "Primary"
    GENERAL = "General"
    SPECIAL = "Special"


@dataclass(frozen=True, slots=True)
class Candidacy:
    """One line of one list.

    Args:
        key: Digest of office, district, name, party, year and election.
        values: By our name of the column; empty where the list has no such column.
        rest: Columns beyond those named here, as JSON.
        file: Where it stands, below the publisher's address.
    """

    key: str
    year: int
    election: Election
    values: Mapping[str, str]
    rest: str
    file: str


def read_candidates(client: Client, year: int) -> list[Candidacy]:
    """Return every candidacy of a year, each once; an empty list when no list is published for it.

    Raises:
        SourceError: The site cannot be reached or refuses, or a list is damaged or has other columns than known.
    """
    seen: set[str] = set()
    found: dict[str, Candidacy] = {}
    for election, path in _iter_paths(year):
        try:
            body = client.get(path).body
        except AbsentSourceError:
            continue
        content = hashlib.sha256(body).hexdigest()
        # One file may be there under both spellings of its folder.
        if content in seen:
            continue
        seen.add(content)
        for candidacy in _parse(body, year, election, path):
            found.setdefault(candidacy.key, candidacy)
    return list(found.values())


def _iter_paths(year: int) -> Iterator[tuple[Election, str]]:
    number = 3 if year == 2020 else 1
    stem = f"gen_cand_lists_{year}_{number}"
    if year % 2 == 0:
        for election in (Election.PRIMARY, Election.GENERAL):
            for folder in (f"{election}_candidates", f"{election.lower()}_candidates"):
                for ending in ("_ALL", "_by_county_ALL", "__by_county_ALL"):
                    yield election, f"/{year}/{folder}/{stem}{ending}.csv"
    for folder in ("SP_Primary_Candidate", "SP_General_Candidate"):
        yield Election.SPECIAL, f"/{year}/{folder}/{stem}_by_county_ALL.csv"


def _parse(body: bytes, year: int, election: Election, path: str) -> Iterator[Candidacy]:
    place = f"the list of candidates `{path}`"
    rows = list_rows(body, place)
    if "Office Name" in rows[0][0]:
        names, lines = _named(rows[0], place), rows[1:]
    elif year in _WITHOUT_HEADER:
        legacy = _WITHOUT_HEADER[year]
        names, lines = [*legacy, *[""] * (len(rows[0]) - len(legacy))], rows
    else:
        raise _unknown_columns(place, list(rows[0][:3]))
    for line in whole_rows(lines, len(names), place):
        yield _candidacy(names, line, year, election, path)


def _named(header: Sequence[str], place: str) -> list[str]:
    known = {**COLUMNS, **_ALSO_KNOWN_AS}
    names = [known.get(name.strip(), f"?{name.strip()}") for name in header]
    if lacking := [name for name in _REQUIRED if name not in names]:
        raise _unknown_columns(place, [published for published, ours in COLUMNS.items() if ours in lacking])
    return names


def _unknown_columns(place: str, names: Sequence[str]) -> SourceError:
    told = ", ".join(f"`{name[:40]}`" for name in names[:3])
    return SourceError(
        f"{place} has other columns than known; look at {told}",
        hint="the publisher has changed its format: nothing was stored; get a newer version of Penstock",
    )


def _candidacy(names: Sequence[str], line: Sequence[str], year: int, election: Election, path: str) -> Candidacy:
    given = [(name, cell.strip()) for name, cell in zip(names, line, strict=True)]
    values = dict.fromkeys(COLUMNS.values(), "") | {name: cell for name, cell in given if name and name[0] != "?"}
    if "full_name" in values:
        values["first_name"], values["last_name"] = _split_name(values.pop("full_name"))
    rest = [[name.removeprefix("?"), cell] for name, cell in given if cell and (not name or name[0] == "?")]
    told = [" ".join(values[name].upper().split()) for name in KEY]
    key = hashlib.sha256("\x1f".join([*told, str(year), election.value]).encode()).hexdigest()[:24]
    return Candidacy(key, year, election, values, to_json(rest) if rest else "", path)


def _split_name(name: str) -> tuple[str, str]:
    """Return first and last name of `Jane Q. Public Jr.`: the last word, and its suffix, are the last name."""
    words = name.split()
    size = 2 if len(words) > 2 and words[-1].rstrip(".").upper() in _SUFFIXES else 1
    return " ".join(words[:-size]), " ".join(words[-size:])
