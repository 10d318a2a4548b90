"""Transactions before they are filed: drawn from the generated world, without numbers, dates and days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from penstock.simulators.fec_committees import CommitteeRow, iter_transactions
from penstock.simulators.fec_individuals import iter_gifts
from penstock.simulators.ledger import Ledger
from penstock.simulators.universe import Universe

#: Places of fields in a line of `itcont` and `itoth`.
_FILER, _CODE, _ENTITY, _ON, _AMOUNT, _OTHER, _TRANSACTION, _MEMO_CODE, _MEMO = 0, 5, 6, 13, 14, 15, 16, 18, 19


@dataclass(frozen=True, slots=True)
class Draft:
    """One line that will be filed.

    Args:
        who: Name, city, state, ZIP code, employer, occupation.
        on: The date it must have; None leaves it to the filing.
        counts: What its amount adds to: committee and measure.
    """

    book: str
    committee_id: str
    code: str
    entity: str
    who: tuple[str, ...]
    amount: int
    other_id: str
    candidate_id: str
    transaction_id: str
    memo_code: str
    memo_text: str
    on: date | None = None
    counts: tuple[tuple[str, str], ...] = ()

    @property
    def schedule(self) -> str:
        """`A` for receipts, `E` for independent expenditures, `B` for all else that is spent."""
        if self.code in ("24A", "24E"):
            return "E"
        return "B" if self.code.startswith("2") else "A"


def iter_gift_drafts(universe: Universe, seed: int, rows: int) -> Iterator[list[Draft]]:
    """Yield what belongs together in one filer's books: a gift, or a gift and its memo line."""
    for gift in iter_gifts(universe, seed, rows):
        by_filer: dict[str, list[Draft]] = {}
        for line, filer, measure, amount in gift:
            counts = ((filer, measure),) if measure else ()
            by_filer.setdefault(filer, []).append(_from_fields("itcont", line.split("|"), amount, counts=counts))
        yield from by_filer.values()


def iter_transaction_drafts(universe: Universe, seed: int, count: int) -> Iterator[list[Draft]]:
    """Yield the lines of each transaction between committees, of all that report it, with the dates they report."""
    ledger = Ledger()
    for rows in iter_transactions(universe, ledger, seed, count):
        counts = tuple(ledger.totals)
        ledger.totals.clear()
        yield [_from_row(row, counts if place == 0 else ()) for place, row in enumerate(rows)]


def _from_row(row: CommitteeRow, counts: tuple[tuple[str, str], ...]) -> Draft:
    fields = row.as_other().split("|")
    at = fields[_ON]
    on = date(int(at[4:]), int(at[:2]), int(at[2:4]))
    return _from_fields("itoth", fields, int(fields[_AMOUNT]), counts=counts, candidate_id=row.candidate, on=on)


def _from_fields(
    book: str,
    fields: list[str],
    amount: int,
    *,
    counts: tuple[tuple[str, str], ...],
    candidate_id: str = "",
    on: date | None = None,
) -> Draft:
    return Draft(
        book=book,
        committee_id=fields[_FILER],
        code=fields[_CODE],
        entity=fields[_ENTITY],
        who=tuple(fields[_ENTITY + 1 : _ON]),
        amount=amount,
        other_id=fields[_OTHER],
        candidate_id=candidate_id,
        transaction_id=fields[_TRANSACTION],
        memo_code=fields[_MEMO_CODE],
        memo_text=fields[_MEMO],
        on=on,
        counts=counts,
    )
