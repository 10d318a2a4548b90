"""Addresses with queries, and pages of long lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from penstock.errors import UsageError

Row = TypeVar("Row")


def address(path: str, **query: Any) -> str:
    """Return a path with what stands behind the `?`; what is None or empty is left out."""
    told = {name: str(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


def whole_number(query: Mapping[str, str], name: str) -> int | None:
    """Return the number a query names; None where it names none.

    Raises:
        UsageError: What it names is not a whole number from 0 on.
    """
    given = query.get(name, "")
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise UsageError(f"`{name}` in the address takes a whole number, not `{given}`", hint=f"leave `{name}` out")
    return int(given)


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Row]):
    """One page of a list.

    Args:
        total: How long the whole list is.
        first: Number of the first row here, counted from 1; 0 for none.
        previous: Address of the page before; empty for none.
        next: Address of the page behind; empty for none.
    """

    rows: tuple[Row, ...]
    total: int
    first: int
    previous: str
    next: str

    @property
    def last(self) -> int:
        """Number of the last row here."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def cut(rows: Sequence[Row], size: int, path: str, query: Mapping[str, str], **kept: Any) -> Sheet[Row]:
    """Return the page of a list that `page` in the query names, the first if it names none.

    Args:
        kept: What the addresses of the pages keep of the query.

    Raises:
        UsageError: The page is not a number.
    """
    last = max(1, -(-len(rows) // size))
    number = min(max(whole_number(query, "page") or 1, 1), last)
    start = (number - 1) * size
    previous = address(path, **kept, page=number - 1 if number > 2 else None) if number > 1 else ""
    following = address(path, **kept, page=number + 1) if number < last else ""
    shown = tuple(rows[start : start + size])
    return Sheet(shown, len(rows), start + 1 if shown else 0, previous, following)
