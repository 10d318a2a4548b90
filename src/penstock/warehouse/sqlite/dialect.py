"""How SQLite spells names and types, and how its values become Python's and back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from penstock.errors import WarehouseError
from penstock.kit.jsonable import to_json
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.table import Column, ColumnType

# SQLite derives a column's affinity from parts of these words; the whole word names the converter for reading.
_TYPES = {
    ColumnType.TEXT: "text",
    ColumnType.INTEGER: "integer",
    ColumnType.MONEY: "money_numeric",
    ColumnType.REAL: "real",
    ColumnType.BOOLEAN: "boolean_numeric",
    ColumnType.DATE: "date_text",
    ColumnType.INSTANT: "instant_text",
}
_CENT = Decimal("0.01")
# SQLite keeps an amount as a number of 64 bits, which is exact up to 15 digits.
_MONEY_LIMIT = Decimal(10) ** 13

#: Storage classes that a stored value of each kind may have besides null.
STORED_AS = {
    ColumnType.TEXT: ("text",),
    ColumnType.INTEGER: ("integer",),
    ColumnType.MONEY: ("integer", "real"),
    ColumnType.REAL: ("real",),
    ColumnType.BOOLEAN: ("integer",),
    ColumnType.DATE: ("text",),
    ColumnType.INSTANT: ("text",),
}

_JSON_VALUES: dict[str, Callable[[Any], object]] = {
    "money_numeric": lambda value: str(Decimal(repr(value)).quantize(_CENT)),
    "boolean_numeric": bool,
    "instant_text": lambda value: f"{value.replace(' ', 'T')}+00:00",
}

#: What turns a value of a declared type, by its SQL name, into a Python value.
CONVERTERS: dict[str, Callable[[bytes], object]] = {
    "money_numeric": lambda stored: Decimal(stored.decode()).quantize(_CENT),
    "boolean_numeric": lambda stored: stored != b"0",
    "date_text": lambda stored: date.fromisoformat(stored.decode()),
    "instant_text": lambda stored: datetime.fromisoformat(stored.decode()).replace(tzinfo=UTC),
}


class SqliteDialect:
    """See `Dialect`."""

    hash_type = "integer"
    has_schemas = False
    row_id = "rowid"

    def table_name(self, name: str) -> str:
        """Return the whole name as one identifier: `"silver.contributions"`."""
        return quote(name)

    def column_type(self, kind: ColumnType) -> str:
        """Return SQLite's type."""
        return _TYPES[kind]

    def table_options(self, identity: Sequence[str]) -> str:
        """Return the key, whose index makes comparing fast."""
        return f", unique ({', '.join(map(quote, identity))})"

    def hash_of(self, references: Sequence[str]) -> str:
        """Return a call of `row_hash`."""
        return f"penstock_hash({', '.join(references)})"

    def hashed_as(self, reference: str, kind: ColumnType) -> str:  # noqa: ARG002 - all kinds are hashed alike
        """Return the reference itself."""
        return reference

    def staged_hash(self, row_hash: str) -> str:  # noqa: ARG002 - the session computes it
        """Return the plain type."""
        return self.hash_type

    def json_of(self, columns: Sequence[Column], alias: str) -> str:
        """Return a call of `row_json`."""
        names = ",".join(f"{column.name}:{_TYPES[column.type]}" for column in columns)
        return f"penstock_json('{names}', {', '.join(f'{alias}.{quote(column.name)}' for column in columns)})"


def row_hash(*values: object) -> int:
    """Return a 64-bit hash of stored values, the same in every version of Python and SQLite."""
    # 5 and 5.0 are one value to SQLite, which keeps whichever needs less space.
    plain = [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]
    digest = hashlib.blake2b(repr(plain).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def row_json(names: str, *values: object) -> str:
    """Return stored values as a JSON object; `names` gives the name and SQL type of each."""
    pairs = (name.split(":") for name in names.split(","))
    return to_json({name: _json_value(kind, value) for (name, kind), value in zip(pairs, values, strict=True)})


def encode(value: object) -> object:
    """Return a coerced value as SQLite stores it.

    Raises:
        WarehouseError: An amount has more digits than SQLite keeps.
    """
    if isinstance(value, Decimal):
        if abs(value) >= _MONEY_LIMIT:
            raise WarehouseError(
                f"amount {value} has more digits than sqlite keeps exactly", hint="use a duckdb warehouse"
            )
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _json_value(kind: str, value: object) -> object:
    return value if value is None or kind not in _JSON_VALUES else _JSON_VALUES[kind](value)
