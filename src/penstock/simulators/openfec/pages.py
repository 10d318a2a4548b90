"""Turns a query into a page: by number, or by keyset."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from penstock.simulators.openfec.endpoints import Endpoint
from penstock.simulators.openfec.query import Query
from penstock.simulators.openfec.seek import Walk, last_indexes, make_walk, start_of
from penstock.simulators.openfec.view import DayView

#: Larger sets are counted about.
COUNTED_EXACTLY = 1000
_KEPT = 96
#: What every page of a walk has, or may have, of its own.
_OWN_OF_PAGE = ("page", "per_page", "last_index", "api_key")


@dataclass(frozen=True, slots=True)
class Mishap:
    """What is wrong with a page on purpose.

    Args:
        drift: How many rows have gone from the pages before.
        lies: Whether the count does.
    """

    drift: int = 0
    lies: bool = False


def walk_key(path: str, query: Query) -> tuple[Any, ...]:
    """Return what all pages of one walk have in common."""
    kept = {name: values for name, values in query.params.items() if name not in _OWN_OF_PAGE}
    return (
        path,
        *query.path.values(),
        *sorted((name, values) for name, values in kept.items() if not name.startswith("last_")),
    )


class Pages:
    """The pages of all endpoints on the days asked for; keeps what the next page of a walk needs."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, Any] = OrderedDict()

    def page(self, endpoint: Endpoint, view: DayView, query: Query, mishap: Mishap) -> dict[str, Any]:
        """Return the body of an answer.

        Raises:
            Refusal: The query cannot be answered.
        """
        endpoint.check(query)
        rows, pagination = (
            self._numbered(endpoint, view, query, mishap)
            if endpoint.seek is None
            else self._sought(endpoint, view, query)
        )
        if mishap.lies:
            pagination["count"] = pagination["count"] * 3 + 7
            pagination["pages"] = pagination["pages"] * 3 + 1
        return {"api_version": "1.0", "pagination": pagination, "results": rows}

    def _keep(self, key: Any, make: Any) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _sought(self, endpoint: Endpoint, view: DayView, query: Query) -> tuple[list[Any], dict[str, Any]]:
        columns = endpoint.seek or {}
        sort = query.first("sort") or endpoint.sort
        key = (view.state.day, *walk_key(endpoint.path, query))
        walk: Walk = self._keep(key, lambda: make_walk(endpoint.select(view, query), sort, columns, query))
        start = start_of(walk, query, columns)
        lines = walk[start : start + query.per_page]
        pagination = _counted(len(walk), query.per_page)
        pagination["last_indexes"] = last_indexes(walk, lines[-1], columns) if lines else None
        return [endpoint.render(view, line) for line in lines], pagination

    def _numbered(
        self, endpoint: Endpoint, view: DayView, query: Query, mishap: Mishap
    ) -> tuple[list[Any], dict[str, Any]]:
        key = (view.state.day, *walk_key(endpoint.path, query))
        items: Sequence[Any] = self._keep(key, lambda: _sorted_items(endpoint, view, query))
        items = items[mishap.drift :]
        start = (query.page - 1) * query.per_page
        pagination = _counted(len(items), query.per_page) | {"page": query.page}
        return [endpoint.render(view, item) for item in items[start : start + query.per_page]], pagination


def _counted(exact: int, per_page: int) -> dict[str, Any]:
    is_exact = exact <= COUNTED_EXACTLY
    count = exact if is_exact else exact + exact // 13 + 7
    return {"count": count, "is_count_exact": is_exact, "pages": -(-count // per_page), "per_page": per_page}


def _sorted_items(endpoint: Endpoint, view: DayView, query: Query) -> list[Any]:
    sort = query.first("sort") or endpoint.sort
    column = sort.removeprefix("-")
    keyed = [(endpoint.sort_value(view, item, column), item) for item in endpoint.select(view, query)]
    valued = [pair for pair in keyed if pair[0] is not None]
    valued.sort(key=itemgetter(0), reverse=sort.startswith("-"))
    nulls = [pair for pair in keyed if pair[0] is None]
    if query.flag("sort_null_only"):
        valued = []
    elif query.flag("sort_hide_null"):
        nulls = []
    return [item for _, item in [*valued, *nulls]]
