"""What simulated transactions have in common: report codes, dates, and a ledger of what they add up to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

#: Codes of the reports that rows come from.
REPORTS = ("M2", "M3", "Q1", "Q2", "Q3", "YE", "12G", "30G")


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


def list_dates(cycle: int) -> list[str]:
    """Return the dates of a cycle as MMDDYYYY, 28 a month, in order."""
    return [
        f"{month:02d}{day:02d}{year}" for year in (cycle - 1, cycle) for month in range(1, 13) for day in range(1, 29)
    ]
