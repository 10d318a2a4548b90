"""A publisher in memory: answers questions as the FEC's API does, and remembers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from penstock.sources.http.answer import Answer

Row = dict[str, Any]


class Publisher:
    """Hands out bodies by path; a body may be made by a function of the parameters."""

    def __init__(self, bodies: Mapping[str, Any] | None = None, *, anywhere: Any = None) -> None:
        self.bodies = dict(bodies or {})
        self.anywhere = anywhere
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def get_json(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        refresh: bool = False,
        approve: Callable[[Any], None] | None = None,
    ) -> Answer:
        self.asked.append((path, dict(params or {})))
        body = self.bodies.get(path, self.anywhere)
        data = body(dict(params or {})) if callable(body) else body
        if approve is not None:
            approve(data)
        return Answer(url=f"http://fec.test{path}", status=200, data=data)


def a_page(rows: Sequence[Row], **pagination: Any) -> dict[str, Any]:
    """A whole answer by page number that ends here."""
    counts = {"count": len(rows), "page": 1, "pages": 1, "per_page": 100}
    return {"api_version": "1.0", "results": list(rows), "pagination": {**counts, **pagination}}


def by_number(rows: Sequence[Row]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Rows handed out by page number."""

    def answer(params: dict[str, Any]) -> dict[str, Any]:
        size, page = params["per_page"], params["page"]
        pages = -(-len(rows) // size)
        part = rows[(page - 1) * size : page * size]
        return a_page(part, count=len(rows), page=page, pages=pages, per_page=size)

    return answer


def by_indexes(rows: Sequence[Row], dated_by: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Rows handed out by last indexes, in order of a date and then of `sub_id`; those without a date only when asked.

    The list may grow between two answers. Counts are wrong by design.
    """

    def answer(params: dict[str, Any]) -> dict[str, Any]:
        empty = params.get("sort_null_only", False)
        first = params.get("min_load_date")
        found = [row for row in rows if (row[dated_by] is None) == empty]
        if first is not None:
            found = [row for row in found if row["load_date"][:10] >= first.isoformat()]

        def key(row: Row) -> tuple[str, int]:
            return ("" if empty else row[dated_by], int(row["sub_id"]))

        if "last_index" in params:
            after = ("" if empty else params[f"last_{dated_by}"], int(params["last_index"]))
            found = [row for row in found if key(row) > after]
        part = sorted(found, key=key)[: params["per_page"]]
        last = None
        if part:
            last = {"last_index": part[-1]["sub_id"]}
            last |= {"sort_null_only": True} if empty else {f"last_{dated_by}": part[-1][dated_by]}
        pagination = {"count": 7, "pages": 1, "per_page": params["per_page"], "is_count_exact": False}
        return {"api_version": "1.0", "results": part, "pagination": {**pagination, "last_indexes": last}}

    return answer
