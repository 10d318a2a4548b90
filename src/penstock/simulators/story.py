"""What happens at the simulated FEC, day by day: equal arguments tell an equal story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from threading import Lock

from penstock.errors import UsageError
from penstock.simulators.docket import Docket
from penstock.simulators.fec_committees import iter_expenditures
from penstock.simulators.filing import Filing, Line, Planted
from penstock.simulators.ledger import Ledger
from penstock.simulators.nation import FEWEST, make_nation
from penstock.simulators.planner import Planner
from penstock.simulators.planting import Planter
from penstock.simulators.universe import Universe


@dataclass(frozen=True, slots=True)
class DayState:
    """What is true on one day of a story.

    Args:
        processed: The processed rows: exactly what the bulk files of that day hold.
        efiled: The raw rows that can be read, of filings processed since as well.
        filings: What was filed until then, amended or not.
        universe: Who is registered by then.
        ledger: What the processed rows add up to.
    """

    day: int
    on: date
    universe: Universe
    ledger: Ledger = field(repr=False)
    processed: Sequence[Line] = field(repr=False)
    efiled: Sequence[Line] = field(repr=False)
    filings: Sequence[Filing] = field(repr=False)


class Story:
    """The filings of one cycle over some days, after all that was filed before the first.

    On the last day everything filed has been processed.

    Args:
        rows: Number of individual contributions, about; the rest grows with it.
        committees: Number of committees; at least 8, of every type from 24, in every state and territory from 60.
        starts_on: The date of day 0; October 5 of the cycle's second year unless said otherwise.
        backdated: How long before they can first be read the rows of late filings say they were loaded: whoever asks
            for what was loaded since the last time overlooks them.

    Raises:
        UsageError: There are too few committees, days or rows for a story, or no such cycle.
    """

    def __init__(
        self,
        cycle: int,
        *,
        seed: int = 1,
        rows: int = 20_000,
        days: int = 5,
        committees: int = 60,
        starts_on: date | None = None,
        backdated: timedelta = timedelta(0),
    ) -> None:
        if committees < FEWEST or days < 1 or rows < 1:
            raise UsageError(
                f"a story of {committees} committees, {days} days and {rows} rows cannot be told",
                hint=f"it takes {FEWEST} committees, a day and a row at least",
            )
        if cycle % 2:
            raise UsageError(f"`{cycle}` is no election cycle", hint="cycles are even years")
        self.cycle, self.seed, self.rows, self.days = cycle, seed, rows, days
        self.starts_on = starts_on or date(cycle, 10, 5)
        self.universe = make_nation(cycle, seed, max(60, rows // 4), committees)
        self._registered = _latecomers(self.universe, days)
        self._planter = Planter(Docket(cycle, seed, self.starts_on, backdated), seed, days)
        self.filings = tuple(self._tell())
        self._states: dict[int, DayState] = {}
        self._lock = Lock()

    @property
    def planted(self) -> tuple[Planted, ...]:
        """Amendments, withdrawals, changes and late filings, in order of days."""
        return tuple(sorted(self._planter.planted, key=lambda each: (each.day, each.kind, each.file_number)))

    def state_on(self, day: int) -> DayState:
        """Return what is true on a day.

        Raises:
            UsageError: The story has no such day.
        """
        if not 0 <= day < self.days:
            raise UsageError(f"the story has no day `{day}`", hint=f"its days are 0 to {self.days - 1}")
        with self._lock:
            if day not in self._states:
                self._states[day] = self._look(day)
            return self._states[day]

    def day_at(self, instant: datetime) -> int:
        """Return the day of the story at an instant; the first day before the story, and the last after it."""
        passed = (instant.astimezone(UTC).date() - self.starts_on).days
        return min(max(passed, 0), self.days - 1)

    def instant_of(self, day: int) -> datetime:
        """Return the instant at which a day begins; from then on its rows can be read."""
        return datetime.combine(self.starts_on + timedelta(days=day), time(), UTC)

    def _tell(self) -> Iterator[Filing]:
        docket, planter = self._planter.docket, self._planter
        planner = Planner(
            self.universe,
            self.seed,
            rows=self.rows,
            days=self.days,
            starts_on=self.starts_on,
            registered=self._registered,
        )
        pending, known = planner.plan(), list[Filing]()
        for day in range(-1, self.days):
            arrived = []
            for planned in pending:
                if (-1 if planned.efiled_day is None else planned.efiled_day) == day:
                    arrived.append(docket.file(planned))
                    planter.take_in(arrived[-1], is_late=planned.is_late)
            if day > 0:
                planter.take_back(day, known)
            if 0 < day < self.days - 1:
                arrived += planter.amend(day, known)
            known += arrived
            yield from arrived

    @cached_property
    def _lines(self) -> list[Line]:
        lines = [line for filing in self.filings for line in self._planter.lives[filing.number]]
        return lines + list(self._expenditures())

    def _expenditures(self) -> Iterator[Line]:
        loaded_at = self.instant_of(0) - timedelta(days=5)
        for text in iter_expenditures(self.universe, self.seed, max(20, self.rows // 50)):
            fields = tuple(text.split("|"))
            month, day, year = map(int, fields[12].split("/"))
            on = date(year, month, day)
            if on < self.starts_on:
                yield _expenditure(fields, on, loaded_at, self._registered.get(fields[0], 0))

    def _look(self, day: int) -> DayState:
        here = {each.id for each in self.universe.committees if self._registered.get(each.id, 0) <= day}
        universe = replace(
            self.universe,
            committees=tuple(each for each in self.universe.committees if each.id in here),
            candidates=tuple(each for each in self.universe.candidates if each.committee_id in here),
        )
        processed = [line for line in self._lines if line.is_true_on(day)]
        known = [each for each in self.filings if _known_from(each) <= day]
        efiled = [line for each in known if each.efiled_day is not None for line in each.lines]
        on = self.starts_on + timedelta(days=day)
        return DayState(day, on, universe, _add_up(processed), processed, efiled, known)


def _latecomers(universe: Universe, days: int) -> dict[str, int]:
    """Return the committees that register during the story, with the day."""
    own = [each for each in universe.committees if each.files_as_candidate and each.designation == "P"]
    if days < 3 or len(own) < 8:
        return {}
    return {each.id: 1 + place % (days - 2) for place, each in enumerate(own[-max(1, len(own) // 15) :])}


def _known_from(filing: Filing) -> int:
    return filing.processed_day if filing.efiled_day is None else filing.efiled_day


def _add_up(lines: Sequence[Line]) -> Ledger:
    ledger = Ledger()
    for line in lines:
        for committee, measure in line.counts:
            ledger.add(committee, measure, int(line.amount))
    return ledger


def _expenditure(fields: tuple[str, ...], on: date, loaded_at: datetime, from_day: int) -> Line:
    return Line(
        sub_id=fields[21], schedule="B", book="oppexp", committee_id=fields[0], file_number=int(fields[22]),
        transaction_id=fields[23], image_number=fields[4], amendment=fields[1], report=fields[3], election=fields[14],
        code="", entity=fields[20], name=fields[8], city=fields[9], state=fields[10], zip=fields[11], employer="",
        occupation="", received_on=on, amount=Decimal(fields[13]), other_id="", candidate_id="", memo_code=fields[18],
        memo_text=fields[19], loaded_at=loaded_at, from_day=from_day, published=fields,
    )  # fmt: skip
