"""How PostgreSQL spells names, types and hashes."""

from __future__ import annotations

from collections.abc import Sequence

from penstock.warehouse.postgres.text import SUBSTITUTE
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.table import Column, ColumnType

_TYPES = {
    # Compared and sorted by code point, whatever the locale of the database.
    ColumnType.TEXT: 'text collate "C"',
    ColumnType.INTEGER: "bigint",
    ColumnType.MONEY: "numeric(18, 2)",
    ColumnType.REAL: "double precision",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    # Without a zone, and always UTC, as in the other engines.
    ColumnType.INSTANT: "timestamp",
}
_HASHED_AS = {
    ColumnType.INTEGER: "cast({} as numeric)",
    ColumnType.INSTANT: "extract(epoch from {})",
}
_JSON_VALUES = {
    ColumnType.MONEY: "cast({} as text)",
    ColumnType.INSTANT: """to_char({}, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""",
}


class PostgresDialect:
    """See `Dialect`."""

    hash_type = "bigint"
    has_schemas = True
    row_id = "ctid"

    def table_name(self, name: str) -> str:
        """Return `"schema"."noun"`."""
        schema, _, noun = name.partition(".")
        return f"{quote(schema)}.{quote(noun)}"

    def column_type(self, kind: ColumnType) -> str:
        """Return PostgreSQL's type."""
        return _TYPES[kind]

    def table_options(self, identity: Sequence[str]) -> str:
        """Return the key, whose index makes comparing fast."""
        return f", unique ({', '.join(map(quote, identity))})"

    def hash_of(self, references: Sequence[str]) -> str:
        """Return PostgreSQL's own hash of a row, mixed once more.

        It adds up the hashes of the columns, each times a power of 31: without the second hash, sums of it would not
        tell values that two rows have swapped. That one is of text, whose hashes have all 64 bits.
        """
        return f"hashtextextended(hash_record_extended(row({', '.join(references)}), 0)::text, 0)"

    def hashed_as(self, reference: str, kind: ColumnType) -> str:
        """Return numbers for whole numbers and instants: the hashes of these themselves have but 32 bits."""
        return _HASHED_AS.get(kind, "{}").format(reference)

    def staged_hash(self, row_hash: str) -> str:
        """Return a column that computes itself, so that rows are hashed while they are copied in."""
        return f"{self.hash_type} generated always as ({row_hash}) stored"

    def json_of(self, columns: Sequence[Column], alias: str) -> str:
        """Return a row as compact JSON with exact types as text."""
        values = (_JSON_VALUES.get(column.type, "{}").format(f"{alias}.{quote(column.name)}") for column in columns)
        pairs = (f"{value} as {quote(column.name)}" for column, value in zip(columns, values, strict=True))
        row = f"(select row_to_json(j)::text from (select {', '.join(pairs)}) as j)"
        return f"replace({row}, chr({ord(SUBSTITUTE)}), '\\u0000')"
