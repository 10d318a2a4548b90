"""Paging by a link to the next page."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.errors import SourceError
from penstock.kit.jsonable import Json
from penstock.sources.http.answer import Answer
from penstock.sources.paging.page import FAULTY, Cursor, Params, Step, get_rows


@dataclass(frozen=True, slots=True)
class NextLink:
    """Every page but the last names the address of the next.

    Args:
        link_at: Where the link stands in the body, with dots between members, e.g. `paging.next`.
        rows_at: The member of the body that holds the rows; empty where the body is the list.
    """

    link_at: str = "next"
    rows_at: str = "results"

    def begin(self) -> Cursor:
        """Return the cursor of the first page."""
        return {"link": None}

    def ask(self, cursor: Cursor, path: str, params: Params) -> tuple[str, Params]:
        """Return the link, which carries its own parameters."""
        link = cursor["link"]
        return (path, params) if link is None else (link, {})

    def step(self, cursor: Cursor, answer: Answer) -> Step:  # noqa: ARG002 - part of the protocol
        """Return the rows and the link behind them; a page without rows ends the walk whatever it links to.

        Raises:
            SourceError: What stands for the link is no text.
        """
        rows = get_rows(answer, self.rows_at)
        link = self._link(answer)
        return Step(rows, {"link": link} if link and rows else None)

    def is_past_end(self, cursor: Cursor) -> bool:  # noqa: ARG002 - part of the protocol
        """Return False: the publisher gave the link itself."""
        return False

    def _link(self, answer: Answer) -> str | None:
        found: Json = answer.data
        for name in self.link_at.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None and not isinstance(found, str):
            raise SourceError(f"`{answer.url}` is no page: `{self.link_at}` is no link", hint=FAULTY, retriable=True)
        return found or None
