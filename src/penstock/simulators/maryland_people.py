"""Who runs in Maryland, for every office there is, and which committees raise money."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_FIRST = ("Alice", "Brian", "Carla", "Derek", "Elena", "Frank", "Grace", "Hector", "Irene", "Jamal", "Katya", "Luis")
_LAST = ("Ashby", "Barrow", "Calder", "Devlin", "Eastman", "Farrow", "Granger", "Hollis", "Ingram", "Jarvis", "Kemp")
_PARTIES = ("Democratic", "Republican", "Unaffiliated", "Libertarian", "Green")
#: Office, district as the list writes it, and where its holder lives.
_STATE_OFFICES = (
    ("Governor / Lt. Governor", "State Of Maryland", "Howard"),
    ("Attorney General", "State Of Maryland", "Baltimore City"),
    ("Comptroller", "State Of Maryland", "Calvert"),
    ("U.S. Senator", "State Of Maryland", "Montgomery"),
    ("Representative in Congress", "Congressional District 06", "Frederick"),
    ("State Senator", "Legislative District 12", "Howard"),
    ("House of Delegates", "Legislative District 12A", "Howard"),
    ("Judge of the Circuit Court", "Judicial Circuit 5", "Anne Arundel"),
)
_LOCAL_OFFICES = (
    ("County Executive", "Howard County", "Howard"),
    ("County Council", "Councilmanic District 3", "Prince George's"),
    ("County Council At Large", "Montgomery County", "Montgomery"),
    ("County Commissioner", "Commissioner District 2", "Garrett"),
    ("State's Attorney", "Harford County", "Harford"),
    ("Clerk of the Circuit Court", "Kent County", "Kent"),
    ("Register of Wills", "Talbot County", "Talbot"),
    ("Judge of the Orphans' Court", "Cecil County", "Cecil"),
    ("Sheriff", "Allegany County", "Allegany"),
    ("Board of Education", "Board of Education District 4", "Carroll"),
    ("Mayor", "Baltimore City", "Baltimore City"),
    ("Member of the City Council", "Councilmanic District 9", "Baltimore City"),
    ("President of the City Council", "Baltimore City", "Baltimore City"),
    ("Democratic Central Committee", "Legislative District 40", "Baltimore City"),
    ("Sheriff", "Baltimore City", "Baltimore City"),
    ("Keeper of the Trees", "Howard County", "Howard"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person on a list.

    Args:
        is_local: Whether the person stands in the list by county.
        committee: The committee the list names; empty for none.
    """

    year: int
    office: str
    district: str
    jurisdiction: str
    last: str
    first: str
    party: str
    status: str
    is_local: bool
    committee: str = ""


@dataclass(frozen=True, slots=True)
class Committee:
    """A registered committee.

    Args:
        candidate: Last and first name of whom it works for; empty for nobody.
        gives_as: What the state calls it where it is the giver.
    """

    ccf_id: str
    name: str
    type: str
    gives_as: str
    office: str = ""
    candidate: tuple[str, str] = ("", "")
    status: str = "Active"


def make_candidates(chance: Random, cycle: int) -> tuple[Candidate, ...]:
    """Return the candidates of a cycle's election year, several for every office, no two of one name."""
    names = [(last, first) for last in _LAST for first in _FIRST]
    chance.shuffle(names)
    found = []
    for is_local, offices in ((False, _STATE_OFFICES), (True, _LOCAL_OFFICES)):
        for place, (office, district, home) in enumerate(offices):
            for number in range(2):
                last, first = names.pop()
                party = _PARTIES[(place + number) % 2] if place % 5 else _PARTIES[(place + number) % 5]
                status = "Withdrawn" if number and place % 4 == 3 else "Active"
                committee = _listed_committee(last, first, place + number)
                found.append(Candidate(cycle, office, district, home, last, first, party, status, is_local, committee))
    return tuple(found)


def _listed_committee(last: str, first: str, place: int) -> str:
    """Name a committee in every third line, as the lists do; one in six names its number instead."""
    if place % 3:
        return ""
    return f"Citizens for {first} {last}" if place % 6 else f"{last}, {first} Friends of"


def make_committees(chance: Random, candidates: tuple[Candidate, ...]) -> tuple[Committee, ...]:
    """Return a committee for nearly every candidate, and those that work for nobody, or whose name tells too little."""
    made = []
    for place, person in enumerate(candidates):
        if place % 11 == 10:
            continue
        name = person.committee or _spell(person, place)
        kind = "Candidate Committee"
        made.append(
            Committee(f"0101{place:04d}", name, kind, kind, person.office, (person.last, person.first),
                      "Closed" if place % 13 == 12 else "Active")
        )  # fmt: skip
    last = candidates[0].last
    made += [
        # Only a last name, and one that several candidates have: nobody can say whose it is.
        Committee("02010001", f"{last} for Maryland", "Candidate Committee", "Candidate Committee"),
        Committee("02010002", "Chesapeake Teachers PAC", "Political Action Committee", "PAC Committee"),
        Committee("02010003", "ACME Inc. Employees PAC", "Political Action Committee", "PAC Committee"),
        Committee("02010004", "Eastern Shore Slate, Team One", "Slate Committee", "Slate Committee"),
        Committee("02010005", "Maryland Party Central Committee", "Party Central Committee", "Party Central"),
    ]
    chance.shuffle(made)
    return tuple(made)


def _spell(person: Candidate, place: int) -> str:
    first, last = person.first, person.last
    return (
        f"{last}, {first} Friends of",
        f"Friends of {first} {last}",
        f"{first} {last} for Maryland",
        f"{last}  {first} Committee To Elect",
        f"Team {first} Q. {last} 2020",
    )[place % 5]
