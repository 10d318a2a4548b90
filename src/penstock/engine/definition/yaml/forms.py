"""A single value behind a key: each form reads it, describes itself to editors, and says in words what it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from penstock.engine.definition.yaml.report import Place, Report, quoted
from penstock.engine.definition.yaml.tree import Node, Scalar
from penstock.kit.durations import parse_duration

Schema = dict[str, Any]
_DURATION = r"[0-9]{1,6}(\.[0-9]{1,6})?(ms|s|m|h|d)"
_MOST = 1_000_000
_SCALARS = ["string", "number", "boolean"]


@dataclass(frozen=True, slots=True)
class Told:
    """A value that was read, and where it is written."""

    value: Any
    place: Place


class Form(Protocol):
    """What may stand behind a key."""

    @property
    def words(self) -> str:
        """What it takes, for the reference page and messages."""
        ...

    def schema(self) -> Schema:
        """Return it as JSON Schema: whatever `read` takes fits it."""
        ...

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the value a node holds; None when it does not fit, which the report tells then."""
        ...


def refuse(form: Form, node: Node, report: Report, hint: str | None = None) -> Told | None:
    """Note that a node is not of a form, and return that nothing was read."""
    given = f"{node.kind} {quoted(node.text)}" if isinstance(node, Scalar) and node.text else node.kind
    return spoil(report, node.place, f"here stands {given} where {form.words} belongs", hint)


def spoil(report: Report, place: Place, message: str, hint: str | None = None) -> Told | None:
    """Note a mistake, and return that nothing was read."""
    report.add(place, message, hint)
    return None


@dataclass(frozen=True, slots=True)
class Text:
    """A text, as written: numbers and booleans need no quotes.

    Args:
        words: What it takes.
        pattern: What all of it has to match.
        longest: The most characters it may have.
        may_be_empty: Whether quotes with nothing between them will do.
    """

    words: str = "a text"
    pattern: str | None = None
    longest: int = 10_000
    may_be_empty: bool = False

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        if self.pattern is not None:
            return {"type": _SCALARS, "pattern": f"^(?:{self.pattern})$"}
        return {"type": _SCALARS} if self.may_be_empty else {"type": _SCALARS, "minLength": 1}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the text."""
        if not isinstance(node, Scalar) or node.value is None:
            return refuse(self, node, report)
        problem = self._problem(node)
        if problem is not None:
            return spoil(report, node.place, problem)
        return Told(node.text, node.place)

    def _problem(self, node: Scalar) -> str | None:
        if "\0" in node.text:
            return "a text may not hold the character NUL"
        if not node.text and not self.may_be_empty:
            return f"here stands an empty text where {self.words} belongs"
        if len(node.text) > self.longest:
            return f"a text of {len(node.text):,} characters; {self.longest:,} are the most"
        if self.pattern is not None and not re.fullmatch(self.pattern, node.text):
            return f"{quoted(node.text)} is not {self.words}"
        return None


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    words: str = "`true` or `false`"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"type": "boolean"}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the boolean."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return Told(node.value, node.place)
        is_old = isinstance(node, Scalar) and node.text.lower() in ("yes", "no", "on", "off")
        return refuse(self, node, report, "`yes`, `no`, `on` and `off` are texts" if is_old else None)


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number from `least` up to `most`."""

    least: int = 0
    most: int = _MOST

    @property
    def words(self) -> str:
        """What it takes."""
        return f"a whole number from {self.least} on"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the number."""
        value = node.value if isinstance(node, Scalar) and not node.is_ambiguous else None
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            return refuse(self, node, report)
        return Told(value, node.place)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A share below 1, or a whole number."""

    words: str = "a share such as `0.05` or a whole number"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"type": "number", "minimum": 0, "maximum": _MOST}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the number."""
        value = node.value if isinstance(node, Scalar) and not node.is_ambiguous else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
            return refuse(self, node, report)
        return Told(value, node.place) if value < 1 or value == int(value) else refuse(self, node, report)


@dataclass(frozen=True, slots=True)
class Duration:
    """A time such as `90s`, `15m` or `1h30m`.

    Args:
        may_be_zero: Whether no time at all will do.
    """

    may_be_zero: bool = False
    words: str = "a duration such as `90s`, `15m` or `1h30m`"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"type": "string", "pattern": f"^(?:{_DURATION})+$"}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the time."""
        if not isinstance(node, Scalar) or not re.fullmatch(f"({_DURATION}){{1,10}}", node.text):
            is_number = isinstance(node, Scalar) and isinstance(node.value, int | float)
            return refuse(self, node, report, "add the unit: ms, s, m, h or d" if is_number else None)
        time = parse_duration(node.text)
        if time <= timedelta(0) and not self.may_be_zero:
            return spoil(report, node.place, f"{quoted(node.text)} is no time at all", f"write {self.words}")
        return Told(time, node.place)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    choices: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it takes."""
        return "one of " + ", ".join(f"`{choice}`" for choice in self.choices)

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"enum": list(self.choices)}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the word."""
        if isinstance(node, Scalar) and node.text in self.choices:
            return Told(node.text, node.place)
        return refuse(self, node, report, report.suggest(node.text, self.choices) if isinstance(node, Scalar) else None)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, date, boolean, or nothing: its type is that of the value as written."""

    words: str = "a value"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"type": [*_SCALARS, "null"]}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the scalar as it is written."""
        if not isinstance(node, Scalar):
            return refuse(self, node, report)
        if "\0" in node.text:
            return spoil(report, node.place, "a text may not hold the character NUL")
        if node.is_ambiguous:
            message = f"{quoted(node.text)} may be a number or a text"
            return spoil(report, node.place, message, f'quote it: "{node.text}", or leave the zeros out')
        return Told(node, node.place)
