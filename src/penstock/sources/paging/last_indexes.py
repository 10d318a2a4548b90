"""Paging by the indexes of the last row, as OpenFEC does it."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.errors import SourceError
from penstock.sources.http.answer import Answer
from penstock.sources.paging.page import FAULTY, Cursor, Params, Step, get_member, get_rows


@dataclass(frozen=True, slots=True)
class LastIndexes:
    """Every page names the indexes of its last row (`pagination.last_indexes`); handed back, they ask for the next.

    Rows whose sort column is empty never follow one that has a value: once those with a value have ended, a second pass
    asks for the others (`sort_null_only`). The publisher calls its counts approximate: they end nothing;
    a pass ends with an empty page, or one without indexes. https://api.open.fec.gov/developers/

    Args:
        empty_too: Whether to make the second pass.
    """

    empty_too: bool = True

    def begin(self) -> Cursor:
        """Return the cursor of the first page."""
        return {"part": "valued", "after": {}}

    def ask(self, cursor: Cursor, path: str, params: Params) -> tuple[str, Params]:
        """Return the question for the page behind the indexes."""
        asked = {**params, **cursor["after"]}
        if cursor["part"] == "empty":
            # One that asks for both at once gets nothing.
            asked.pop("sort_hide_null", None)
            return path, {**asked, "sort_null_only": True}
        return path, {**asked, "sort_hide_null": True} if self.empty_too else asked

    def step(self, cursor: Cursor, answer: Answer) -> Step:
        """Return the rows and the indexes of the last of them.

        Raises:
            SourceError: The page lacks `pagination` or does not say where it ends.
        """
        rows = get_rows(answer, "results")
        pagination = get_member(answer, "pagination")
        if rows and "last_indexes" not in pagination:
            raise SourceError(
                f"`{answer.url}` is no page by indexes: `pagination` lacks `last_indexes`", hint=FAULTY, retriable=True
            )
        indexes = pagination.get("last_indexes") or {}
        if not isinstance(indexes, dict):
            raise SourceError(f"`{answer.url}` is no page: `last_indexes` is no object", hint=FAULTY, retriable=True)
        after = {name: value for name, value in indexes.items() if value is not None and name != "sort_null_only"}
        if rows and after:
            # The publisher itself says so when its pages have reached rows whose sort column is empty.
            is_empty = cursor["part"] == "empty" or bool(indexes.get("sort_null_only"))
            return Step(rows, {"part": "empty" if is_empty else "valued", "after": after})
        is_over = cursor["part"] == "empty" or not self.empty_too
        return Step(rows, None if is_over else {"part": "empty", "after": {}})

    def is_past_end(self, cursor: Cursor) -> bool:  # noqa: ARG002 - part of the protocol
        """Return False: behind the last row there is an empty page, not a refusal."""
        return False
