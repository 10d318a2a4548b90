"""Answers the raw export: https://developer.mixpanel.com/reference/raw-event-export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from penstock.simulators.mixpanel.refusal import Refusal
from penstock.simulators.mixpanel.streamed import StreamedReply
from penstock.simulators.mixpanel.universe import Universe

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """What is asked for.

    Args:
        events: Names; all events when empty.
        limit: How many lines at most; None for no limit.
    """

    from_on: date
    to_on: date
    events: frozenset[str]
    limit: int | None
    in_ms: bool


def read_query(params: Mapping[str, str]) -> ExportQuery:
    """Return what the parameters ask for.

    Raises:
        Refusal: They cannot be asked so.
    """
    if params.get("where"):
        raise Refusal(400, "Unsupported parameter: this simulator evaluates no where expressions")
    from_on, to_on = _read_day(params, "from_date"), _read_day(params, "to_date")
    if to_on < from_on:
        raise Refusal(400, f"Invalid date range: to_date {to_on} is before from_date {from_on}")
    return ExportQuery(from_on, to_on, _read_events(params), _read_limit(params), _read_flag(params, "time_in_ms"))


def answer_export(universe: Universe, query: ExportQuery, now: datetime) -> StreamedReply:
    """Return the lines asked for, of what has been processed by now."""
    lines = [
        each.as_export_line(in_ms=query.in_ms)
        for each in universe.deliveries_until(now)
        if query.from_on <= each.on <= query.to_on and (not query.events or each.event in query.events)
    ][: query.limit]
    body = "".join(f"{line}\n" for line in lines).encode()
    return StreamedReply(200, body, {"Content-Type": "text/plain; charset=utf-8"}, rows=len(lines))


def _read_day(params: Mapping[str, str], name: str) -> date:
    text = params.get(name, "")
    if not text:
        raise Refusal(400, f"Missing required parameter: {name}")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refusal(400, f"Invalid date for {name}: {text}, must be yyyy-mm-dd") from error
    if day.isoformat() != text:
        raise Refusal(400, f"Invalid date for {name}: {text}, must be yyyy-mm-dd")
    return day


def _read_events(params: Mapping[str, str]) -> frozenset[str]:
    text = params.get("event", "")
    if not text:
        return frozenset()
    try:
        names = json.loads(text)
    except ValueError as error:
        raise Refusal(400, "Invalid event: must be a JSON array of names") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refusal(400, "Invalid event: must be a JSON array of names")
    return frozenset(names)


def _read_limit(params: Mapping[str, str]) -> int | None:
    text = params.get("limit", "")
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise Refusal(400, f"Invalid limit: {text}, must be a number from 1 to {_MOST}")
    return int(text)


def _read_flag(params: Mapping[str, str], name: str) -> bool:
    text = params.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise Refusal(400, f"Invalid {name}: {text}, must be true or false")
    return text in ("true", "1")
