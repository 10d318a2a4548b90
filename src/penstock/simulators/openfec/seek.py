"""Pages by keyset: the next page begins after the last row of this one, by sort value and key."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from penstock.simulators.filing import Line
from penstock.simulators.openfec.query import Query, Refusal, parse

#: Sort column -> how a line tells it, how a parameter is read, how a cursor writes it.
SortColumn = tuple[Callable[[Line], Any], Callable[[str, str], Any], Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Walk:
    """The lines of one query in the order in which pages give them: those without a sort value come last.

    Args:
        column: What they are sorted by.
        keys: Sort value and key of those that have a value, ascending whatever the order of the walk.
        null_keys: Keys of those that have none, ascending.
    """

    column: str
    descending: bool
    dated: Sequence[Line]
    keys: Sequence[tuple[Any, int]]
    undated: Sequence[Line]
    null_keys: Sequence[int]

    def __len__(self) -> int:
        return len(self.dated) + len(self.undated)

    def __getitem__(self, span: slice) -> list[Line]:
        return [*self.dated, *self.undated][span] if span.stop > len(self.dated) else list(self.dated[span])

    def after(self, value: Any, key: int) -> int:
        """Return the place that follows a sort value and key."""
        if self.descending:
            return len(self.keys) - bisect_left(self.keys, (value, key))
        return bisect_right(self.keys, (value, key))

    def after_null(self, key: int) -> int:
        """Return the place that follows a key among those without a sort value."""
        before = len(self.null_keys) - bisect_left(self.null_keys, key)
        return len(self.dated) + (before if self.descending else bisect_right(self.null_keys, key))


def make_walk(lines: Sequence[Line], sort: str, columns: Mapping[str, SortColumn], query: Query) -> Walk:
    """Return lines in the order asked for.

    Raises:
        Refusal: There is no such column to sort by.
    """
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    if column not in columns:
        known = '", "'.join(columns)
        raise Refusal(f'Cannot sort on value "{column}". Instead choose one of: "{known}"')
    get = columns[column][0]
    keyed = [((get(line), int(line.sub_id)), line) for line in lines if get(line) is not None]
    keyed.sort(key=itemgetter(0))
    nulls = [(int(line.sub_id), line) for line in lines if get(line) is None]
    nulls.sort(key=itemgetter(0))
    if query.flag("sort_null_only"):
        keyed = []
    elif query.flag("sort_hide_null"):
        nulls = []
    step = -1 if descending else 1
    return Walk(
        column,
        descending,
        [line for _, line in keyed][::step],
        [key for key, _ in keyed],
        [line for _, line in nulls][::step],
        [key for key, _ in nulls],
    )


def start_of(walk: Walk, query: Query, columns: Mapping[str, SortColumn]) -> int:
    """Return the place at which a page begins.

    Raises:
        Refusal: The cursor is only half of one, or malformed.
    """
    index = query.first("last_index")
    if index is None:
        return 0
    key = parse(int, "last_index", index, "Not a valid integer.")
    value = query.first(f"last_{walk.column}")
    if value is not None:
        return walk.after(columns[walk.column][1](f"last_{walk.column}", value), key)
    if query.flag("sort_null_only"):
        return walk.after_null(key)
    wanted = ", ".join(f"`last_{name}`" for name in columns)
    raise Refusal(
        "When paginating through results, both values from the previous page's `last_indexes` object are needed. "
        f"Please add one of the following filters to your query: `sort_null_only`=True, {wanted}"
    )


def last_indexes(walk: Walk, line: Line, columns: Mapping[str, SortColumn]) -> dict[str, Any]:
    """Return the cursor that follows a line."""
    get, _, write = columns[walk.column]
    value = get(line)
    if value is None:
        return {"last_index": line.sub_id, "sort_null_only": True}
    return {"last_index": line.sub_id, f"last_{walk.column}": write(value)}
