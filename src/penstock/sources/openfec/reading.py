"""Turns one row as published into a typed record: each field is read by its annotation."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from penstock.errors import SourceError
from penstock.kit.jsonable import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row as published; its fields bear the publisher's names.

    A field that may be None is None when the publisher leaves it out or says `null`. A field that may not is required.

    Args:
        raw: The whole row, with fields this version does not know; fractions are Decimals.
    """

    raw: dict[str, Json] = field(repr=False, hash=False)


R = TypeVar("R", bound=Record)
Scalar = Callable[[Json], Any]
Read = Callable[[Json, str], Any]


class _Field(NamedTuple):
    name: str
    is_required: bool
    read: Read


def read_record(kind: type[R], row: Json, place: str) -> R:
    """Return the record a row holds.

    Args:
        place: Where the row stands, for messages, e.g. "row 3 of `/committees/`".

    Raises:
        SourceError: The row lacks a required field, or a field holds what its type cannot.
    """
    if not isinstance(row, dict):
        raise SourceError(f"{place} is no object: `{_excerpt(row)}`", hint=_HINT)
    values = {each.name: _value(each, row, place) for each in _plan(cast("Hashable", kind))}
    return kind(raw=row, **values)


_HINT = "the publisher may have changed this endpoint: compare with https://api.open.fec.gov/developers/"


def _value(each: _Field, row: dict[str, Json], place: str) -> Any:
    published = row.get(each.name)
    if published is None:
        if each.is_required:
            raise SourceError(f"{place} has no `{each.name}`", hint=_HINT)
        return None
    where = f"`{each.name}` of {place}"
    try:
        return each.read(published, where)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise SourceError(f"{where} cannot be read: `{_excerpt(published)}`", hint=_HINT) from error


def _excerpt(value: Json) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


@cache
def _plan(kind: Any) -> tuple[_Field, ...]:
    hints = get_type_hints(kind)
    return tuple(_planned(each.name, hints[each.name]) for each in fields(kind) if each.name != "raw")


def _planned(name: str, hint: Any) -> _Field:
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    (inner,) = (member for member in members if member is not NoneType)
    return _Field(name, NoneType not in members, _reader(inner))


def _reader(hint: Any) -> Read:
    if get_origin(hint) is tuple:
        return _list_reader(_reader(get_args(hint)[0]))
    if issubclass(hint, Record):
        return partial(read_record, hint)
    read = _SCALARS[hint]
    return lambda value, _: read(value)


def _list_reader(read: Read) -> Read:
    def read_list(value: Json, place: str) -> tuple[Any, ...]:
        # A `null` within a list is a gap in the publisher's join, no member; `raw` keeps it.
        return tuple(read(each, place) for each in _expect(value, list) if each is not None)

    return read_list


def _text(value: Json) -> str:
    # Identifiers come as texts or as numbers, by endpoint and year; both name the same thing.
    return str(_expect(value, str, int))


def _integer(value: Json) -> int:
    # `report_year` is a number in Schedule A and a text in Schedule E.
    number = _number(value)
    if number != number.to_integral_value():
        raise ValueError("no whole number")
    return int(number)


def _number(value: Json) -> Decimal:
    number = Decimal(_expect(value, str, int, Decimal))
    if not number.is_finite() or number.adjusted() > _LONGEST:
        raise ValueError("no number")
    return number


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError("no truth value")
    return value


def _day(value: Json) -> date:
    # The day as written: a time or zone behind it is the publisher's way to print a date.
    return datetime.fromisoformat(_expect(value, str)).date()


def _instant(value: Json) -> datetime:
    instant = datetime.fromisoformat(_expect(value, str))
    # Without zone it is UTC: in other years the API prints the same columns with `+00:00`.
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


#: The publisher's own columns hold at most so many digits; longer numbers only exhaust memory.
_LONGEST = 30


def _expect(value: Json, *kinds: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError("of another type")
    return value


_SCALARS: dict[type, Scalar] = {
    str: _text,
    int: _integer,
    Decimal: _number,
    bool: _flag,
    date: _day,
    datetime: _instant,
}
