"""Paging by the last key of the page before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from penstock.errors import SourceError
from penstock.kit.jsonable import Json
from penstock.sources.http.answer import Answer
from penstock.sources.paging.page import FAULTY, Cursor, Params, Row, Step, get_rows


@dataclass(frozen=True, slots=True)
class Keyset:
    """Rows sorted by a unique key; a page is asked for by the last key of the one before. It ends with an empty page.

    Args:
        field: The key's field in a row.
        param: The parameter that takes the last key; rows with that key itself do not come again.
        rows_at: The member of the body that holds the rows; empty where the body is the list.
    """

    field: str
    param: str
    rows_at: str = "results"

    def begin(self) -> Cursor:
        """Return the cursor of the first page."""
        return {"after": None}

    def ask(self, cursor: Cursor, path: str, params: Params) -> tuple[str, Params]:
        """Return the question for the page behind the key."""
        after = cursor["after"]
        return path, dict(params) if after is None else {**params, self.param: after}

    def step(self, cursor: Cursor, answer: Answer) -> Step:
        """Return the rows and the last of their keys.

        Raises:
            SourceError: A row lacks the key, or two have the same.
        """
        rows = get_rows(answer, self.rows_at)
        if not rows:
            return Step((), None)
        keys = [self._key(answer, row) for row in rows]
        if len(set(keys)) < len(keys) or keys[-1] == cursor["after"]:
            raise SourceError(
                f"`{answer.url}` holds several rows with one `{self.field}`: by it, rows between pages would be lost",
                hint="page by a field that is unique",
            )
        return Step(rows, {"after": keys[-1]})

    def is_past_end(self, cursor: Cursor) -> bool:  # noqa: ARG002 - part of the protocol
        """Return False: behind the last key there is an empty page, not a refusal."""
        return False

    def _key(self, answer: Answer, row: Row) -> Json:
        key = row.get(self.field)
        if key is None or isinstance(key, dict | list | bool):
            raise SourceError(f"`{answer.url}` holds a row without its key `{self.field}`", hint=FAULTY, retriable=True)
        return str(key) if isinstance(key, Decimal) else key
