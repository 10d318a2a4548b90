"""A seeded world of Maryland campaign finance: who runs, for which committees, and what these were given, by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

from penstock.simulators.maryland_people import Candidate, Committee, make_candidates, make_committees

#: The day after the last: a gift that is never taken back is listed until then.
NEVER = 1_000_000
_FIRST = ("James", "Mary", "John", "Linda", "Robert", "Susan", "Wei", "Priya", "Omar", "Kofi", "Rosa", "Jos\u00e9")
_LAST = ("Abbott", "Brooks", "Carroll", "Dorsey", "Ennals", "Frey", "Garc\u00eda", "Howard", "O'Neill", "St. John")
_STREETS = ("Main Street", "Church Lane", "Bay Ridge Rd.", "Calvert St")
_PLACES = (
    ("Bowie", "MD", "20715"), ("Annapolis", "MD", "21401"), ("Baltimore", "MD", "21202"), ("Columbia", "MD", "21042"),
    ("Chevy Chase", "MD", "20815"), ("Washington", "DC", "20002"), ("York", "PA", "17401"), ("Lewes", "DE", "19958"),
)  # fmt: skip
#: One organisation as treasurers write it: punctuation, case and legal form differ.
ACME = ("ACME, INC.", "ACME INC", "Acme, Inc", "ACME INC.")
_BUSINESSES = (*ACME, "Bay Crab House, LLC", "BAY CRAB HOUSE LLC", "Patuxent Partners, L.L.C.", "Chesapeake Title Co.")
_WORK = (("", ""), ("", ""), ("", ""), ("Johns Hopkins", "Education"), ("Self", "Legal"), ("ACME, INC.", "Engineering"))
_AMOUNTS = ("10", "25", "30", "50", "100", "100", "250", "500", "1000", "6000")
_TYPES = ("Check", "Credit Card", "Electronic Fund Transfer", "Cash", "Payroll Deduction")


class Event(StrEnum):
    """What was planted to happen to a gift."""

    CORRECTED = "corrected amount"
    LATE = "filed late"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted fact: what happened to which gift, and on which day of the world."""

    event: Event
    day: int
    number: int


@dataclass(frozen=True, slots=True)
class Gift:
    """One line of the state's list.

    Args:
        number: Ours; the state publishes none.
        measure: What it is by the rules: `individual`, `organisation`, `committee`, `candidate`, or, adding nothing,
            `loan` and `other`.
        from_day: First day on which it is listed.
        until_day: First day on which it no longer is.
        correction: Day from which it has another amount, and that amount.
    """

    number: int
    committee: str
    given_on: date
    name: str
    address: str
    contributor_type: str
    contribution_type: str
    amount: Decimal
    measure: str
    employer: str = ""
    occupation: str = ""
    office: str = ""
    from_day: int = 0
    until_day: int = NEVER
    correction: tuple[int, Decimal] | None = None

    def amount_on(self, day: int) -> Decimal:
        """Return the amount as it is listed on a day."""
        return self.correction[1] if self.correction is not None and day >= self.correction[0] else self.amount

    def is_listed_on(self, day: int) -> bool:
        """Whether it stands in the list of a day."""
        return self.from_day <= day < self.until_day


@dataclass(frozen=True, slots=True)
class MarylandWorld:
    """Everything the state publishes over some days.

    Args:
        starts_on: The date of day 0.
        days: How many days something happens on.
    """

    cycle: int
    starts_on: date
    days: int
    candidates: tuple[Candidate, ...]
    committees: tuple[Committee, ...]
    gifts: tuple[Gift, ...] = field(repr=False)
    planted: tuple[Planted, ...]

    def day_at(self, instant: datetime) -> int:
        """Return the day of the world at an instant; the first day before it begins, and the last after it ends."""
        return min(max((instant.date() - self.starts_on).days, 0), self.days)

    def gifts_on(self, day: int) -> list[Gift]:
        """Return the gifts listed on a day, with the amounts of that day."""
        return [replace(gift, amount=gift.amount_on(day)) for gift in self.gifts if gift.is_listed_on(day)]

    def totals_on(self, day: int) -> Mapping[str, Decimal]:
        """Return what each committee was given, by the list of a day: refunds taken off, loans and such left out."""
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for gift in self.gifts_on(day):
            if gift.measure not in ("loan", "other"):
                totals[gift.committee] += gift.amount
        return totals


def make_world(
    cycle: int, *, seed: int = 1, gifts: int = 600, days: int = 5, starts_on: date | None = None
) -> MarylandWorld:
    """Return the world of a cycle: equal arguments give an equal world.

    Args:
        gifts: How many were listed before day 0; every later day adds a few.
        starts_on: The date of day 0, at least two months into the cycle; October 5 of its second year unless said
            otherwise.
    """
    chance = Random(f"maryland-{cycle}-{seed}")  # noqa: S311 - a world, not a secret
    candidates = make_candidates(chance, cycle)
    committees = make_committees(chance, candidates)
    drawn = _Draw(chance, committees, starts_on or date(cycle, 10, 5))
    began = date(cycle - 1, 1, 1)
    past = (drawn.starts_on - began).days
    listed = [drawn.gift(began + timedelta(days=chance.randrange(past))) for _ in range(gifts)]
    listed += drawn.twins(listed)
    planted: list[Planted] = []
    for day in range(1, days + 1):
        listed = _pass_day(drawn, listed, planted, day)
    return MarylandWorld(cycle, drawn.starts_on, days, candidates, committees, tuple(listed), tuple(planted))


def _pass_day(drawn: _Draw, listed: list[Gift], planted: list[Planted], day: int) -> list[Gift]:
    """Add what a day brings: new gifts, late ones, a corrected amount and a withdrawal."""
    today = drawn.starts_on + timedelta(days=day)
    new = [replace(drawn.gift(today), from_day=day) for _ in range(12)]
    new += [replace(twin, from_day=day) for twin in drawn.twins(new[:2])]
    late = [replace(drawn.gift(today - timedelta(days=50 + day)), from_day=day) for _ in range(2)]
    planted += [Planted(Event.LATE, day, gift.number) for gift in late]
    alone = drawn.unmistakable(listed)
    corrected, withdrawn = alone[day], alone[-day]
    planted.append(Planted(Event.CORRECTED, day, corrected.number))
    planted.append(Planted(Event.WITHDRAWN, day, withdrawn.number))
    changed = {
        corrected.number: replace(corrected, correction=(day, corrected.amount + 7)),
        withdrawn.number: replace(withdrawn, until_day=day),
    }
    return [changed.get(gift.number, gift) for gift in listed] + new + late


class _Draw:
    """Draws gifts one by one."""

    def __init__(self, chance: Random, committees: tuple[Committee, ...], starts_on: date) -> None:
        self.starts_on = starts_on
        self._chance = chance
        self._committees = committees
        self._number = 0

    def gift(self, given_on: date) -> Gift:
        """Return one gift of a day."""
        chance = self._chance
        self._number += 1
        committee = self._committees[int(chance.random() ** 2 * len(self._committees))]
        city, state, zip5 = chance.choice(_PLACES)
        # As the state writes it: two blanks between the parts, and a hyphen for the digits nobody gave.
        address = f"{chance.randrange(1, 99)} {chance.choice(_STREETS)}  {city}  {state} {zip5}-"
        gift = Gift(
            self._number, committee.name, given_on, "", address, "Individual", chance.choice(_TYPES),
            Decimal(chance.choice(_AMOUNTS)), "individual", office=committee.office,
        )  # fmt: skip
        return self._by_kind(gift, committee, chance.random())

    def _by_kind(self, gift: Gift, committee: Committee, draw: float) -> Gift:
        for until, make in (
            (0.12, self._of_business),
            (0.17, self._of_committee),
            (0.20, self._loan),
            (0.22, self._lump_sum),
            (0.24, self._interest),
        ):
            if draw < until:
                return make(gift, committee)
        person = self._person(gift)
        if draw < 0.27:
            return replace(person, amount=-gift.amount)
        if draw < 0.29:
            return replace(person, contributor_type="Self (Candidate)", measure="candidate")
        return person

    def _of_business(self, gift: Gift, _: Committee) -> Gift:
        name = self._chance.choice(_BUSINESSES)
        return replace(gift, name=name, contributor_type="Business/Group/Organization", measure="organisation")

    def _of_committee(self, gift: Gift, _: Committee) -> Gift:
        other = self._chance.choice(self._committees)
        kind = other.gives_as
        return replace(gift, name=other.name, contributor_type=kind, contribution_type="Transfer", measure="committee")

    def _loan(self, gift: Gift, committee: Committee) -> Gift:
        kind = "Self (Candidate)"
        return replace(
            gift, name=committee.name, contributor_type=kind, contribution_type="Candidate Loan", measure="loan"
        )

    def _lump_sum(self, gift: Gift, _: Committee) -> Gift:
        return replace(gift, name="", address="", contributor_type="Lump Sum", contribution_type="Cash")

    def _interest(self, gift: Gift, _: Committee) -> Gift:
        kind = "Financial Institution"
        return replace(gift, name="First Bank", contributor_type=kind, contribution_type="Interest", measure="other")

    def _person(self, gift: Gift) -> Gift:
        employer, occupation = self._chance.choice(_WORK)
        initial = self._chance.choice(("", "  A", "  B."))
        name = f"{self._chance.choice(_LAST)}  {self._chance.choice(_FIRST)}{initial}"
        return replace(gift, name=name, employer=employer, occupation=occupation)

    def twins(self, gifts: list[Gift]) -> list[Gift]:
        """Return a second gift, equal in everything that is published, for every fortieth of these and the first."""
        twins = []
        for place, gift in enumerate(gifts):
            if place % 40 == 0:
                self._number += 1
                twins.append(replace(gift, number=self._number))
        return twins

    def unmistakable(self, gifts: list[Gift]) -> list[Gift]:
        """Return the gifts that nothing has happened to, alone with their committee, day, name, address and type."""
        groups: dict[tuple[object, ...], list[Gift]] = defaultdict(list)
        for gift in gifts:
            groups[gift.committee, gift.given_on, gift.name, gift.address, gift.contribution_type].append(gift)
        return [
            group[0]
            for group in groups.values()
            if len(group) == 1 and group[0].correction is None and group[0].until_day == NEVER
            and group[0].measure == "individual" and group[0].amount > 0
        ]  # fmt: skip
