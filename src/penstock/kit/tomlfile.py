"""A TOML file: its tables, and the line a key of it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

_HEADER = re.compile(r"\s*\[\[?([^\]]+)\]")
_KEY = re.compile(r"\s*([\w\"'.\- ]+?)\s*=")
_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)")


class WrongValueError(ValueError):
    """A value deep inside a table is wrong.

    Args:
        told: What it takes instead.
        keys: The way to it from the table that was read.
    """

    def __init__(self, told: str, *keys: str) -> None:
        super().__init__(told)
        self.keys = keys


def read_tables(text: str) -> dict[str, Any]:
    """Return what the text of a TOML file holds.

    Raises:
        ValueError: It is not TOML.
    """
    from tomllib import loads

    return loads(text)


def line_of(text: str, keys: Sequence[str]) -> int:
    """Return the line a key stands in, or the table nearest around it; 1 when there is neither."""
    wanted, found, depth = tuple(keys), 1, 0
    for number, place in _places(text):
        common = min(len(place), len(wanted))
        if common > depth and place[:common] == wanted[:common]:
            found, depth = number, common
    return found


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _words(header[1])
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_words(key[1]))


def _words(dotted: str) -> tuple[str, ...]:
    return tuple(next(filter(None, groups), "") for groups in _WORD.findall(dotted))
