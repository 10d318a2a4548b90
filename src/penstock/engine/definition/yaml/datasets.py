"""Files and tables that the steps of a YAML file read and make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from posixpath import normpath
from string import Formatter

from penstock.engine.definition.abilities import OpenTable
from penstock.engine.definition.dataset import File, Fingerprinted
from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.report import Report, quoted

_SQLITE = "sqlite:"
_MAGIC = re.compile(r"[*?[]")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Makes datasets of what a file names.

    Args:
        folder: Where relative paths begin.
        open_table: None where there is nothing that could read an SQLite file.
        params: The names that braces may hold.
    """

    folder: Path
    open_table: OpenTable | None
    params: tuple[str, ...]
    report: Report

    def read(self, told: Told | None, choice: Mapping[str, str]) -> list[tuple[Fingerprinted, Told]]:
        """Return the datasets a step names, each with where it is named.

        Args:
            choice: Values of the step's matrix, which replace braces of their names.
        """
        named = told.value if told is not None else ()
        read = [(self._dataset(one, choice), one) for one in named]
        return [(dataset, one) for dataset, one in read if dataset is not None]

    def _dataset(self, told: Told, choice: Mapping[str, str]) -> Fingerprinted | None:
        if isinstance(told.value, dict):
            return (
                self._table(told.value["sqlite"], told.value["table"].value, choice) if len(told.value) == 2 else None
            )
        text: str = told.value
        if not text.startswith(_SQLITE):
            return self._file(told, choice)
        path, separator, table = text.removeprefix(_SQLITE).partition("#")
        if not path or not separator or not table:
            self.report.add(told.place, f"{quoted(text)} names no table", "write `sqlite:database/file.db#table`")
            return None
        return self._table(Told(path, told.place), table, choice)

    def _file(self, told: Told, choice: Mapping[str, str]) -> Fingerprinted | None:
        is_optional = told.value.endswith("?")
        path = self._filled(Told(told.value.removesuffix("?"), told.place), choice)
        return None if path is None else File(normpath(path), optional=is_optional, folder=self.folder)

    def _table(self, told: Told, table: str, choice: Mapping[str, str]) -> Fingerprinted | None:
        path, name = self._filled(told, choice), self._filled(Told(table, told.place), choice)
        if path is None or name is None:
            return None
        if self.open_table is None:
            self.report.add(told.place, "tables of SQLite files cannot be read here", "name the file instead")
            return None
        return self.open_table(normpath(path), name, self.folder)

    def _filled(self, told: Told, choice: Mapping[str, str]) -> str | None:
        """Return a path with the choice in it; braces of parameters stay, for the run to fill."""
        if not told.value:
            self.report.add(told.place, "here stands no path")
            return None
        try:
            parts = list(Formatter().parse(told.value))
        except ValueError as error:
            self.report.add(told.place, f"{quoted(told.value)} is no pattern: {error}".lower(), "double a brace: `{{`")
            return None
        names = [name for _, name, form, conversion in parts if name is not None]
        if any(form or conversion for _, _, form, conversion in parts):
            self.report.add(told.place, f"{quoted(told.value)} says how a value is to look", "write `{name}` alone")
            return None
        if [name for name in names if self._refuse(name, told, choice)]:
            return None
        return "".join(_escaped(text) + _braced(name, choice) for text, name, _, _ in parts)

    def _refuse(self, name: str, told: Told, choice: Mapping[str, str]) -> bool:
        known = (*self.params, *choice)
        if name in known:
            return False
        hint = self.report.suggest(name, known) or "double the braces if you mean braces: `{{…}}`"
        self.report.add(told.place, f"`{{{name}}}` names neither a parameter nor a value of the matrix", hint)
        return True


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _braced(name: str | None, choice: Mapping[str, str]) -> str:
    if name is None:
        return ""
    return _escaped(choice[name]) if name in choice else f"{{{name}}}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path with `*`, `?`, `[…]` or `**` in it.

    Args:
        begin: The folders that every path it matches begins with.
    """

    parts: tuple[str, ...]
    begin: str

    @classmethod
    def of(cls, path: str) -> Pattern | None:
        """Return the pattern a path is; None for a path that is none."""
        begin = _MAGIC.split(path, maxsplit=1)[0]
        return None if begin == path else cls(tuple(path.split("/")), begin.rpartition("/")[0])

    def matches(self, path: str) -> bool:
        """Whether a path is one of those it stands for."""
        return path.startswith(self.begin) and self._matches(path.split("/"))

    def _matches(self, path: list[str]) -> bool:
        # How much of the path the pattern read so far may stand for: `**` leaves every choice open.
        reached = {0}
        for part in self.parts:
            if part == "**":
                reached = set(range(min(reached), len(path) + 1))
            else:
                reached = {place + 1 for place in reached if place < len(path) and fnmatchcase(path[place], part)}
            if not reached:
                return False
        return len(path) in reached
