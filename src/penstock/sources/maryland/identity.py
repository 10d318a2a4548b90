"""Gives rows without identifiers stable ones: equal gifts stay apart, and a corrected gift stays the same gift.

Rows of one committee, day, contributor name, address and contribution type are a *group*; the identifier is a digest of
these five and a number within the group. Who gets which number is decided in this order, so that the same rows read
again get the same identifiers:

1. a row equal to a stored one in every value;
2. a row with the same amount as a stored one: something else about it was corrected;
3. the only row left, where one stored row is left too: its amount was corrected;
4. any other row is new, with the lowest number never used in its group; stored rows left over are gone.

Where two rows of a group vanish and two appear, nobody can tell which became which: they are gone, and new.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from penstock.sources.maryland.contributions import COLUMNS, parse_amount, parse_date

#: What makes rows one group. Letter case and blanks do not matter.
GROUP = (
    "receiving_committee",
    "contribution_date",
    "contributor_name",
    "contributor_address",
    "contribution_type",
)
_NAMES = tuple(COLUMNS.values())

Values = Mapping[str, str]
_Sameness = Callable[[Values], object]


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row as it is stored.

    Args:
        is_listed: Whether the publisher still had it at the last look.
    """

    contribution_id: str
    values: Values
    is_listed: bool = True


@dataclass(frozen=True, slots=True)
class Identified:
    """What a complete read of some days comes to.

    Args:
        rows: Every row read, with its identifier.
        gone: Stored rows that were listed, and are not any more.
        corrected: How many rows are a stored one with other values.
    """

    rows: Sequence[tuple[str, Values]]
    gone: Sequence[KnownRow]
    corrected: int


def identify(read: Iterable[Values], known: Iterable[KnownRow]) -> Identified:
    """Return the identifiers of rows read, given all stored rows of the same days.

    The rows have to be all there are of their days: numbers count equal rows.
    """
    groups = _group(read)
    stored: dict[str, list[KnownRow]] = defaultdict(list)
    for row in known:
        stored[_digest(row.values)].append(row)
    rows: list[tuple[str, Values]] = []
    gone: list[KnownRow] = []
    corrected = 0
    for group in sorted({*groups, *stored}):
        matching = _Matching(group, groups.get(group, []), stored.get(group, []))
        matching.match()
        rows += matching.rows
        gone += [row for row in matching.stored if row.is_listed]
        corrected += matching.corrected
    return Identified(rows, gone, corrected)


class _Matching:
    """The rows of one group on their way to identifiers; `read` and `stored` hold what is left on either side."""

    def __init__(self, group: str, read: Sequence[Values], stored: Sequence[KnownRow]) -> None:
        self.group = group
        # In an order of their own: the publisher's may change from one export to the next.
        self.read = sorted(read, key=_texts)
        self.stored = sorted(stored, key=lambda row: (not row.is_listed, _number(row)))
        self.rows: list[tuple[str, Values]] = []
        self.corrected = 0
        self._used = {_number(row) for row in stored}

    def match(self) -> None:
        self._take(_texts)
        self.corrected += self._take(_amount)
        listed = [row for row in self.stored if row.is_listed]
        if len(self.read) == len(listed) == 1:
            self._pair(self.read[0], listed[0])
            self.corrected += 1
        self._number_the_rest()

    def _take(self, sameness: _Sameness) -> int:
        """Pair rows that are the same in this respect, listed ones first; return how many."""
        waiting: dict[object, list[KnownRow]] = defaultdict(list)
        for row in self.stored:
            waiting[sameness(row.values)].append(row)
        pairs = [(row, same.pop(0)) for row in self.read if (same := waiting[sameness(row)])]
        for read, known in pairs:
            self._pair(read, known)
        return len(pairs)

    def _pair(self, row: Values, known: KnownRow) -> None:
        self.rows.append((known.contribution_id, row))
        self.read = [other for other in self.read if other is not row]
        self.stored = [other for other in self.stored if other is not known]

    def _number_the_rest(self) -> None:
        number = 0
        for row in self.read:
            number += 1
            while number in self._used:
                number += 1
            self.rows.append((f"{self.group}-{number}", row))
        self.read = []


def _group(rows: Iterable[Values]) -> dict[str, list[Values]]:
    groups: dict[str, list[Values]] = defaultdict(list)
    for row in rows:
        # A copy, so that two equal rows are two things.
        groups[_digest(row)].append(dict(row))
    return groups


def _digest(values: Values) -> str:
    day = parse_date(values["contribution_date"])
    told = {**values, "contribution_date": values["contribution_date"] if day is None else day.isoformat()}
    parts = (" ".join(told[name].upper().split()) for name in GROUP)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def _number(row: KnownRow) -> int:
    return int(row.contribution_id.rpartition("-")[2])


def _texts(values: Values) -> tuple[str, ...]:
    return tuple(values[name] for name in _NAMES)


def _amount(values: Values) -> object:
    amount = parse_amount(values["contribution_amount"])
    return values["contribution_amount"] if amount is None else amount
