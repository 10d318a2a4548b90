"""Paging by the number of a page or of its first row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from penstock.errors import SourceError
from penstock.sources.http.answer import Answer
from penstock.sources.paging.counts import Counts, get_counts
from penstock.sources.paging.page import FAULTY, Cursor, Params, Row, Step, get_rows

#: So often a walk begins anew before it gives up.
MAX_RESTARTS = 3


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Pages asked for by number, from 1 on.

    A row that is added or removed while the walk goes on moves others across the border of two pages, where they are
    missed or read twice. That shows in the stated count: when it changes, the walk begins anew at page 1, past the
    cache, so that no row is missed; rows read before come again. A change that keeps the count (one row added,
    one removed) cannot be seen: sort by a column that only grows, or read again. The count ends nothing: the walk ends
    at an empty page, or at a short one once as many rows came as are stated; fewer are an error.

    Args:
        param: The parameter that takes the number.
        rows_at: The member of the body that holds the rows; empty where the body is the list.
        counts_at: The member that states counts; empty where there is none, and the walk reads on to an empty page.
    """

    param: str = "page"
    rows_at: str = "results"
    counts_at: str = "pagination"

    def begin(self) -> Cursor:
        """Return the cursor of page 1."""
        return _begin(1)

    def ask(self, cursor: Cursor, path: str, params: Params) -> tuple[str, Params]:
        """Return the question for the page of this number."""
        return path, {**params, self.param: cursor["at"]}

    def step(self, cursor: Cursor, answer: Answer) -> Step:
        """Return the rows and the number that follows.

        Raises:
            SourceError: Rows keep moving between pages, or fewer came than the publisher states.
        """
        return _step(self, cursor, answer, 1, from_=1)

    def is_past_end(self, cursor: Cursor) -> bool:
        """Whether as many pages and rows were read as are stated, so that no further page need exist."""
        return _is_complete(cursor) and cursor["pages"] is not None and cursor["at"] > cursor["pages"]


@dataclass(frozen=True, slots=True)
class Offset:
    """Pages asked for by how many rows come before them; everything else as with `PageNumber`.

    Args:
        param: The parameter that takes the number of rows.
        rows_at: The member of the body that holds the rows; empty where the body is the list.
        counts_at: The member that states counts; empty where there is none.
    """

    param: str = "offset"
    rows_at: str = "results"
    counts_at: str = "pagination"

    def begin(self) -> Cursor:
        """Return the cursor of the first row."""
        return _begin(0)

    def ask(self, cursor: Cursor, path: str, params: Params) -> tuple[str, Params]:
        """Return the question for the rows from there on."""
        return path, {**params, self.param: cursor["at"]}

    def step(self, cursor: Cursor, answer: Answer) -> Step:
        """Return the rows and where the next begin.

        Raises:
            SourceError: Rows keep moving between pages, or fewer came than the publisher states.
        """
        return _step(self, cursor, answer, None, from_=0)

    def is_past_end(self, cursor: Cursor) -> bool:
        """Whether as many rows were read as are stated, so that no further row need exist."""
        return _is_complete(cursor) and cursor["count"] is not None


def _begin(at: int, restarts: int = 0) -> dict[str, Any]:
    return {"at": at, "read": 0, "count": None, "pages": None, "anew": restarts}


def _is_complete(cursor: Cursor) -> bool:
    return cursor["count"] is None or cursor["read"] >= cursor["count"]


def _step(paging: PageNumber | Offset, cursor: Cursor, answer: Answer, stride: int | None, *, from_: int) -> Step:
    rows = get_rows(answer, paging.rows_at)
    counts = get_counts(answer, paging.counts_at)
    if None not in (cursor["count"], counts.rows) and cursor["count"] != counts.rows:
        return _begin_anew(cursor, answer, counts, from_)
    count = cursor["count"] if counts.rows is None else counts.rows
    read = cursor["read"] + len(rows)
    after = {
        "at": cursor["at"] + (len(rows) if stride is None else stride),
        "read": read,
        "count": count,
        "pages": counts.pages,
        "anew": cursor["anew"],
    }
    if not _is_end(rows, counts, read):
        return Step(rows, after)
    if not _is_complete(after):
        raise SourceError(
            f"`{answer.url}` is the last page: {read:,} rows came, though the publisher states {count:,}",
            hint=FAULTY,
            retriable=True,
        )
    return Step(rows, None)


def _is_end(rows: list[Row] | Any, counts: Counts, read: int) -> bool:
    if not rows:
        return True
    is_short = counts.per_page is not None and len(rows) < counts.per_page
    return is_short and counts.rows is not None and read >= counts.rows


def _begin_anew(cursor: Cursor, answer: Answer, counts: Counts, from_: int) -> Step:
    restarts = cursor["anew"] + 1
    if restarts > MAX_RESTARTS:
        raise SourceError(
            f"`{answer.url}` states {counts.rows:,} rows, an earlier page stated {cursor['count']:,}: "
            f"rows moved between pages in each of {restarts} readings",
            hint="run again when the publisher's data rests, or narrow the question to fewer pages",
            retriable=True,
        )
    return Step((), _begin(from_, restarts), is_anew=True)
