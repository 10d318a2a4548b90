"""The only place where values become JSON text and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

Json = Any  # JSON has no closed type in Python; this is the documented edge


def _plain(value: Any) -> Json:  # noqa: PLR0911 - one line per kind of value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"a value of type `{type(value).__name__}` cannot be stored as JSON")


# Built once: `json.dumps` with options builds an encoder per call, and the state store writes JSON all the time.
_ENCODER = json.JSONEncoder(default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def to_json(value: Any) -> str:
    """Return compact JSON with sorted keys: the same value always gives the same text.

    Raises:
        TypeError: The value holds something that is neither JSON nor a known value type.
    """
    text = _ENCODER.encode(value)
    return text if text.isascii() else _encodable(text)


def _encodable(text: str) -> str:
    """Return the text with half characters, which Python allows in a string and nobody else, as JSON's own escapes."""
    return text.encode(errors="backslashreplace").decode()


def from_json(text: str | bytes) -> Json:
    """Return the value a JSON text holds.

    Raises:
        ValueError: The text is not JSON.
    """
    return json.loads(text)


def digest(value: Any) -> str:
    """Return 16 hexadecimal characters that identify the value's JSON text."""
    import hashlib  # loads OpenSSL, which a look at the list of pipelines can do without

    return hashlib.blake2b(to_json(value).encode(), digest_size=8).hexdigest()


def from_json_exactly(text: str | bytes) -> Json:
    """Return the value a JSON text holds, fractions as Decimals with the digits that were written.

    Raises:
        ValueError: The text is not JSON; `NaN` and `Infinity` are not.
    """
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"`{name}` is not JSON")
