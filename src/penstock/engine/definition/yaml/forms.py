"""What may stand behind a key: each form reads a value, describes itself to editors, and says what it takes."""

from __future__ import annotations

import re
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from penstock.engine.definition.yaml.report import Place, Report, quoted
from penstock.engine.definition.yaml.tree import Listing, Mapping, Node, Scalar
from penstock.kit.durations import parse_duration
from penstock.kit.spelling import did_you_mean

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
        return refuse(self, node, report, did_you_mean(node.text, self.choices) if isinstance(node, Scalar) else None)


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


@dataclass(frozen=True, slots=True)
class Several:
    """A list of values of one form; or one value by itself.

    Args:
        takes_one: Whether a value need not stand in a list.
        least: How many there have to be.
        plural: What several of them are called.
    """

    form: Form
    takes_one: bool = False
    least: int = 0
    plural: str = "texts"

    @property
    def words(self) -> str:
        """What it takes."""
        return f"{self.form.words}, or a list of such" if self.takes_one else f"a list of {self.plural}"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        listed: Schema = {"type": "array", "items": self.form.schema()}
        if self.least:
            listed["minItems"] = self.least
        return {"anyOf": [self.form.schema(), listed]} if self.takes_one else listed

    def read(self, node: Node, report: Report) -> Told | None:
        """Return a tuple of what was read."""
        if not isinstance(node, Listing):
            one = self.form.read(node, report) if self.takes_one else refuse(self, node, report, "write `[…]`")
            return None if one is None else Told((one,), node.place)
        if len(node.items) < self.least:
            return spoil(report, node.place, f"an empty list, where {self.words} belongs")
        read = [self.form.read(item, report) for item in node.items]
        return Told(tuple(one for one in read if one is not None), node.place)


@dataclass(frozen=True, slots=True)
class Named:
    """Values of one form by names that the file chooses.

    Args:
        pattern: What a name has to match.
        naming: What messages call a name.
        plural: What several names are called.
    """

    form: Form
    pattern: str
    naming: str
    plural: str

    @property
    def words(self) -> str:
        """What it takes."""
        return f"{self.plural}, each with {self.form.words}"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        names = {"pattern": f"^(?:{self.pattern})$"}
        return {"type": "object", "propertyNames": names, "additionalProperties": self.form.schema()}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return pairs of name and value, as read."""
        if not isinstance(node, Mapping):
            return refuse(self, node, report, "write `name: value` lines below the key")
        pairs = []
        for key, value in node.entries:
            if not re.fullmatch(self.pattern, key.text):
                report.add(key.place, f"{quoted(key.text)} cannot be {self.naming}", self._corrected(key.text))
                continue
            read = self.form.read(value, report)
            if read is not None:
                pairs.append((Told(key.text, key.place), read))
        return Told(tuple(pairs), node.place)

    def _corrected(self, name: str) -> str | None:
        better = re.sub(r"[^A-Za-z0-9_]", "_", name)
        return f"write `{better}`" if re.fullmatch(self.pattern, better) else "letters, digits and _ make a name"


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of two forms: the second one where there is a mapping."""

    plain: Form
    record: Form

    @property
    def words(self) -> str:
        """What it takes."""
        return f"{self.plain.words}, or a {self.record.words}"

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        return {"anyOf": [self.plain.schema(), self.record.schema()]}

    def read(self, node: Node, report: Report) -> Told | None:
        """Return the value of the form that fits."""
        return (self.record if isinstance(node, Mapping) else self.plain).read(node, report)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that may stand in a mapping.

    Args:
        doc: One sentence for the reference page and for editors.
        aliases: Other spellings of the same key.
    """

    name: str
    form: Form
    doc: str
    aliases: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write it."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping whose keys are known.

    Args:
        words: What it takes.
        needs: Groups of keys; of each group one has to be there.
    """

    keys: tuple[Key, ...]
    words: str
    needs: tuple[tuple[str, ...], ...] = ()

    def schema(self) -> Schema:
        """Return it as JSON Schema."""
        found: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"description": key.doc, **key.form.schema()} for key in self.keys for name in key.spellings
            },
        }
        by_name = {key.name: key for key in self.keys}
        needed = [[name for one in group for name in by_name[one].spellings] for group in self.needs]
        if needed:
            found["allOf"] = [{"anyOf": [{"required": [name]} for name in names]} for names in needed]
        return found

    def read(self, node: Node, report: Report) -> Told | None:
        """Return what was read by the names of the keys, whatever spelling was used."""
        if not isinstance(node, Mapping):
            return refuse(self, node, report)
        spellings = {name: key for key in self.keys for name in key.spellings}
        found: dict[str, Told | None] = {}
        spelt: dict[str, str] = {}
        for written, value in node.entries:
            key = spellings.get(written.text)
            if key is None:
                self._refuse_key(written, spellings, report)
            elif key.name in found:
                report.add(
                    written.place, f"`{written.text}` is another word for `{spelt[key.name]}`", "keep one of them"
                )
            else:
                spelt[key.name] = written.text
                found[key.name] = key.form.read(value, report)
        for group in self.needs:
            if not found.keys() & set(group):
                report.add(node.place, f"`{group[0]}` is missing here", f"add a line `{group[0]}: …`")
        return Told({name: told for name, told in found.items() if told is not None}, node.place)

    @staticmethod
    def _refuse_key(written: Scalar, spellings: Fields[str, Key], report: Report) -> None:
        hint = did_you_mean(written.text[:100], spellings)
        if written.text == "<<":
            hint = "merging is not understood; an alias `*name` stands for a whole value"
        known = "one of " + ", ".join(spellings)
        report.add(written.place, f"there is no key {quoted(written.text)}", hint or known)
