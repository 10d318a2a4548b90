"""A declared table in one dialect: the SQL fragments that statements are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from penstock.warehouse.sql.dialect import Dialect, Params, quote
from penstock.warehouse.table import Column, ColumnType, Table

#: Hidden columns of tables with lineage.
LINEAGE = ("_file", "_line", "_load", "_line_hash")
#: Hidden column of every table: the hash of the row's content.
HASH = "_hash"


def refer(names: Sequence[str], alias: str = "") -> list[str]:
    """Return quoted references to columns, with a table alias when one is given."""
    prefix = f"{alias}." if alias else ""
    return [prefix + quote(name) for name in names]


@dataclass(frozen=True)
class Shape:
    """Fragments of one declaration in one dialect, bound to one partition.

    Args:
        partition: Value of the partition column, or None when the table has no partitions.
    """

    declaration: Table
    dialect: Dialect
    partition: object = None

    @cached_property
    def target(self) -> str:
        """The stored table's quoted name."""
        return self.dialect.table_name(self.declaration.name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The declared columns' names."""
        return tuple(column.name for column in self.declaration.columns)

    @cached_property
    def columns(self) -> str:
        """The declared columns as a list."""
        return ", ".join(refer(self.names))

    @cached_property
    def typed_columns(self) -> str:
        """The declared columns with their types."""
        return ", ".join(self.typed(column) for column in self.declaration.columns)

    @cached_property
    def typed_lineage(self) -> dict[str, str]:
        """The hidden lineage columns with their types; none without lineage."""
        if not self.declaration.lineage:
            return {}
        text = self.dialect.column_type(ColumnType.TEXT)
        return dict(zip(LINEAGE, (text, "bigint", text, self.dialect.hash_type), strict=True))

    @cached_property
    def within_params(self) -> Params:
        """Parameters of `within`."""
        return {} if self.declaration.partition is None else {"partition": self.partition}

    def typed(self, column: Column) -> str:
        """Return a column with its type, as DDL writes it."""
        return f"{quote(column.name)} {self.dialect.column_type(column.type)}"

    def within(self, alias: str) -> str:
        """Return the condition that a stored row lies in the partition."""
        if self.declaration.partition is None:
            return "true"
        return f"{alias}.{quote(self.declaration.partition)} = $partition"

    def hash_of(self, alias: str = "") -> str:
        """Return the expression of a row's content hash; the order of declaration does not matter to it."""
        return self._hash_of(sorted(self.names), alias)

    def identity(self, alias: str) -> str:
        """Return the identifying columns as a list."""
        return ", ".join(refer(self.declaration.identity, alias))

    def key_hash(self, alias: str) -> str:
        """Return an expression that nearly always differs when two rows of the partition have different keys."""
        key = [name for name in self.declaration.identity if name != self.declaration.partition]
        return self._hash_of(key or self.declaration.identity, alias)

    def same_identity(self, left: str, right: str) -> str:
        """Return the condition that two rows are the same row."""
        pairs = zip(refer(self.declaration.identity, left), refer(self.declaration.identity, right), strict=True)
        return " and ".join(f"{one} = {other}" for one, other in pairs)

    def blank_identity(self, alias: str) -> str:
        """Return the condition that a key column is NULL or blank."""
        return " or ".join(self._blank(column, alias) for column in self._columns_of(self.declaration.identity))

    def json(self, alias: str, names: Sequence[str] | None = None) -> str:
        """Return an expression for a row, or some of its columns, as a JSON object."""
        return self.dialect.json_of(self._columns_of(names or self.names), alias)

    def changed_columns(self, old: str, new: str) -> str:
        """Return an expression for the names of the columns that differ, separated by commas."""
        parts = (
            f"case when {old}.{quote(name)} is distinct from {new}.{quote(name)} then '{name},' else '' end"
            for name in self.names
        )
        return f"rtrim({' || '.join(parts)}, ',')"

    def _columns_of(self, names: Sequence[str]) -> list[Column]:
        by_name = {column.name: column for column in self.declaration.columns}
        return [by_name[name] for name in names]

    def _hash_of(self, names: Sequence[str], alias: str) -> str:
        columns = zip(refer(names, alias), self._columns_of(names), strict=True)
        return self.dialect.hash_of([self.dialect.hashed_as(reference, column.type) for reference, column in columns])

    def _blank(self, column: Column, alias: str) -> str:
        reference = f"{alias}.{quote(column.name)}"
        blank = f" or trim({reference}) = ''" if column.type is ColumnType.TEXT else ""
        return f"{reference} is null{blank}"
