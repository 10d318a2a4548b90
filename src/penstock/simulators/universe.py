"""A seeded world of candidates, committees and donors, from which every simulated publication is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

#: City, state, and the first three digits of its ZIP codes.
Place = tuple[str, str, str]

_SYLLABLES = (
    "AL", "BER", "CAR", "DON", "EL", "FER", "GAR", "HAN", "IS", "JOR", "KEL", "LAN", "MAR", "NOR", "OS", "PAT",
)  # fmt: skip
_FIRST = (
    "JAMES", "MARY", "JOHN", "LINDA", "ROBERT", "SUSAN", "MICHAEL", "KAREN", "WILLIAM", "NANCY",
    "DAVID", "LISA", "RICHARD", "BETTY", "JOSEPH", "SANDRA", "THOMAS", "ASHLEY", "CARLOS", "MARIA",
    "JUAN", "ROSA", "WEI", "MEI", "AMIT", "PRIYA", "OMAR", "LEILA", "KOFI", "AMA",
)  # fmt: skip
_PLACES = (
    ("BOSTON", "MA", "021"), ("NEWARK", "NJ", "071"), ("NEW YORK", "NY", "100"), ("PITTSBURGH", "PA", "152"),
    ("ATLANTA", "GA", "303"), ("MIAMI", "FL", "331"), ("COLUMBUS", "OH", "432"), ("CHICAGO", "IL", "606"),
    ("AUSTIN", "TX", "787"), ("DENVER", "CO", "802"), ("PHOENIX", "AZ", "850"), ("LOS ANGELES", "CA", "900"),
    ("PORTLAND", "OR", "972"), ("SEATTLE", "WA", "981"), ("SAN JUAN", "PR", "009"), ("HARTFORD", "CT", "061"),
)  # fmt: skip
_FOREIGN = ("MU\u00d1OZ", "GARC\u00cdA", "BJ\u00d6RK", "FRAN\u00c7OIS", "PE\u00d1A")
_WORK = (
    ("NOT EMPLOYED", "NOT EMPLOYED"), ("RETIRED", "RETIRED"), ("N/A", "RETIRED"), ("SELF-EMPLOYED", "ATTORNEY"),
    ("SELF", "CONSULTANT"), ("SELF EMPLOYED", "PHYSICIAN"), ("", ""), ("NONE", "HOMEMAKER"),
)  # fmt: skip
_OCCUPATIONS = ("ATTORNEY", "ENGINEER", "TEACHER", "PHYSICIAN", "NURSE", "PROFESSOR", "EXECUTIVE", "FARMER", "ARTIST")
_PARTIES = ("DEM", "REP", "LIB", "GRE", "IND")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who runs for office."""

    id: str
    name: str
    party: str
    office: str
    state: str
    district: str
    committee_id: str
    incumbency: str


@dataclass(frozen=True, slots=True)
class Committee:
    """A committee; `candidates` are those it is linked to."""

    id: str
    name: str
    type: str
    designation: str
    party: str
    place: Place
    candidates: tuple[str, ...] = ()

    @property
    def files_as_candidate(self) -> bool:
        """Whether its totals appear in a candidate's summary."""
        return self.designation in ("P", "A")

    @property
    def treasurer(self) -> str:
        """Who keeps its books."""
        return f"TREASURER, {self.id[-3:]}"

    @property
    def street(self) -> str:
        """Where it has its seat."""
        return f"{self.id[-3:]} MAIN ST"

    @property
    def zip(self) -> str:
        """The ZIP code of its seat."""
        return f"{self.place[2]}01"


@dataclass(frozen=True, slots=True)
class Donor:
    """A person who gives, with the ways forms have spelled the person."""

    spellings: tuple[str, ...]
    addresses: tuple[str, ...]
    works: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Universe:
    """Everybody in the world of one cycle."""

    cycle: int
    candidates: tuple[Candidate, ...]
    committees: tuple[Committee, ...]
    donors: tuple[Donor, ...] = field(repr=False)

    def of_type(self, *types: str) -> tuple[Committee, ...]:
        """Return the committees of these types."""
        return tuple(committee for committee in self.committees if committee.type in types)


def make_universe(cycle: int, seed: int, donors: int) -> Universe:
    """Return the world of a cycle: equal arguments give an equal world."""
    chance = Random(f"{cycle}-{seed}")  # noqa: S311 - a world, not a secret
    candidates = tuple(_candidate(chance, cycle, number) for number in range(45))
    committees = tuple(_committees(chance, candidates))
    return Universe(cycle, candidates, committees, tuple(make_donor(chance, number) for number in range(donors)))


def make_surname(chance: Random) -> str:
    """Return a surname that nobody has."""
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.choice((2, 2, 3))))


def make_first_name(chance: Random) -> str:
    """Return a first name."""
    return chance.choice(_FIRST)


def _candidate(chance: Random, cycle: int, number: int) -> Candidate:
    office = "P" if number < 3 else "S" if number < 12 else "H"
    place = _PLACES[number % len(_PLACES)]
    state, district = ("US", "00") if office == "P" else (place[1], "00" if office == "S" else f"{number % 9 + 1:02d}")
    prefix = f"{office}{cycle // 2 % 10}" + ("00" if office == "P" else state)
    name = f"{make_surname(chance)}, {make_first_name(chance)} {chance.choice('ABCDEJLMR')}"
    party = _PARTIES[0 if number % 2 else 1] if number % 11 else _PARTIES[2 + number % 3]
    return Candidate(
        f"{prefix}{number:05d}", name, party, office, state, district, f"C{700000 + number:08d}", "ICO"[number % 3]
    )


def _committees(chance: Random, candidates: tuple[Candidate, ...]) -> list[Committee]:
    made = []
    for number, person in enumerate(candidates):
        place = _PLACES[number % len(_PLACES)]
        name = f"{person.name.split(',')[0]} FOR {'PRESIDENT' if person.office == 'P' else 'CONGRESS'}"
        made.append(Committee(person.committee_id, name, person.office, "P", person.party, place, (person.id,)))
        if number % 9 == 0:
            second = f"C{710000 + number:08d}"
            made.append(Committee(second, f"FRIENDS OF {name}", person.office, "A", person.party, place, (person.id,)))
    for number in range(4):
        linked = tuple(person.id for person in candidates[number * 3 : number * 3 + 3])
        name = f"{make_surname(chance)} VICTORY FUND"
        made.append(Committee(f"C{720000 + number:08d}", name, "N", "J", "", _PLACES[number], linked))
    for first, count, kind, designation, words in (
        (730000, 10, "O", "U", "ACTION USA"),
        (740000, 18, "Q", "B", "EMPLOYEES PAC"),
        (750000, 4, "Y", "U", "STATE PARTY COMMITTEE"),
        (760000, 2, "V", "U", "EARMARKING PLATFORM"),
    ):
        for number in range(count):
            party = _PARTIES[number % 2] if kind == "Y" else ""
            name = f"{make_surname(chance)} {words}"
            made.append(
                Committee(f"C{first + number:08d}", name, kind, designation, party, _PLACES[number % len(_PLACES)])
            )
    return made


def make_donor(chance: Random, number: int, places: Sequence[Place] = _PLACES) -> Donor:
    """Return a person who lives in one of these places."""
    last = _FOREIGN[number % 5] if number % 400 == 0 else make_surname(chance)
    first, initial = make_first_name(chance), chance.choice("ABCDEFGHJKLMNPRSTW")
    plain = f"{last}, {first}"
    spellings: tuple[str, ...] = (
        plain,
        plain,
        f"{plain} {initial}",
        f"{plain} {initial}.",
        f"{last.title()}, {first.title()}",
    )
    if number % 17 == 0:
        spellings += (f"{plain} {initial}. MR." if number % 2 else f"{plain} {initial} MRS.",)
    city, state, prefix = chance.choice(places)
    zip5 = f"{prefix}{chance.randrange(10, 60):02d}"
    addresses = (f"{city}|{state}|{zip5}", f"{city}|{state}|{zip5}{chance.randrange(1, 9999):04d}")
    return Donor(spellings, addresses, _works(chance))


def _works(chance: Random) -> tuple[str, ...]:
    if chance.random() < 0.45:
        employer, occupation = chance.choice(_WORK)
        return (f"{employer}|{occupation}",)
    employer, occupation = (
        f"{make_surname(chance)} {chance.choice(('INC', 'LLC', 'UNIVERSITY'))}",
        chance.choice(_OCCUPATIONS),
    )
    return (f"{employer}|{occupation}", f"{employer}.|{occupation}", f"{employer.title()}|{occupation.title()}")
