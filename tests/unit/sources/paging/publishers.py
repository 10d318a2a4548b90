"""Fake publishers: rows in memory, split into pages by each of the ways publishers do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from penstock.kit.jsonable import from_json, to_json
from penstock.sources.http.answer import Answer
from penstock.sources.http.refusal import RefusedError
from penstock.sources.paging import Keyset, LastIndexes, NextLink, Offset, PageNumber, Paging

Body = Any


@dataclass
class Shelf:
    """Answers a walk's questions from its rows.

    Args:
        states: What is said of counts with every page; tests make it lie.
        faults: By number of the question, what to answer instead.
    """

    rows: list[dict[str, Any]]
    size: int
    kind: str
    states: Callable[[int], dict[str, Any]] | None = None
    faults: dict[int, Callable[[Body], Body]] = field(default_factory=dict)
    before: Callable[[int], None] = lambda _: None
    asked: list[tuple[str, dict[str, Any], bool]] = field(default_factory=list)

    def __call__(self, path: str, params: Mapping[str, Any] | None = None, *, refresh: bool = False) -> Answer:
        self.asked.append((path, dict(params or {}), refresh))
        number = len(self.asked)
        self.before(number)
        body = getattr(self, "_" + self.kind)(path, params or {})
        body = self.faults.get(number, lambda same: same)(body)
        return Answer(f"http://publisher.example{path}", 200, data=from_json(to_json(body)))

    def counts(self) -> dict[str, Any]:
        """What is stated with every page."""
        total = len(self.rows)
        told = {"count": total, "pages": -(-total // self.size), "per_page": self.size, "is_count_exact": True}
        return {**told, **(self.states(total) if self.states else {})}

    def _page_number(self, _: str, params: Mapping[str, Any]) -> Body:
        start = (params["page"] - 1) * self.size
        return {"results": self.rows[start : start + self.size], "pagination": self.counts()}

    def _offset(self, _: str, params: Mapping[str, Any]) -> Body:
        start = params["offset"]
        return {"results": self.rows[start : start + self.size], "pagination": self.counts()}

    def _keyset(self, _: str, params: Mapping[str, Any]) -> Body:
        after = params.get("after_id", -1)
        ordered = sorted(self.rows, key=lambda row: row["id"])
        return {"results": [row for row in ordered if row["id"] > after][: self.size]}

    def _next_link(self, path: str, _: Mapping[str, Any]) -> Body:
        start = int(path.partition("start=")[2] or 0)
        body: Body = {"results": self.rows[start : start + self.size]}
        if start + self.size < len(self.rows):
            body["next"] = f"/rows?start={start + self.size}"
        return body

    def _last_indexes(self, _: str, params: Mapping[str, Any]) -> Body:
        if params.get("sort_null_only"):
            found = sorted((row for row in self.rows if row["on"] is None), key=lambda row: row["id"])
            found = [row for row in found if row["id"] > int(params.get("last_index", -1))]
        else:
            valued = (row for row in self.rows if row["on"] is not None)
            found = sorted(valued, key=lambda row: (row["on"], row["id"]))
            if "last_index" in params:
                last = (params["last_on"], int(params["last_index"]))
                found = [row for row in found if (row["on"], row["id"]) > last]
        page = found[: self.size]
        indexes = {"last_index": str(page[-1]["id"]), "last_on": page[-1]["on"]} if page else None
        return {"results": page, "pagination": {**self.counts(), "last_indexes": indexes}}


def refuse(_: Body) -> Body:
    """A publisher that rejects the question."""
    raise RefusedError("bad cursor", status=422)


#: Every way of paging, with the fake that serves it.
KINDS: dict[str, Paging] = {
    "page_number": PageNumber(),
    "offset": Offset(),
    "keyset": Keyset("id", "after_id"),
    "next_link": NextLink(),
    "last_indexes": LastIndexes(),
}
