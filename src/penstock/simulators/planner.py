"""Decides which filing each drafted line goes into, and on which day that is filed and processed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from penstock.simulators.draft import Draft, iter_gift_drafts, iter_transaction_drafts
from penstock.simulators.universe import Committee, Universe

#: How long before the first day of the story the filings end that were processed before it.
QUIET = timedelta(days=20)
_BACKLOG_SHARE = 0.6
#: One filing in this many is filed on paper: it has no raw rows.
_ON_PAPER = 12
_LATE_ROWS = 6


@dataclass(slots=True)
class PlannedFiling:
    """A filing before it has a number.

    Args:
        efiled_day: None for one of before the story.
        units: Lines that stand together, and have the same date.
    """

    committee_id: str
    start: date
    end: date
    efiled_day: int | None
    processed_day: int
    on_paper: bool = False
    is_late: bool = False
    units: list[list[Draft]] = field(default_factory=list)


class Planner:
    """Lays the lines of a world out over filings and days."""

    def __init__(
        self, universe: Universe, seed: int, *, rows: int, days: int, starts_on: date, registered: dict[str, int]
    ) -> None:
        self._universe, self._days, self._starts_on = universe, days, starts_on
        self._registered = registered
        self._chance = Random(f"filings-{universe.cycle}-{seed}")  # noqa: S311 - a world, not a secret
        self._cut = starts_on - QUIET
        self._windows = list(_quarters(universe.cycle, self._cut))
        self._units: dict[str, list[list[Draft]]] = defaultdict(list)
        for unit in iter_gift_drafts(universe, seed, rows):
            self._units[unit[0].committee_id].append(unit)
        self._between = list(iter_transaction_drafts(universe, seed, max(40, min(rows // 20, 50_000))))

    def plan(self) -> list[PlannedFiling]:
        """Return all filings but amendments: those of before the story first, then day by day."""
        backlog, fresh = [], []
        for committee in self._universe.committees:
            early, late = self._split(committee)
            backlog += early
            fresh += late
        fresh += self._late_filings()
        self._place_between(backlog, fresh)
        backlog = [each for each in backlog if each.units]
        fresh = [each for each in fresh if each.units]
        backlog.sort(key=lambda each: (each.end, each.committee_id))
        fresh.sort(key=lambda each: (each.efiled_day or 0, each.committee_id, each.is_late))
        return backlog + fresh

    def _split(self, committee: Committee) -> tuple[list[PlannedFiling], list[PlannedFiling]]:
        units = self._units[committee.id]
        first = self._registered.get(committee.id, 0)
        share = 0.0 if first else 1.0 if self._days == 1 else _BACKLOG_SHARE
        kept = int(len(units) * share)
        backlog = [] if first else [PlannedFiling(committee.id, *window, None, 0) for window in self._windows]
        for unit in units[:kept]:
            self._chance.choice(backlog).units.append(unit)
        fresh = list(self._fresh_filings(committee.id, first, len(units) - kept))
        for unit in units[kept:]:
            self._chance.choice(fresh).units.append(unit)
        return backlog, fresh

    def _fresh_filings(self, committee_id: str, first: int, units: int) -> Iterator[PlannedFiling]:
        room = range(first, self._days - 1)
        if not room:
            return
        count = min(len(room), max(1, units // 12))
        start, processed = self._cut + timedelta(days=1), 0
        for day in sorted(self._chance.sample(room, count)):
            end = self._starts_on + timedelta(days=day - 1)
            # A committee's filings are processed in order: only a late filing brings dates older than those known.
            processed = max(processed, self._processed(day))
            yield PlannedFiling(committee_id, start, end, day, processed, self._is_on_paper())
            start = end + timedelta(days=1)

    def _processed(self, day: int) -> int:
        return min(day + self._chance.randrange(1, 4), self._days - 1)

    def _is_on_paper(self) -> bool:
        return self._chance.randrange(_ON_PAPER) == 0

    def _late_filings(self) -> Iterator[PlannedFiling]:
        """Yield filings about months long past; each takes rows from the newest filings of its committee."""
        own = [each for each in self._universe.committees if each.files_as_candidate]
        old = [each for each in own if each.id not in self._registered and len(self._units[each.id]) > 3 * _LATE_ROWS]
        for day in range(self._days - 1):
            for committee in self._chance.sample(old, min(len(old), 1 + len(old) // 20)):
                start, end = self._chance.choice(self._windows[:-1])
                late = PlannedFiling(committee.id, start, end, day, self._processed(day), is_late=True)
                late.units = [
                    [_renamed(draft, f"L{day}") for draft in unit]
                    for unit in self._chance.sample(self._units[committee.id], _LATE_ROWS)
                ]
                yield late

    def _place_between(self, backlog: list[PlannedFiling], fresh: list[PlannedFiling]) -> None:
        """Put the transactions between committees where their dates belong.

        Those after the last quarter go into filings of the story when one committee alone reports them: two reports of
        one transaction on days far apart could not be told from two transactions.
        """
        quarters = {(each.committee_id, each.end): each for each in backlog}
        ends = [end for _, end in self._windows]
        new = defaultdict(list)
        for each in fresh:
            if not each.is_late:
                new[each.committee_id].append(each)
        hidden = {each.id for each in self._universe.committees if each.id in self._registered}
        hidden |= {each.id for each in self._universe.candidates if each.committee_id in hidden}
        for rows in self._between:
            if any(row.other_id in hidden or row.candidate_id in hidden for row in rows):
                continue
            where = [bisect_left(ends, row.on or self._cut) for row in rows]
            if all(
                place < len(ends) and (row.committee_id, ends[place]) in quarters
                for row, place in zip(rows, where, strict=True)
            ):
                for row, place in zip(rows, where, strict=True):
                    quarters[row.committee_id, ends[place]].units.append([row])
            elif len(rows) == 1 and new[rows[0].committee_id]:
                self._chance.choice(new[rows[0].committee_id]).units.append([replace(rows[0], on=None)])


def _quarters(cycle: int, cut: date) -> Iterator[tuple[date, date]]:
    for year in (cycle - 1, cycle):
        for month in (1, 4, 7, 10):
            start = date(year, month, 1)
            end = (date(year, month + 3, 1) if month < 10 else date(year + 1, 1, 1)) - timedelta(days=1)
            if start < cut:
                yield start, min(end, cut)


def _renamed(draft: Draft, mark: str) -> Draft:
    # What a memo line refers to is told by the `E` at its end, which must stay there.
    whole = draft.transaction_id.removesuffix("E")
    return replace(draft, transaction_id=f"{whole}.{mark}{draft.transaction_id[len(whole) :]}")
