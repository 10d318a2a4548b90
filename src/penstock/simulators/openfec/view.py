"""One day of the story, indexed as the API reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from penstock.simulators.filing import Filing, Line
from penstock.simulators.openfec.people import committee_history
from penstock.simulators.story import DayState


class DayView:
    """What is true on a day, found by committee, schedule and number."""

    def __init__(self, state: DayState) -> None:
        self.state = state
        self.cycle = state.universe.cycle
        self.committees = {each.id: each for each in state.universe.committees}
        self.candidates = {each.id: each for each in state.universe.candidates}
        self.filings = {each.number: each for each in state.filings}
        self.amended_by = {each.amends: each for each in state.filings if each.amends is not None}
        self.last_filed = {each.committee_id: each.filed_at.date() for each in state.filings}
        self._processed, self._efiled = _index(state.processed), _index(state.efiled)
        self._histories: dict[str, dict[str, Any]] = {}

    def processed(self, schedule: str, committees: Sequence[str]) -> list[Line]:
        """Return the processed lines of a schedule, of these committees or of all."""
        return _find(self._processed[schedule], committees)

    def efiled(self, schedule: str, committees: Sequence[str]) -> list[Line]:
        """Return the raw lines of a schedule, of these committees or of all."""
        return _find(self._efiled[schedule], committees)

    def history(self, committee_id: str) -> dict[str, Any] | None:
        """Return a committee as it stands inside other rows; None for one that is not registered."""
        if committee_id not in self.committees:
            return None
        if committee_id not in self._histories:
            self._histories[committee_id] = committee_history(self.committees[committee_id], self.cycle)
        return self._histories[committee_id]

    def is_most_recent(self, filing: Filing) -> bool:
        """Whether no filing has taken its place."""
        return filing.number not in self.amended_by

    def chain(self, filing: Filing) -> list[int]:
        """Return the numbers of the filings it amends, oldest first, and its own."""
        numbers = [filing.number]
        while filing.amends is not None:
            filing = self.filings[filing.amends]
            numbers.append(filing.number)
        return numbers[::-1]


def _index(lines: Iterable[Line]) -> dict[str, dict[str, list[Line]]]:
    found: dict[str, dict[str, list[Line]]] = {schedule: defaultdict(list) for schedule in "ABE"}
    for line in lines:
        found[line.schedule][line.committee_id].append(line)
    return found


def _find(index: dict[str, list[Line]], committees: Sequence[str]) -> list[Line]:
    wanted = [each for each in dict.fromkeys(committees) if each in index] if committees else index
    return [line for committee in wanted for line in index[committee]]
