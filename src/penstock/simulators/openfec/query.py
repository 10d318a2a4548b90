"""The parameters of a request, and what is refused about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

Value = TypeVar("Value")

MOST_PER_PAGE = 100


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """The request cannot be answered.

    Args:
        message: What stands in the body.
    """

    def __init__(self, message: object, status: int = 422) -> None:
        super().__init__(str(message))
        self.message, self.status = message, status


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one request.

    Args:
        path: What the path names, such as `committee_id`.
    """

    params: Mapping[str, tuple[str, ...]]
    path: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Return the value of a parameter; an empty one is none."""
        values = self.params.get(name, ())
        return values[0] if values and values[0] else None

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter that may be repeated."""
        return tuple(value for value in self.params.get(name, ()) if value)

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false; false when it is not there.

        Raises:
            Refusal: It is neither.
        """
        value = self.first(name)
        return False if value is None else parse_flag(name, value)

    @property
    def per_page(self) -> int:
        """How many rows a page has.

        Raises:
            Refusal: Too few or too many.
        """
        wanted = parse(int, "per_page", self.first("per_page") or "20", "Not a valid integer.")
        if not 1 <= wanted <= MOST_PER_PAGE:
            raise Refusal(f'Parameter "per_page" must be between 1 and {MOST_PER_PAGE}')
        return wanted

    @property
    def page(self) -> int:
        """Which page is wanted, from 1.

        Raises:
            Refusal: There is no such page.
        """
        wanted = parse(int, "page", self.first("page") or "1", "Not a valid integer.")
        if wanted < 1:
            raise Refusal({"page": ["Must be greater than or equal to 1."]})
        return wanted


def parse(kind: Callable[[str], Value], name: str, text: str, words: str) -> Value:
    """Return a parameter's value.

    Raises:
        Refusal: It is not of that kind.
    """
    try:
        return kind(text)
    except (ValueError, InvalidOperation):
        raise Refusal({name: [words]}) from None


def parse_flag(name: str, text: str) -> bool:
    """Return true or false.

    Raises:
        Refusal: It is neither.
    """
    if text.lower() not in ("true", "false", "1", "0"):
        raise Refusal({name: ["Not a valid boolean."]})
    return text.lower() in ("true", "1")


def parse_amount(name: str, text: str) -> Decimal:
    """Return an amount.

    Raises:
        Refusal: It is none.
    """
    return parse(lambda said: Decimal(said.replace("$", "").replace(",", "")), name, text, "Not a valid number.")


def parse_date(name: str, text: str) -> date:
    """Return a date, of either form the publisher takes, or of an instant.

    Raises:
        Refusal: It is none.
    """
    return parse(_date, name, text, "Invalid date. Date must be formatted as MM/DD/YYYY or YYYY-MM-DD.")


def parse_instant(name: str, text: str) -> datetime:
    """Return an instant; a date is its beginning.

    Raises:
        Refusal: It is neither.
    """

    def read(said: str) -> datetime:
        # A space is what becomes of the plus sign of a zone that was not escaped.
        at = datetime.fromisoformat(said.replace(" ", "+")) if "T" in said else _midnight(_date(said))
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    return parse(read, name, text, "Not a valid datetime.")


def _date(text: str) -> date:
    if "/" in text:
        month, day, year = text.split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(text[:10])


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC)
