"""A page of rows, the place behind it, and what a way of paging has to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from penstock.errors import SourceError
from penstock.kit.jsonable import Json
from penstock.sources.http.answer import Answer

#: One row as published.
Row = Mapping[str, Any]
#: Where a walk stands: a JSON object that only the paging object that made it reads.
Cursor = Mapping[str, Any]
Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, in the publisher's order; never empty.

    Args:
        cursor: From here another walk continues behind this page; save it together with the rows.
        number: Number of the page within this walk, from 1.
    """

    rows: Sequence[Row] = field(repr=False)
    cursor: Cursor
    number: int


@dataclass(frozen=True, slots=True)
class Step:
    """What follows one answer.

    Args:
        rows: Those to hand on.
        cursor: Where to go on; None when the walk has ended.
        is_anew: Whether the walk begins again because rows moved between pages while it went on.
    """

    rows: Sequence[Row]
    cursor: Cursor | None
    is_anew: bool = False


class Read(Protocol):
    """Asks the publisher; `Client.get_json`, or a function around it."""

    def __call__(self, path: str, params: Params | None = None, *, refresh: bool = False) -> Answer:
        """Return the answer with its JSON in `data`; `refresh` goes past the cache."""
        ...


class Paging(Protocol):
    """How a publisher splits its answers."""

    def begin(self) -> Cursor:
        """Return the cursor of the first page."""
        ...

    def ask(self, cursor: Cursor, path: str, params: Params) -> tuple[str, Params]:
        """Return what to ask for the page at the cursor."""
        ...

    def step(self, cursor: Cursor, answer: Answer) -> Step:
        """Return the rows of an answer and where to go on.

        Raises:
            SourceError: The answer is not such a page, or contradicts what was said before.
        """
        ...

    def is_past_end(self, cursor: Cursor) -> bool:
        """Whether a refusal of the page at this cursor only says that there are no more pages."""
        ...


def get_rows(answer: Answer, rows_at: str) -> Sequence[Row]:
    """Return the rows of an answer; `rows_at` names the member they lie in, or is empty where the body is the list.

    Raises:
        SourceError: There is no such list, or it holds something that is no object.
    """
    rows: Json = answer.data
    if rows_at:
        rows = rows.get(rows_at) if isinstance(rows, dict) else None
    where = f"member `{rows_at}`" if rows_at else "the body"
    if not isinstance(rows, list):
        raise SourceError(f"`{answer.url}` is no page: {where} is no list of rows", hint=FAULTY, retriable=True)
    if not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"`{answer.url}` is no page: {where} holds what is no row", hint=FAULTY, retriable=True)
    return rows


def get_member(answer: Answer, name: str) -> Mapping[str, Any]:
    """Return an object within the body, such as `pagination`.

    Raises:
        SourceError: There is none.
    """
    found = answer.data.get(name) if isinstance(answer.data, dict) else None
    if not isinstance(found, dict):
        raise SourceError(f"`{answer.url}` is no page: it lacks `{name}`", hint=FAULTY, retriable=True)
    return found


#: The next step after a page that cannot be.
FAULTY = "run again; if it stays so, the publisher changed its answers, or a fault of its own is to be reported"
