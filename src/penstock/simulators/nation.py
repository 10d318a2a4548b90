"""A seeded world as wide as the country: committees of every type, in every state and territory."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from penstock.simulators.universe import (
    Candidate,
    Committee,
    Place,
    Universe,
    make_donor,
    make_first_name,
    make_surname,
)

#: Committees without which some kind of transaction could not be made up.
FEWEST = 8
#: As many committees as there must be for one of every type.
EVERY_TYPE = 24

PLACES: tuple[Place, ...] = (
    ("BOSTON", "MA", "021"), ("LOS ANGELES", "CA", "900"), ("AUSTIN", "TX", "787"), ("NEW YORK", "NY", "100"),
    ("SAN JUAN", "PR", "009"), ("MIAMI", "FL", "331"), ("CHICAGO", "IL", "606"), ("NEWARK", "NJ", "071"),
    ("ATLANTA", "GA", "303"), ("COLUMBUS", "OH", "432"), ("DENVER", "CO", "802"), ("SEATTLE", "WA", "981"),
    ("WASHINGTON", "DC", "200"), ("PHOENIX", "AZ", "850"), ("PORTLAND", "OR", "972"), ("HARTFORD", "CT", "061"),
    ("PITTSBURGH", "PA", "152"), ("BALTIMORE", "MD", "212"), ("RICHMOND", "VA", "232"), ("RALEIGH", "NC", "276"),
    ("DETROIT", "MI", "482"), ("MADISON", "WI", "537"), ("ST PAUL", "MN", "551"), ("ST LOUIS", "MO", "631"),
    ("BIRMINGHAM", "AL", "352"), ("ANCHORAGE", "AK", "995"), ("LITTLE ROCK", "AR", "722"), ("DOVER", "DE", "199"),
    ("HONOLULU", "HI", "968"), ("BOISE", "ID", "837"), ("INDIANAPOLIS", "IN", "462"), ("DES MOINES", "IA", "503"),
    ("WICHITA", "KS", "672"), ("LOUISVILLE", "KY", "402"), ("NEW ORLEANS", "LA", "701"), ("AUGUSTA", "ME", "043"),
    ("JACKSON", "MS", "392"), ("HELENA", "MT", "596"), ("OMAHA", "NE", "681"), ("LAS VEGAS", "NV", "891"),
    ("CONCORD", "NH", "033"), ("SANTA FE", "NM", "875"), ("FARGO", "ND", "581"), ("TULSA", "OK", "741"),
    ("PROVIDENCE", "RI", "029"), ("COLUMBIA", "SC", "292"), ("PIERRE", "SD", "575"), ("MEMPHIS", "TN", "381"),
    ("PROVO", "UT", "846"), ("MONTPELIER", "VT", "056"), ("CHARLESTON", "WV", "253"), ("CASPER", "WY", "826"),
    ("HAGATNA", "GU", "969"), ("CHARLOTTE AMALIE", "VI", "008"), ("PAGO PAGO", "AS", "967"), ("SAIPAN", "MP", "969"),
)  # fmt: skip
_WITHOUT_SENATOR = frozenset({"DC", "PR", "GU", "VI", "AS", "MP"})
_OFFICES = "HSPHHHHSH"
_PARTIES = ("DEM", "REP", "DEM", "REP", "LIB", "GRE", "IND")

#: Type, designation and name of the committees that are no candidate's; the first four every world has.
_OTHERS = (
    ("O", "U", "ACTION USA"), ("Q", "B", "EMPLOYEES PAC"), ("Y", "U", "STATE PARTY COMMITTEE"),
    ("V", "U", "EARMARKING PLATFORM"), ("N", "D", "LEADERSHIP FUND"), ("W", "U", "HYBRID PAC"),
    ("X", "U", "COUNTY PARTY"), ("Z", "U", "NATIONAL PARTY NONFEDERAL"), ("C", "U", "COMMUNICATION COST"),
    ("D", "U", "DELEGATES"), ("E", "U", "ELECTIONEERING"), ("I", "U", "INDEPENDENT EXPENDITOR"),
    ("U", "U", "SINGLE CANDIDATE EXPENDITURE"), ("Q", "B", "WORKERS PAC"), ("O", "U", "VICTORY USA"),
    ("Q", "U", "MEMBERS PAC"),
)  # fmt: skip


def make_nation(cycle: int, seed: int, donors: int, committees: int) -> Universe:
    """Return the world of a cycle with this many committees: equal arguments give an equal world.

    The committees of candidates come first, so that they are the largest.
    """
    chance = Random(f"nation-{cycle}-{seed}")  # noqa: S311 - a world, not a secret
    others = _OTHERS if committees >= EVERY_TYPE else _OTHERS[:4]
    own = committees - len(others) - 1
    people = tuple(_candidate(chance, cycle, number) for number in range(own - own // 12))
    made = [*_own_committees(people, own), *_other_committees(chance, people, others)]
    return Universe(cycle, people, tuple(made), tuple(make_donor(chance, number, PLACES) for number in range(donors)))


def _candidate(chance: Random, cycle: int, number: int) -> Candidate:
    state = PLACES[number % len(PLACES)][1]
    office = _OFFICES[number % len(_OFFICES)]
    if office == "S" and state in _WITHOUT_SENATOR:
        office = "H"
    at_large = office != "H" or state in _WITHOUT_SENATOR
    district = "00" if at_large else f"{number % 9 + 1:02d}"
    prefix = f"P{cycle // 2 % 10}00" if office == "P" else f"{office}{cycle // 2 % 10}{state}"
    name = f"{make_surname(chance)}, {make_first_name(chance)} {chance.choice('ABCDEJLMR')}"
    return Candidate(
        f"{prefix}{number:05d}", name, _PARTIES[number % len(_PARTIES)], office, "US" if office == "P" else state,
        district, f"C{800000 + number:08d}", "ICO"[number % 3],
    )  # fmt: skip


def _own_committees(people: tuple[Candidate, ...], count: int) -> Iterator[Committee]:
    for number, person in enumerate(people):
        name = f"{person.name.split(',')[0]} FOR {'PRESIDENT' if person.office == 'P' else 'CONGRESS'}"
        yield Committee(person.committee_id, name, person.office, "P", person.party, _place(number), (person.id,))
    for number, person in enumerate(people[: count - len(people)]):
        name = f"FRIENDS OF {person.name.split(',')[0]}"
        second = f"C{810000 + number:08d}"
        yield Committee(second, name, person.office, "A", person.party, _place(number), (person.id,))


def _other_committees(
    chance: Random, people: tuple[Candidate, ...], others: tuple[tuple[str, str, str], ...]
) -> Iterator[Committee]:
    linked = tuple(person.id for person in people[:3])
    yield Committee("C00820000", f"{make_surname(chance)} VICTORY FUND", "N", "J", "", PLACES[0], linked)
    for number, (kind, designation, words) in enumerate(others):
        party = _PARTIES[number % 2] if kind in "XYZ" else ""
        # From the far end of the list, so that few committees already lie in many places.
        place = _place(-1 - number)
        yield Committee(f"C{830000 + number:08d}", f"{make_surname(chance)} {words}", kind, designation, party, place)


def _place(number: int) -> Place:
    return PLACES[number % len(PLACES)]
