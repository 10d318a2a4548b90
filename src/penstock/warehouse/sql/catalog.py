"""The warehouse's own books: declarations, fingerprints, cursors, loads and the change log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from penstock.kit.jsonable import Json, from_json, to_json
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.sql.dialect import Dialect, Params, Session
from penstock.warehouse.table import Column, ColumnType, Layer, Table
from penstock.warehouse.warehouse import TableFingerprint

#: Each table of the schema `_penstock` and what it holds.
BOOKKEEPING: Mapping[str, str] = {
    "tables": "The declaration each table was created with.",
    "partitions": "Version, number of rows and sum of row hashes of each table's partition.",
    "cursors": "The position of the source each scope of a partition was brought to.",
    "loads": "Every write: the run it belonged to, its files, its counts and when it was made.",
    "changes": "Every inserted, changed and vanished row after the first load, with old and new values as JSON.",
    "probe": "The hash of a fixed row, which shows whether the engine still hashes as it did.",
}

#: Rows that were given but not stored.
REJECTED_ROWS = Table(
    "bronze.rejected_rows",
    columns=(
        Column("table_name", doc="The table the row was given to."),
        Column("partition", doc="The partition it was given to; empty when the table has none."),
        Column("file", doc="The file it stands in, where it came from a file."),
        Column("line", ColumnType.INTEGER, doc="Physical line number in the file, from 1."),
        Column("reason", doc="`field count`, `blank key` or `duplicate key`."),
        Column("raw", doc="The line as published, or the row as JSON."),
        Column("load", doc="The run that first gave it."),
    ),
    key=("table_name", "partition", "file", "line", "reason", "raw"),
    doc="Rows that were given but not stored, each kept once.",
)

_EMPTY = TableFingerprint("empty", 0)


@dataclass(frozen=True, slots=True)
class PartitionState:
    """A partition's entry in the books.

    Args:
        content_sum: Sum of the row hashes, modulo 2**64.
    """

    version: int = 0
    row_count: int = 0
    content_sum: int = 0

    @property
    def fingerprint(self) -> TableFingerprint:
        """What the outside sees of it."""
        return TableFingerprint(fingerprint_value(self.row_count, self.content_sum), self.version)


def fingerprint_value(row_count: int, content_sum: int) -> str:
    """Return the text that identifies a content: its hash sum and its number of rows."""
    return f"{content_sum:016x}-{row_count}" if row_count else _EMPTY.value


def hash_sum(low: int, high: int) -> int:
    """Return the sum modulo 2**64 of hashes whose lower and upper halves were summed apart."""
    return (int(low) + (int(high) << 32)) % 2**64


@dataclass(frozen=True)
class Catalog:
    """Reads and writes the books in the session it is given."""

    dialect: Dialect

    @cached_property
    def names(self) -> dict[str, str]:
        """The quoted names of the books."""
        books = {name: self.dialect.table_name(f"_penstock.{name}") for name in BOOKKEEPING}
        return {**books, "rejected_rows": self.dialect.table_name(REJECTED_ROWS.name)}

    @property
    def _text(self) -> str:
        return self.dialect.column_type(ColumnType.TEXT)

    def create(self, session: Session) -> None:
        """Create the books, and the schemas where the engine has them, unless they exist."""
        for schema in (*Layer, "_penstock") if self.dialect.has_schemas else ():
            session.run(f'create schema if not exists "{schema}"')
        for book in self.names:
            self.run(session, f"create_{book}")

    def run(self, session: Session, name: str, params: Params | None = None, **fragments: str) -> list[tuple[Any, ...]]:
        """Run a statement of `catalog.sql`."""
        template = load_statements(__package__, "catalog.sql")[name]
        return session.run(template.format_map({**self.names, "text": self._text, **fragments}), params)

    def find_declaration(self, session: Session, table: str) -> Json:
        """Return the stored declaration, or None."""
        rows = self.run(session, "find_declaration", {"table": table})
        return from_json(rows[0][0]) if rows else None

    def list_declarations(self, session: Session) -> list[Json]:
        """Return every stored declaration."""
        return [from_json(text) for _, text in self.run(session, "list_declarations")]

    def save_declaration(self, session: Session, table: str, stored: Json) -> None:
        """Keep a declaration in place of the one before."""
        self.run(session, "save_declaration", {"table": table, "declaration": to_json(stored)})

    def get_partition(self, session: Session, table: str, part: str) -> PartitionState:
        """Return a partition's entry; the empty one when it was never written."""
        rows = self.run(session, "find_partition", {"table": table, "part": part})
        return PartitionState(rows[0][0], rows[0][1], int(rows[0][2])) if rows else PartitionState()

    def save_partition(self, session: Session, table: str, part: str, state: PartitionState) -> None:
        """Keep a partition's entry in place of the one before."""
        facts = {"version": state.version, "rows": state.row_count, "sum": str(state.content_sum)}
        self.run(session, "save_partition", {"table": table, "part": part, **facts})

    def find_cursor(self, session: Session, table: str, part: str, scope: str) -> Json:
        """Return the cursor last saved, or None."""
        rows = self.run(session, "find_cursor", {"table": table, "part": part, "scope": scope})
        return from_json(rows[0][0]) if rows else None

    def forget(self, session: Session, table: str, part: str | None) -> None:
        """Remove every entry of a partition, or of all partitions, from the books."""
        for book in ("partitions", "cursors", "loads", "changes", "rejected_rows"):
            self.run(session, "forget", {"table": table, "part": part}, book=self.names[book])
