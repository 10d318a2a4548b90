"""What a publisher states of the size of an answer, which may be wrong."""

from __future__ import annotations

from typing import NamedTuple

from penstock.errors import SourceError
from penstock.sources.http.answer import Answer
from penstock.sources.paging.page import FAULTY, get_member


class Counts(NamedTuple):
    """How many rows there are in all, as stated with a page.

    Args:
        rows: None when it is not stated, or stated to be approximate.
        pages: None when it is not stated.
        per_page: How many rows a full page has; None when it is not stated.
    """

    rows: int | None = None
    pages: int | None = None
    per_page: int | None = None


def get_counts(answer: Answer, counts_at: str) -> Counts:
    """Return what is stated in a member of the body: `count`, `pages`, `per_page`, `is_count_exact`.

    Args:
        counts_at: The member; empty where the publisher states nothing.

    Raises:
        SourceError: The member is missing, or what should be a number is none.
    """
    if not counts_at:
        return Counts()
    stated = get_member(answer, counts_at)
    numbers = {name: stated.get(name) for name in ("count", "pages", "per_page")}
    for name, number in numbers.items():
        if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 0):
            raise SourceError(
                f"`{answer.url}` is no page: `{counts_at}.{name}` is no count", hint=FAULTY, retriable=True
            )
    is_exact = stated.get("is_count_exact") is not False
    return Counts(numbers["count"] if is_exact else None, numbers["pages"], numbers["per_page"])
