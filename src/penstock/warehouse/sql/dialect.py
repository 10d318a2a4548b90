"""What differs between SQL engines: names, types, expressions, sessions and how rows are staged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from penstock.warehouse.table import Column, ColumnType
from penstock.warehouse.warehouse import RowSet

#: Bound parameters of one statement, by name.
Params = Mapping[str, object]


def quote(identifier: str) -> str:
    """Return the identifier as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


class Dialect(Protocol):
    """The spellings of one SQL engine."""

    #: Type of the hidden columns that hold 64-bit hashes.
    hash_type: str
    #: Whether tables lie in schemas that have to be created.
    has_schemas: bool
    #: What a row is told by as long as nothing writes to it: the engine's own hidden column.
    row_id: str

    def table_name(self, name: str) -> str:
        """Return the quoted name of a table given as `schema.noun`."""
        ...

    def column_type(self, kind: ColumnType) -> str:
        """Return the type a column of this kind is declared with."""
        ...

    def table_options(self, identity: Sequence[str]) -> str:
        """Return what a table's column list ends with: a key clause or nothing."""
        ...

    def hash_of(self, references: Sequence[str]) -> str:
        """Return an expression for the 64-bit hash of these values, in this order."""
        ...

    def hashed_as(self, reference: str, kind: ColumnType) -> str:
        """Return the expression of a column of this kind whose hash tells its values apart."""
        ...

    def staged_hash(self, row_hash: str) -> str:
        """Return the type of the staging table's hash column, which may fill itself by this expression."""
        ...

    def json_of(self, columns: Sequence[Column], alias: str) -> str:
        """Return an expression for the columns as a JSON object; exact types are written as text."""
        ...


@dataclass(frozen=True, slots=True)
class Staging:
    """The temporary table that given rows are staged in.

    Args:
        table: Name of the table the rows are for, as messages call it.
        name: Its quoted name.
        columns: The declared columns it has, besides `_file`, `_line`, `_line_hash`, `_seq` and `_hash`.
        row_hash: Expression of a row's content hash.
    """

    table: str
    name: str
    columns: tuple[Column, ...]
    row_hash: str


class Session(Protocol):
    """One connection for the length of one verb; its temporary tables are its own."""

    def run(self, sql: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows.

        Raises:
            WarehouseError: The engine refused the statement or failed.
        """
        ...

    def read(self, sql: str, params: Params) -> RowSet:
        """Return the rows of a statement that cannot write, as Python values of the declared types.

        Raises:
            WarehouseError: The statement is wrong, or would write.
        """
        ...

    def describe(self, sql: str, params: Params) -> list[str]:
        """Return the column names of a query without running it to its end.

        Raises:
            WarehouseError: The query is wrong.
        """
        ...

    def transaction(self, *place: str) -> AbstractContextManager[None]:
        """Hold a write transaction: commit at the end, roll back on any exception.

        Args:
            place: What is written: a table's name, or that and a partition's; the whole warehouse when left out. Two
                transactions never hold one place, or one place and another inside it, at the same time. Engines of one
                writer hold the whole warehouse, whatever is named.

        Raises:
            ConflictError: Another process holds the place, and went on holding it.
        """
        ...

    def restart(self) -> None:
        """Undo what the transaction did so far and begin it anew."""
        ...

    def measure(self, table: str) -> None:
        """Let the engine count a table, given by its quoted name, that was just filled, where its plans need it."""
        ...

    def stage_batch(self, staging: Staging, names: Sequence[str], batch: Sequence[Sequence[object]]) -> None:
        """Stage coerced rows with their hashes; `names` are the columns in row order."""
        ...

    def stage_query(self, staging: Staging, sql: str, params: Params, expressions: Mapping[str, str]) -> None:
        """Stage the rows of a query with their hashes; `expressions` says what each column is filled with.

        Raises:
            WarehouseError: The query fails or a value does not fit its column.
        """
        ...
