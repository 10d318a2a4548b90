"""What a YAML file holds, as values that know where they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from penstock.engine.definition.yaml.report import Place

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
#: Longer numbers are no numbers anybody means; reading them takes time that grows with the square of their length.
_LONGEST_NUMBER = 40

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, number, boolean or nothing.

    Args:
        text: As written, without quotes.
        is_plain: Whether it was written without quotes, so that `true` and `12` are no texts.
    """

    place: Place
    text: str
    is_plain: bool = True

    @property
    def value(self) -> Value:
        """What it stands for by the rules of YAML 1.2: only `true` and `false` are booleans."""
        if not self.is_plain:
            return self.text
        if self.text in _NULLS:
            return None
        if self.text in _BOOLEANS:
            return _BOOLEANS[self.text]
        return _number(self.text)

    @property
    def kind(self) -> str:
        """What messages call it."""
        return {str: "a text", int: "a number", float: "a number", bool: "a boolean"}.get(type(self.value), "nothing")

    @property
    def is_ambiguous(self) -> bool:
        """Whether some read a number in it and others a text: `0123`."""
        return self.is_plain and _LEADING_ZERO.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    place: Place
    items: tuple[Node, ...]
    kind = "a list"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and their values, in the order of the file."""

    place: Place
    entries: tuple[tuple[Scalar, Node], ...]
    kind = "a mapping"


Node = Scalar | Listing | Mapping


def _number(text: str) -> Value:
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FRACTION.fullmatch(text) and isfinite(float(text)):
        return float(text)
    return text
