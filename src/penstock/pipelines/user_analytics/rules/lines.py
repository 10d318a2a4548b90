"""Reads an event as published, in either shape, and keeps of it what the rules need: nothing that names a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, NamedTuple

from penstock.pipelines.user_analytics.rules.instants import local_day, read_instant, to_text

#: The events of subscriptions, as RevenueCat names them.
SUBSCRIPTION_EVENTS = (
    "RC Trial started",
    "RC Trial converted",
    "RC Trial cancelled",
    "RC Initial purchase",
    "RC Renewal",
    "RC Cancellation",
    "RC Expiration",
)
#: Half a SHA-256: a hundred million names are all different.
_NAME_LENGTH = 32
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode
#: What differs between two copies of one event, or is told beside its content.
_BESIDE_CONTENT = frozenset(
    {"time", "distinct_id", "$insert_id", "mp_processing_time_ms", "$mp_api_timestamp_ms", "$mp_api_endpoint"}
)


class RawEvent(NamedTuple):
    """One line, reduced; there are too many of them for dataclasses.

    Args:
        day: The day it is kept under: that of its file, or its own in the project's zone.
        raw_id: Names the line among all others.
        earlier_ids: Other identifiers of the same user, as a JSON list; None for none.
        event_at: None when the time cannot be read.
        written_time: The time as it was written.
        processed_ms: When Mixpanel took it in; the copy with the latest counts.
        content_id: Stands for `$insert_id` where there is none.
        amount: The revenue as it was written.
        level: What the user paid at that time, where the app tells: `paid` or `free`.
    """

    day: str
    raw_id: str
    event_name: str | None
    distinct_id: str | None
    earlier_ids: str | None
    event_at: str | None
    written_time: str
    insert_id: str | None
    processed_ms: int
    content_id: str
    product_id: str | None
    store: str | None
    device: str | None
    country: str | None
    region: str | None
    currency: str | None
    amount: str | None
    level: str | None


def read_event(line: Mapping[str, Any], *, day: str | None, fallback_day: str, zone: tzinfo = UTC) -> RawEvent:
    """Return what is kept of a line.

    Args:
        line: `{event, properties}`, or `{event_name, distinct_id, time, insert_id, properties}`.
        day: The day of the file it stands in; None when it is kept under its own.
        fallback_day: Where it is kept when its own day cannot be read.
    """
    given = line.get("properties")
    told: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    name = _text(line.get("event", line.get("event_name")))
    user = _text(line.get("distinct_id", told.get("distinct_id")))
    written = line.get("time", told.get("time"))
    insert_id = _text(line.get("insert_id")) or _text(told.get("$insert_id"))
    processed = _whole(told.get("mp_processing_time_ms", line.get("mp_processing_time_ms")))
    at = read_instant(written, zone)
    content = stable_id({key: value for key, value in told.items() if key not in _BESIDE_CONTENT})
    return RawEvent(
        day=day or (fallback_day if at is None else local_day(at, zone).isoformat()),
        raw_id=stable_id([name, user, written, insert_id, processed, content]),
        event_name=name,
        distinct_id=user,
        earlier_ids=_earlier_ids(told, user),
        event_at=None if at is None else to_text(at),
        written_time=str(written),
        insert_id=insert_id,
        processed_ms=processed,
        content_id=content,
        product_id=_first(told, "product_id", "$product_id"),
        store=_first(told, "store"),
        device=_first(told, "$os", "os", "device"),
        country=_upper(_first(told, "country_code", "$country_code", "mp_country_code")),
        region=_first(told, "$region", "region"),
        currency=_upper(_first(told, "currency", "$currency")),
        amount=_text(told.get("revenue", told.get("$revenue"))),
        level=_first(told, "level"),
    )


def from_app_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of an app's own log (`userId`, `ts` in milliseconds, `page`, `level`) in the usual shape."""
    kept = {name: row.get(name) for name in ("level", "sessionId", "itemInSession")}
    return {"event": row.get("page"), "properties": {"distinct_id": row.get("userId"), "time": row.get("ts"), **kept}}


def from_table_row(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of an event table (`name`, `time`, `distinct_id`, `insert_id`, `properties`) in the usual shape."""
    known = {
        "distinct_id": row.get("distinct_id"),
        "time": row.get("time"),
        "$insert_id": row.get("insert_id"),
        "mp_processing_time_ms": row.get("mp_processing_time_ms"),
        "mp_country_code": row.get("mp_country_code"),
        "$region": row.get("region"),
        "$os": row.get("os"),
    }
    told = json.loads(row.get("properties") or "{}", parse_float=Decimal)
    return {"event": row.get("name"), "properties": {**told, **{name: text for name, text in known.items() if text}}}


def stable_id(value: object) -> str:
    """Return the same name for the same value, in every process and on every machine."""
    return sha256(_encode(value).encode()).hexdigest()[:_NAME_LENGTH]


def _earlier_ids(told: Mapping[str, Any], user: str | None) -> str | None:
    aliases = told.get("aliases")
    named = [told.get("$distinct_id_before_identity"), *(aliases if isinstance(aliases, list) else [])]
    found = distinct_texts(named) - {user}
    return json.dumps(sorted(found)) if found else None


def distinct_texts(values: Iterable[object]) -> set[str]:
    """Return the texts among some values, trimmed."""
    return {text for value in values if (text := _text(value)) is not None}


def _first(told: Mapping[str, Any], *names: str) -> str | None:
    return next((text for name in names if (text := _text(told.get(name))) is not None), None)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, bool | list | dict):
        return None
    return str(value).strip() or None


def _upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def _whole(value: object) -> int:
    try:
        return int(Decimal(str(value)))
    except (InvalidOperation, OverflowError, ValueError):
        return 0
