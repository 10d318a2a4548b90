"""Lists and mappings behind a key, made of simpler forms; what is wrong within is told in one go."""

from __future__ import annotations

import re
from collections.abc import Mapping as Spellings
from dataclasses import dataclass

from penstock.engine.definition.yaml.forms import Form, Schema, Told, refuse, spoil
from penstock.engine.definition.yaml.report import Report, quoted
from penstock.engine.definition.yaml.tree import Listing, Mapping, Node, Scalar


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
    def _refuse_key(written: Scalar, spellings: Spellings[str, Key], report: Report) -> None:
        hint = report.suggest(written.text, spellings)
        if written.text == "<<":
            hint = "merging is not understood; an alias `*name` stands for a whole value"
        known = "one of " + ", ".join(spellings)
        report.add(written.place, f"there is no key {quoted(written.text)}", hint or known)
