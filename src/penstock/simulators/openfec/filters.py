"""What parameters keep of a list: each maker turns a parameter's values into a test of one item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from penstock.simulators.openfec.query import parse_date, parse_flag

#: Items are lines, filings, or rows of JSON: what an endpoint lists.
Get = Callable[[Any], Any]
Test = Callable[[Any], bool]
Maker = Callable[[str, tuple[str, ...]], Test]


def field(name: str) -> Get:
    """Return what reads a field of a row of JSON."""
    return lambda row: row[name]


def exact(get: Get) -> Maker:
    """Keep what equals one of the values."""

    def make(_name: str, values: tuple[str, ...]) -> Test:
        wanted = {value.upper() for value in values}
        return lambda item: str(get(item)).upper() in wanted

    return make


def contains(get: Get) -> Maker:
    """Keep whose text holds all words of one of the values."""

    def make(_name: str, values: tuple[str, ...]) -> Test:
        wanted = [value.upper().split() for value in values]

        def test(item: Any) -> bool:
            text = str(get(item) or "").upper()
            return any(all(word in text for word in words) for words in wanted)

        return test

    return make


def starts(get: Get) -> Maker:
    """Keep whose text starts with one of the values."""
    return lambda _name, values: lambda item: str(get(item) or "").startswith(values)


def is_flag(get: Get) -> Maker:
    """Keep what is true, or what is false."""

    def make(name: str, values: tuple[str, ...]) -> Test:
        wanted = parse_flag(name, values[0])
        return lambda item: bool(get(item)) is wanted

    return make


def from_to(name: str, get: Get, parse: Callable[[str, str], Any]) -> Mapping[str, Maker]:
    """Return the two parameters that bound a value, `min_NAME` and `max_NAME`; what has none is not kept."""

    def least(given: str, values: tuple[str, ...]) -> Test:
        bound = parse(given, values[0])
        return lambda item: get(item) is not None and get(item) >= bound

    def most(given: str, values: tuple[str, ...]) -> Test:
        bound = parse(given, values[0])
        return lambda item: get(item) is not None and get(item) <= bound

    return {f"min_{name}": least, f"max_{name}": most}


def dated(name: str, column: str) -> Mapping[str, Maker]:
    """Return the two parameters that bound a date in a row of JSON."""

    def get(row: Any) -> str | None:
        value: str | None = row[column]
        return None if value is None else value[:10]

    return from_to(name, get, lambda given, text: parse_date(given, text).isoformat())
