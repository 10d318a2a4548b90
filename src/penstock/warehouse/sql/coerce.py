"""Python values made to fit declared columns, exactly or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from penstock.errors import WarehouseError
from penstock.kit.jsonable import to_json
from penstock.warehouse.table import Column, ColumnType

Coercion = Callable[[object], object]

_CENT = Decimal("0.01")
_MONEY_LIMIT = Decimal(10) ** 16
_INTEGER_LIMIT = 2**63


def _text(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list | tuple):
        return to_json(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _integer(value: object) -> object:
    number = int(value) if isinstance(value, int | str) else _decimal(value)
    if number != int(number) or not -_INTEGER_LIMIT <= number < _INTEGER_LIMIT:
        raise ValueError("not a 64-bit whole number")
    return int(number)


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise TypeError("not a number")
    # repr keeps the digits the publisher wrote: 0.1 is 0.1, not its binary neighbour.
    return Decimal(repr(value) if isinstance(value, float) else value)


def _money(value: object) -> object:
    amount = _decimal(value)
    if not amount.is_finite() or abs(amount) >= _MONEY_LIMIT or amount != amount.quantize(_CENT):
        raise ValueError("not an amount of at most 18 digits with 2 places")
    return amount.quantize(_CENT)


def _real(value: object) -> object:
    number = float(_decimal(value))
    if math.isinf(number):
        raise ValueError("not a finite number")
    return None if math.isnan(number) else number


def _boolean(value: object) -> object:
    known = {True: True, False: False, "true": True, "false": False}
    key = value.lower() if isinstance(value, str) else value
    if not isinstance(key, str | int) or key not in known:
        raise ValueError("neither true nor false")
    return known[key]


def _date(value: object) -> object:
    if isinstance(value, datetime):
        raise TypeError("an instant, not a date")
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise TypeError("not a date")


def _instant(value: object) -> object:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(instant, datetime) or instant.tzinfo is None:
        raise TypeError("not an instant with a time zone")
    return instant.astimezone(UTC)


_COERCIONS: dict[ColumnType, Coercion] = {
    ColumnType.TEXT: _text,
    ColumnType.INTEGER: _integer,
    ColumnType.MONEY: _money,
    ColumnType.REAL: _real,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.DATE: _date,
    ColumnType.INSTANT: _instant,
}


def coerce(column: Column, value: object, table: str) -> object:
    """Return the value as the column's Python type; None stays None.

    Raises:
        WarehouseError: The value does not fit, or would lose something by fitting.
    """
    if value is None:
        return None
    try:
        return _COERCIONS[column.type](value)
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
        raise WarehouseError(
            f"column `{column.name}` of table `{table}` holds {column.type}; {shown} does not fit",
            hint="convert the value before it is stored, or declare another column type",
        ) from error
