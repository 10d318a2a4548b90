"""The transactions between committees, and the expenditures, of the simulated bulk files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from penstock.simulators.ledger import REPORTS, Ledger, list_dates
from penstock.simulators.universe import Committee, Universe

_PURPOSES = ("MEDIA BUY", "PAYROLL", "RENT", 'PRINTING "YARD SIGNS', "TRAVEL", "POLLING")


@dataclass(frozen=True, slots=True)
class CommitteeRow:
    """One line that stands in `itoth`, and in `itpas2` too when it names a candidate."""

    head: str
    candidate: str
    tail: str
    names_candidate: bool

    def as_other(self) -> str:
        """Return the line of `itoth`."""
        return f"{self.head}|{self.tail}"

    def as_candidate(self) -> str:
        """Return the line of `itpas2`."""
        return f"{self.head}|{self.candidate}|{self.tail}"


def iter_committee_rows(
    universe: Universe, ledger: Ledger, seed: int, rows: int, snapshot: int
) -> Iterator[CommitteeRow]:
    """Yield about this many rows between committees, each transfer as its payer, its receiver, or both report it."""
    extra = rows // 100 if snapshot > 1 else 0
    for transaction in iter_transactions(universe, ledger, seed, rows + extra):
        yield from transaction


def iter_transactions(universe: Universe, ledger: Ledger, seed: int, count: int) -> Iterator[list[CommitteeRow]]:
    """Yield the rows of each transaction; the first of them says what it adds to the ledger."""
    chance = Random(f"committees-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
    writer = _CommitteeWriter(universe, ledger, chance)
    for number in range(count):
        yield list(writer.transaction(number))


class _CommitteeWriter:
    def __init__(self, universe: Universe, ledger: Ledger, chance: Random) -> None:
        self._universe, self._ledger, self._chance = universe, ledger, chance
        self._dates = list_dates(universe.cycle)
        self._own = [each for each in universe.committees if each.files_as_candidate]
        self._pacs, self._parties = universe.of_type("Q"), universe.of_type("Y")
        self._super = universe.of_type("O")
        self._joint = [each for each in universe.of_type("N") if each.designation == "J"]
        self._serial = 0
        self._given: set[tuple[str, str, int]] = set()

    def transaction(self, number: int) -> Iterator[CommitteeRow]:
        draw = self._chance.random()
        if draw < 0.60:
            yield from self._gift(self._chance.choice(self._pacs), self._chance.choice(self._own), "committee")
        elif draw < 0.68:
            yield from self._gift(self._chance.choice(self._parties), self._chance.choice(self._own), "party")
        elif draw < 0.74:
            yield from self._gift(self._chance.choice(self._pacs), self._chance.choice(self._parties), "committee")
        elif draw < 0.84:
            yield from self._expenditure(number)
        elif draw < 0.94:
            yield from self._joint_share(number)
        else:
            yield from self._loan()

    def _gift(self, payer: Committee, receiver: Committee, measure: str) -> Iterator[CommitteeRow]:
        amount, sent = self._chance.choice((500, 1000, 1000, 2500, 5000)), self._chance.randrange(len(self._dates) - 10)
        # Two equal gifts, one told by the payer and one by the receiver, could not be told from one told by both.
        while (payer.id, receiver.id, amount) in self._given:
            amount += 1
        self._given.add((payer.id, receiver.id, amount))
        in_kind = self._chance.random() < 0.05
        self._ledger.add(receiver.id, measure, amount)
        self._ledger.add(payer.id, "given", amount)
        who_told = self._chance.random()
        candidate = receiver.candidates[0] if receiver.candidates else ""
        if who_told < 0.9:
            code = "24Z" if in_kind else "24K"
            yield self._row(payer, code, receiver, at=self._dates[sent], amount=amount, candidate=candidate)
        if who_told > 0.3:
            deposited = self._dates[sent + self._chance.choice((0, 0, 1, 4, 9))]
            yield self._row(receiver, "15Z" if in_kind else "18K", payer, at=deposited, amount=amount)

    def _expenditure(self, number: int) -> Iterator[CommitteeRow]:
        person, payer = self._chance.choice(self._universe.candidates), self._chance.choice(self._super)
        amount, at = self._chance.choice((1500, 20000, 75000)), self._chance.choice(self._dates)
        code = "24A" if self._chance.random() < 0.6 else "24E"
        flag = "X" if number % 9 == 0 else ""
        if not flag:
            self._ledger.add(payer.id, "expenditure", amount)
        who = "BROADCAST MEDIA LLC|ATLANTA|GA|30301||"
        yield self._line(
            payer, code, entity="ORG", who=who, at=at, amount=amount, other=person.id, candidate=person.id, flag=flag
        )

    def _joint_share(self, number: int) -> Iterator[CommitteeRow]:
        fund = self._chance.choice(self._joint)
        receiver = next(each for each in self._own if each.candidates[0] == fund.candidates[number % 3])
        amount, at = self._chance.choice((1000, 5000, 20000)), self._chance.choice(self._dates)
        self._ledger.add(receiver.id, "transfer_in", amount)
        self._ledger.add(fund.id, "transfer_out", amount)
        yield self._row(fund, "24G", receiver, at=at, amount=amount)
        yield self._row(receiver, "18G", fund, at=at, amount=amount)
        donor = self._chance.choice(self._universe.donors)
        who = f"{donor.spellings[0]}|{donor.addresses[0]}|{donor.works[0]}"
        memo = f"* {fund.name}"
        yield self._line(
            receiver, "15J", entity="IND", who=who, at=at, amount=amount // 2, other="", memo=memo,
            flag="X" if number % 50 else "",
        )  # fmt: skip

    def _loan(self) -> Iterator[CommitteeRow]:
        person = self._chance.choice(self._universe.candidates)
        filer = next(each for each in self._own if each.id == person.committee_id)
        amount = self._chance.choice((5000, 50000))
        self._ledger.add(filer.id, "candidate_loan", amount)
        who = f"{person.name}|SPRINGFIELD|{person.state}|02139||"
        yield self._line(
            filer, "16C", entity="CAN", who=who, at=self._chance.choice(self._dates), amount=amount, other=person.id
        )

    def _row(
        self, filer: Committee, code: str, other: Committee, *, at: str, amount: int, candidate: str = ""
    ) -> CommitteeRow:
        city, state, prefix = other.place
        entity = "CCM" if other.files_as_candidate else "PTY" if other.type == "Y" else "PAC"
        who = f"{other.name}|{city}|{state}|{prefix}01||"
        return self._line(
            filer, code, entity=entity, who=who, at=at, amount=amount, other=other.id, candidate=candidate
        )

    def _line(
        self,
        filer: Committee,
        code: str,
        *,
        entity: str,
        who: str,
        at: str,
        amount: int,
        other: str,
        candidate: str = "",
        flag: str = "",
        memo: str = "",
    ) -> CommitteeRow:
        serial = self._serial = self._serial + 1
        cycle = self._universe.cycle
        head = (
            f"{filer.id}|N|{REPORTS[serial % 8]}|G{cycle}|{cycle}{serial * 11:014d}|{code}|{entity}|{who}|{at}|"
            f"{amount}|{other}"
        )
        tail = f"SB23.{serial}|{1400000 + serial // 400}|{flag}|{memo}|{4030000000000000000 + serial * 3}"
        return CommitteeRow(head, candidate, tail, bool(candidate))


def iter_expenditures(universe: Universe, seed: int, rows: int) -> Iterator[str]:
    """Yield the lines of `oppexp`, each with the delimiter at its end that the publisher writes."""
    chance = Random(f"expenditures-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
    dates = list_dates(universe.cycle)
    for number in range(rows):
        filer, at = chance.choice(universe.committees), chance.choice(dates)
        yield (
            f"{filer.id}|N|{universe.cycle}|{REPORTS[number % 8]}|{universe.cycle}{number * 13:014d}|21B|F3X|SB|"
            f"VENDOR {number % 90} LLC|BOSTON|MA|02101|{at[:2]}/{at[2:4]}/{at[4:]}|"
            f"{chance.randrange(100, 900000) / 100:.2f}|P{universe.cycle}|{_PURPOSES[number % 6]}|001|"
            f"Administrative/Salary/Overhead Expenses |||ORG|"
            f"{4050000000000000000 + number * 3}|{1500000 + number // 400}|SB21B.{number}||"
        )
