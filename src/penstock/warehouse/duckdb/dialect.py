"""How DuckDB spells names, types and hashes."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.table import Column, ColumnType

_TYPES = {
    ColumnType.TEXT: "varchar",
    ColumnType.INTEGER: "bigint",
    ColumnType.MONEY: "decimal(18, 2)",
    ColumnType.REAL: "double",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    # Without a zone, and always UTC: the type with a zone needs another library to be read.
    ColumnType.INSTANT: "timestamp",
}
_JSON_VALUES = {
    ColumnType.MONEY: "cast({} as varchar)",
    ColumnType.DATE: "cast({} as varchar)",
    ColumnType.INSTANT: "strftime({}, '%Y-%m-%dT%H:%M:%S.%f+00:00')",
}


class DuckdbDialect:
    """See `Dialect`."""

    hash_type = "ubigint"
    has_schemas = True
    row_id = "rowid"

    def table_name(self, name: str) -> str:
        """Return `"schema"."noun"`."""
        schema, _, noun = name.partition(".")
        return f"{quote(schema)}.{quote(noun)}"

    def column_type(self, kind: ColumnType) -> str:
        """Return DuckDB's type."""
        return _TYPES[kind]

    def table_options(self, identity: Sequence[str]) -> str:  # noqa: ARG002 - other engines name the key
        """Return nothing: uniqueness is checked on what is written, which costs less than an index over all rows."""
        return ""

    def hash_of(self, references: Sequence[str]) -> str:
        """Return DuckDB's own hash, mixed once more so that sums of it do not cancel out."""
        return f"hash(hash({', '.join(references)}))"

    def hashed_as(self, reference: str, kind: ColumnType) -> str:  # noqa: ARG002 - all kinds are hashed alike
        """Return the reference itself."""
        return reference

    def staged_hash(self, row_hash: str) -> str:  # noqa: ARG002 - the session computes it
        """Return the plain type."""
        return self.hash_type

    def json_of(self, columns: Sequence[Column], alias: str) -> str:
        """Return `json_object` with exact types as text."""
        values = (_JSON_VALUES.get(column.type, "{}").format(f"{alias}.{quote(column.name)}") for column in columns)
        pairs = (f"'{column.name}', {value}" for column, value in zip(columns, values, strict=True))
        return f"cast(json_object({', '.join(pairs)}) as varchar)"
