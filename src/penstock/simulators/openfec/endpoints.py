"""What the API lists, by which parameters, in which order: one endpoint for each path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from penstock.simulators.openfec.filters import Maker, Test
from penstock.simulators.openfec.query import Query, Refusal
from penstock.simulators.openfec.seek import SortColumn
from penstock.simulators.openfec.view import DayView

PAGING = ("page", "per_page", "sort", "sort_hide_null", "sort_null_only", "sort_nulls_last", "api_key")
SEEKING = ("per_page", "last_index", "sort", "sort_hide_null", "sort_null_only", "api_key")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path of the API.

    Args:
        path: Below `/v1`, with the names of its parts in braces.
        items: What there is to list: lines, filings, or people.
        render: An item as a row of JSON.
        filters: Parameters that keep some of the items.
        by_row: Parameters that keep some of the rendered rows.
        sort: What the pages are sorted by unless asked otherwise.
        orders: What numbered pages of lines can be sorted by; None sorts rows by any field they have.
        seek: The columns a keyset walk can be sorted by; None for numbered pages.
        needs: Parameters without which there is no answer.
        few: Parameters that take at most ten values.
    """

    path: str
    items: Callable[[DayView, Query], Sequence[Any]]
    render: Callable[[DayView, Any], dict[str, Any]]
    filters: Mapping[str, Maker] = field(default_factory=dict)
    by_row: Mapping[str, Maker] = field(default_factory=dict)
    sort: str = "name"
    orders: Mapping[str, Callable[[Any], Any]] | None = None
    seek: Mapping[str, SortColumn] | None = None
    needs: tuple[str, ...] = ()
    few: tuple[str, ...] = ("committee_id",)

    def check(self, query: Query) -> None:
        """Refuse parameters that do not exist, those that are missing, and too many values.

        Raises:
            Refusal: One of those.
        """
        paging = PAGING if self.seek is None else (*SEEKING, *(f"last_{name}" for name in self.seek))
        known = {*self.filters, *self.by_row, *paging}
        unknown = [name for name in query.params if name not in known]
        if unknown:
            raise Refusal({name: ["Unknown field."] for name in unknown})
        missing = [name for name in self.needs if query.first(name) is None]
        if missing:
            raise Refusal({name: ["Missing data for required field."] for name in missing})
        many = [name for name in self.few if len(query.all(name)) > 10]
        if many:
            raise Refusal(f"Can only specify up to 10 values for `{'`, `'.join(many)}`")

    def select(self, view: DayView, query: Query) -> list[Any]:
        """Return the items that the parameters keep.

        Raises:
            Refusal: A parameter's value cannot be read.
        """
        tests, row_tests = _tests(self.filters, query), _tests(self.by_row, query)
        items = [item for item in self.items(view, query) if all(test(item) for test in tests)]
        if not row_tests:
            return items
        rows = ((item, self.render(view, item)) for item in items)
        return [item for item, row in rows if all(test(row) for test in row_tests)]

    def sort_value(self, view: DayView, item: Any, column: str) -> Any:
        """Return what an item of numbered pages is sorted by.

        Raises:
            Refusal: There is no such column.
        """
        if self.orders is not None and column in self.orders:
            return self.orders[column](item)
        row = {} if self.orders is not None else self.render(view, item)
        if column not in row:
            raise Refusal(f'Cannot sort on value "{column}".')
        return row[column]


def _tests(filters: Mapping[str, Maker], query: Query) -> list[Test]:
    return [make(name, query.all(name)) for name, make in filters.items() if query.first(name) is not None]
