"""The transactions of the simulated bulk files, and a ledger of what they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from penstock.simulators.universe import Committee, Universe

_AMOUNTS = (5, 10, 15, 20, 25, 25, 35, 50, 50, 100, 100, 250, 500, 1000, 2700, 2800)
_LARGE = (5000, 10000, 25000, 100000, 250000)
_REPORTS = ("M2", "M3", "Q1", "Q2", "Q3", "YE", "12G", "30G")
_MEMOS = ("", "", "", "", "PAYROLL DEDUCTION C:\\PAC", 'CONTRIBUTION FROM "FRIENDS', "* VIA EVENT")
_ODD_DATES = ("", "", "02302019", "13012020", "05022160", "10171918", "1052019")
_PURPOSES = ("MEDIA BUY", "PAYROLL", "RENT", 'PRINTING "YARD SIGNS', "TRAVEL", "POLLING")
#: One row in this many is amended in the second snapshot, and one in this many withdrawn.
_AMENDED, _WITHDRAWN = 100, 5003


@dataclass(slots=True)
class Ledger:
    """What the written transactions add up to, in whole US dollars by committee and measure."""

    totals: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, committee: str, measure: str, amount: int) -> None:
        """Count an amount."""
        self.totals[committee, measure] += amount

    def total(self, committee: str, measure: str) -> int:
        """Return what was counted."""
        return self.totals.get((committee, measure), 0)


def _dates(cycle: int) -> list[str]:
    return [
        f"{month:02d}{day:02d}{year}" for year in (cycle - 1, cycle) for month in range(1, 13) for day in range(1, 29)
    ]


def iter_individual_rows(universe: Universe, ledger: Ledger, seed: int, rows: int, snapshot: int) -> Iterator[str]:
    """Yield the lines of `itcont`: `rows` of them in the first snapshot."""
    chance = Random(f"individuals-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
    writer = _IndividualWriter(universe, chance)
    last = rows + (rows // 100 if snapshot > 1 else 0)
    number = 0
    while number < last:
        for line, filer, measure, amount in writer.gift(number, last - number):
            amended = snapshot > 1 and number < rows and number % _AMENDED == 7
            if snapshot == 1 or number >= rows or number % _WITHDRAWN != 11:
                change = 1 if amended else 0
                if measure:
                    ledger.add(filer, measure, amount + change)
                yield line % ("A" if amended else "N", amount + change)
            number += 1


class _IndividualWriter:
    def __init__(self, universe: Universe, chance: Random) -> None:
        self._random = chance.random
        self._donors = universe.donors
        self._dates = _dates(universe.cycle)
        self._cycle = universe.cycle
        self._conduits = universe.of_type("V")
        self._super = universe.of_type("O")
        self._receivers = [each for each in universe.committees if each.type not in ("O", "V")]
        self._candidates = {person.committee_id: person for person in universe.candidates}

    def _pick(self, items: tuple[Committee, ...] | list[Committee]) -> Committee:
        # The cube makes a few committees large and most small, as in the world.
        return items[int(self._random() ** 3 * len(items))]

    def gift(self, number: int, room: int) -> Iterator[tuple[str, str, str, int]]:
        """Yield the rows of one gift: line with places for indicator and amount, filer, measure, amount."""
        draw = self._random()
        if draw < 0.09:
            yield from self._earmarked(number, room)
        elif draw < 0.14:
            yield self._super_gift(number)
        elif draw < 0.18:
            yield self._row(number, self._pick(self._receivers), "22Y", "refund", memo="REFUND")
        elif draw < 0.20:
            yield self._row(number, self._pick(self._receivers), "15", "", flag="X", memo="* IN-KIND")
        elif draw < 0.203:
            yield self._candidate_gift(number)
        elif draw < 0.206:
            yield self._row(number, self._pick(self._receivers), "15", "individual", amount=-50, memo="CHARGEBACK")
        else:
            yield self._row(number, self._pick(self._receivers), "15", "individual")

    def _super_gift(self, number: int) -> tuple[str, str, str, int]:
        filer = self._super[int(self._random() * len(self._super))]
        amount = _LARGE[int(self._random() * len(_LARGE))]
        if number % 6:
            return self._row(number, filer, "10", "individual", amount=amount)
        tail = f"HOLDINGS {number % 40}, L.L.C.|AUSTIN|TX|78701||"
        return self._row(number, filer, "10", "individual", amount=amount, entity="ORG", who=tail)

    def _candidate_gift(self, number: int) -> tuple[str, str, str, int]:
        filer = self._pick(self._receivers)
        person = self._candidates.get(filer.id)
        if person is None:
            return self._row(number, filer, "15", "individual")
        who = f"{person.name}|SPRINGFIELD|{person.state}|02139|SELF|CANDIDATE"
        return self._row(number, filer, "15C", "candidate", entity="CAN", who=who)

    def _earmarked(self, number: int, room: int) -> Iterator[tuple[str, str, str, int]]:
        filer, conduit = self._pick(self._receivers), self._conduits[number % len(self._conduits)]
        donor, at = self._who(), self._date(number)
        gift = self._row(
            number,
            filer,
            "15E",
            "individual",
            who=donor,
            at=at,
            other=conduit.id,
            memo="* EARMARKED CONTRIBUTION: SEE BELOW",
        )
        amount = gift[3]
        yield gift
        if room > 1:
            note = f"EARMARKED FOR {filer.name} ({filer.id})"
            yield self._row(number + 1, conduit, "24T", "", who=donor, at=at, other=filer.id, memo=note, amount=amount)
        if room > 2:
            city, state, prefix = conduit.place
            who, note = (
                f"{conduit.name}|{city}|{state}|{prefix}01||",
                "NOTE: ABOVE CONTRIBUTION EARMARKED THROUGH THIS ORGANIZATION.",
            )
            yield self._row(
                number + 2, filer, "15", "", entity="PAC", who=who, at=at, other=conduit.id, flag="X", memo=note,
                amount=amount, tran=f"SA11AI.{number}E",
            )  # fmt: skip

    def _who(self) -> str:
        draw = self._random()
        donor = self._donors[int(draw * draw * len(self._donors))]
        turn = int(draw * 1e9)
        return (
            f"{donor.spellings[turn % len(donor.spellings)]}|{donor.addresses[turn % 2]}|"
            f"{donor.works[turn // 7 % len(donor.works)]}"
        )

    def _date(self, number: int) -> str:
        if number % 997 == 5:
            return _ODD_DATES[number % len(_ODD_DATES)]
        return self._dates[int(self._random() * len(self._dates))]

    def _row(
        self,
        number: int,
        filer: Committee,
        code: str,
        measure: str,
        *,
        who: str | None = None,
        at: str | None = None,
        amount: int | None = None,
        entity: str = "IND",
        other: str = "",
        flag: str = "",
        memo: str | None = None,
        tran: str = "",
    ) -> tuple[str, str, str, int]:
        if amount is None:
            amount = _AMOUNTS[int(self._random() * 16)]
        if memo is None:
            memo = _MEMOS[number % 7]
        line = (
            f"{filer.id}|%s|{_REPORTS[number % 8]}|P{self._cycle}|{self._cycle}{number * 7:014d}|{code}|{entity}|"
            f"{self._who() if who is None else who}|{self._date(number) if at is None else at}|%d|{other}|"
            f"{tran or f'SA11AI.{number}'}|{1300000 + number // 4000}|{flag}|{memo}|{4020000000000000000 + number * 3}"
        )
        return line, filer.id, measure, amount


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
    chance = Random(f"committees-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
    writer = _CommitteeWriter(universe, ledger, chance)
    extra = rows // 100 if snapshot > 1 else 0
    for number in range(rows + extra):
        yield from writer.transaction(number)


class _CommitteeWriter:
    def __init__(self, universe: Universe, ledger: Ledger, chance: Random) -> None:
        self._universe, self._ledger, self._chance = universe, ledger, chance
        self._dates = _dates(universe.cycle)
        self._own = [each for each in universe.committees if each.files_as_candidate]
        self._pacs, self._parties = universe.of_type("Q"), universe.of_type("Y")
        self._super, self._joint = universe.of_type("O"), universe.of_type("N")
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
            f"{filer.id}|N|{_REPORTS[serial % 8]}|G{cycle}|{cycle}{serial * 11:014d}|{code}|{entity}|{who}|{at}|"
            f"{amount}|{other}"
        )
        tail = f"SB23.{serial}|{1400000 + serial // 400}|{flag}|{memo}|{4030000000000000000 + serial * 3}"
        return CommitteeRow(head, candidate, tail, bool(candidate))


def iter_expenditures(universe: Universe, seed: int, rows: int) -> Iterator[str]:
    """Yield the lines of `oppexp`, each with the delimiter at its end that the publisher writes."""
    chance = Random(f"expenditures-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
    dates = _dates(universe.cycle)
    for number in range(rows):
        filer, at = chance.choice(universe.committees), chance.choice(dates)
        yield (
            f"{filer.id}|N|{universe.cycle}|{_REPORTS[number % 8]}|{universe.cycle}{number * 13:014d}|21B|F3X|SB|"
            f"VENDOR {number % 90} LLC|BOSTON|MA|02101|{at[:2]}/{at[2:4]}/{at[4:]}|"
            f"{chance.randrange(100, 900000) / 100:.2f}|P{universe.cycle}|{_PURPOSES[number % 6]}|001|"
            f"Administrative/Salary/Overhead Expenses |||ORG|"
            f"{4050000000000000000 + number * 3}|{1500000 + number // 400}|SB21B.{number}||"
        )
