"""What a table can be given: Python rows, a query over other tables, or delimited files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from penstock.kit.sqlfile import load_statements

#: A value a row may hold.
Value = object


@dataclass(frozen=True, slots=True)
class Query:
    """A named statement of a `.sql` file, run inside the warehouse with bound parameters (`$name`)."""

    package: str
    file: str
    name: str
    params: Mapping[str, Value] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The statement's text."""
        return load_statements(self.package, self.file)[self.name]


@dataclass(frozen=True, slots=True)
class DelimitedFile:
    """One plain file of lines.

    Args:
        path: Where the decompressed bytes lie.
        name: What rows and messages call it, e.g. `itcont.txt.gz`.
        encoding: `utf-8` or `latin-1`.
    """

    path: Path
    name: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class DelimitedFiles:
    """Lines of unquoted fields, one row each; the files together are one set of rows.

    Args:
        columns: The table column of each field, in file order.
        constants: Columns that are the same in every row, e.g. the cycle.
        trailing_delimiter: Whether lines end with one more delimiter, which adds an empty field.
    """

    files: tuple[DelimitedFile, ...]
    columns: tuple[str, ...]
    delimiter: str = "|"
    constants: Mapping[str, Value] = field(default_factory=dict)
    trailing_delimiter: bool = False


Rows = Iterable[Mapping[str, Value]] | Query | DelimitedFiles
