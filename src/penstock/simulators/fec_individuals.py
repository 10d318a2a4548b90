"""The individual contributions of the simulated bulk files."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from penstock.simulators.ledger import REPORTS, Ledger, list_dates
from penstock.simulators.universe import Committee, Universe

_AMOUNTS = (5, 10, 15, 20, 25, 25, 35, 50, 50, 100, 100, 250, 500, 1000, 2700, 2800)
_LARGE = (5000, 10000, 25000, 100000, 250000)
_MEMOS = ("", "", "", "", "PAYROLL DEDUCTION C:\\PAC", 'CONTRIBUTION FROM "FRIENDS', "* VIA EVENT")
_ODD_DATES = ("", "", "02302019", "13012020", "05022160", "10171918", "1052019")
#: One row in this many is amended in the second snapshot, and one in this many withdrawn.
_AMENDED, _WITHDRAWN = 100, 5003


def iter_individual_rows(universe: Universe, ledger: Ledger, seed: int, rows: int, snapshot: int) -> Iterator[str]:
    """Yield the lines of `itcont`: `rows` of them in the first snapshot."""
    last = rows + (rows // 100 if snapshot > 1 else 0)
    number = 0
    for gift in iter_gifts(universe, seed, last):
        for line, filer, measure, amount in gift:
            amended = snapshot > 1 and number < rows and number % _AMENDED == 7
            if snapshot == 1 or number >= rows or number % _WITHDRAWN != 11:
                change = 1 if amended else 0
                if measure:
                    ledger.add(filer, measure, amount + change)
                yield line % ("A" if amended else "N", amount + change)
            number += 1


def iter_gifts(universe: Universe, seed: int, rows: int) -> Iterator[list[tuple[str, str, str, int]]]:
    """Yield gifts until they have this many rows.

    A row is a line with places for indicator and amount, its filer, the measure it adds to, and the amount.
    """
    chance = Random(f"individuals-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
    writer = _IndividualWriter(universe, chance)
    number = 0
    while number < rows:
        gift = list(writer.gift(number, rows - number))
        yield gift
        number += len(gift)


class _IndividualWriter:
    def __init__(self, universe: Universe, chance: Random) -> None:
        self._random = chance.random
        self._donors = universe.donors
        self._dates = list_dates(universe.cycle)
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
            f"{filer.id}|%s|{REPORTS[number % 8]}|P{self._cycle}|{self._cycle}{number * 7:014d}|{code}|{entity}|"
            f"{self._who() if who is None else who}|{self._date(number) if at is None else at}|%d|{other}|"
            f"{tran or f'SA11AI.{number}'}|{1300000 + number // 4000}|{flag}|{memo}|{4020000000000000000 + number * 3}"
        )
        return line, filer.id, measure, amount
