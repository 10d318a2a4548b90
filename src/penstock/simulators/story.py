"""What happens at the simulated FEC, day by day: equal arguments tell an equal story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from penstock.simulators.filing import Filing, Line, Planted
from penstock.simulators.universe import Universe


@dataclass(frozen=True, slots=True)
class DayState:
    """What is true on one day of a story.

    Args:
        processed: The processed rows: exactly what the bulk files of that day hold.
        efiled: The raw rows that can be read, of filings processed since as well.
        filings: What was filed until then.
        universe: Who is registered by then.
    """

    day: int
    on: date
    universe: Universe
    processed: Sequence[Line] = field(repr=False)
    efiled: Sequence[Line] = field(repr=False)
    filings: Sequence[Filing] = field(repr=False)


class Story:
    """The filings of one cycle over some days, after all that was filed before the first.

    Args:
        rows: Number of individual contributions, about; the rest grows with it.
        committees: Number of committees; at least 8, of every type from 24, in every state and territory from 60.
        starts_on: The date of day 0; October 5 of the cycle's second year unless said otherwise.
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
    ) -> None:
        self.cycle, self.seed, self.rows, self.days = cycle, seed, rows, days
        self.starts_on = starts_on or date(cycle, 10, 5)

    @property
    def planted(self) -> tuple[Planted, ...]:
        """Amendments, withdrawals, changes and late filings, in order of days."""
        raise NotImplementedError

    @property
    def filings(self) -> tuple[Filing, ...]:
        """Everything filed, in order of numbers."""
        raise NotImplementedError

    def state_on(self, day: int) -> DayState:
        """Return what is true on a day."""
        raise NotImplementedError

    def day_at(self, instant: datetime) -> int:
        """Return the day of the story at an instant; the first day before the story, and the last after it."""
        raise NotImplementedError

    def instant_of(self, day: int) -> datetime:
        """Return the instant at which a day begins; all its rows are loaded then."""
        raise NotImplementedError
