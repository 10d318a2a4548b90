"""Plants what a careful reader must notice: amendments, rows withdrawn, rows changed in place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from penstock.simulators.docket import Docket
from penstock.simulators.filing import NEVER, Filing, Line, Planted, PlantedKind

#: One filing in this many is amended each day; one row in this many is withdrawn, and one is changed.
_AMENDED, _WITHDRAWN, _CHANGED = 80, 4000, 6000


class Planter:
    """Amends and takes back what was filed, day by day."""

    def __init__(self, docket: Docket, seed: int, days: int) -> None:
        self.docket, self._days = docket, days
        self._chance = Random(f"planted-{docket.cycle}-{seed}")  # noqa: S311 - a world, not a secret
        self._touched: set[int] = set()
        self._plain: dict[int, list[Line]] = {}
        self.lives: dict[int, list[Line]] = {}
        self.planted: list[Planted] = []

    def take_in(self, filing: Filing, *, is_late: bool = False) -> None:
        """Note a filing, which can be amended later unless it is a late one."""
        self._keep(filing)
        if is_late:
            self._touched.add(filing.number)
            came = tuple(line.sub_id for line in filing.lines)
            self._note(PlantedKind.LATE, filing.processed_day, filing, came=came)

    def amend(self, day: int, filings: list[Filing]) -> list[Filing]:
        """Return the amendments filed on a day, which take effect on the day they are processed."""
        old = [each for each in filings if self._may_touch(each, day)]
        chosen = self._chance.sample(old, min(len(old), 1 + len(filings) // _AMENDED))
        return [self._amend(each, day) for each in sorted(chosen, key=lambda each: each.number)]

    def take_back(self, day: int, filings: list[Filing]) -> None:
        """Withdraw rows on a day, and change others in place."""
        rows = sum(len(each.lines) for each in filings)
        for _ in range(1 + rows // _WITHDRAWN):
            self._take_back(day, filings, PlantedKind.WITHDRAWAL)
        for _ in range(1 + rows // _CHANGED):
            self._take_back(day, filings, PlantedKind.CHANGE)

    def _may_touch(self, filing: Filing, day: int) -> bool:
        if filing.number in self._touched or filing.processed_day >= day:
            return False
        return len(self._plain[filing.number]) >= 4

    def _keep(self, filing: Filing) -> None:
        self.lives[filing.number] = list(filing.lines)
        self._plain[filing.number] = [line for line in filing.lines if _is_plain(line)]

    def _amend(self, old: Filing, day: int) -> Filing:
        self._touched.add(old.number)
        processed = min(day + self._chance.randrange(1, 4), self._days - 1)
        plain = self._plain[old.number]
        picked = self._chance.sample(plain, 2 + len(plain) // 10)
        dropped, altered = picked[0], {line.sub_id for line in picked[1:]}
        kept = [line for line in old.lines if line is not dropped]
        lines = [_altered(line, place) if line.sub_id in altered else line for place, line in enumerate(kept)]
        added = [self.docket.add_line(line, place) for place, line in enumerate(picked[1:2])]
        filing = self.docket.amend(old, [*lines, *added], day, processed)
        self.lives[old.number] = [replace(line, until_day=processed) for line in self.lives[old.number]]
        self._keep(filing)
        new = [line.sub_id for line in filing.lines]
        self._note(
            PlantedKind.AMENDMENT, processed, filing, gone=tuple(line.sub_id for line in old.lines), came=tuple(new),
            pairs=tuple((line.sub_id, key) for line, key in zip(kept, new, strict=False)),
        )  # fmt: skip
        return filing

    def _take_back(self, day: int, filings: list[Filing], kind: PlantedKind) -> None:
        old = [each for each in filings if self._may_touch(each, day)]
        if not old:
            return
        filing = self._chance.choice(old)
        self._touched.add(filing.number)
        line = self._chance.choice(self._plain[filing.number])
        life = self.lives[filing.number]
        life[life.index(line)] = replace(line, until_day=day)
        if kind is PlantedKind.WITHDRAWAL:
            self._note(kind, day, filing, gone=(line.sub_id,))
            return
        loaded_at = self.docket.instant_of(day) + timedelta(minutes=50)
        life.append(replace(_altered(line, 0), from_day=day, until_day=NEVER, loaded_at=loaded_at))
        self._note(kind, day, filing, came=(line.sub_id,))

    def _note(
        self,
        kind: PlantedKind,
        day: int,
        filing: Filing,
        *,
        gone: tuple[str, ...] = (),
        came: tuple[str, ...] = (),
        pairs: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.planted.append(
            Planted(kind, day, filing.committee_id, filing.number, gone, came, pairs, amends=filing.amends)
        )


def _is_plain(line: Line) -> bool:
    # Lines that others refer to stay as they are: an earmarked gift and its memo line belong together.
    return line.book == "itcont" and line.code in ("10", "15") and not line.memo_code and not line.other_id


def _altered(line: Line, turn: int) -> Line:
    if turn % 3 == 1:
        return replace(line, employer="CORRECTED EMPLOYER LLC")
    return replace(line, amount=line.amount + Decimal(1))
