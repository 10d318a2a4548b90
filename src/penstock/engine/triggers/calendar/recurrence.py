"""Recurrence rules of RFC 5545, followed by dateutil on the wall clock: for what human words cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from penstock.errors import UsageError

_START = re.compile(r"DTSTART[:=](\d{8}(?:T\d{4}(?:\d\d)?)?)", re.IGNORECASE)
#: What has to be named when there is no DTSTART to take it from.
_NEEDED = {
    "WEEKLY": ("BYDAY",),
    "MONTHLY": ("BYDAY", "BYMONTHDAY"),
    "YEARLY": ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER"),
}
_PERIODS = {"HOURLY": timedelta(hours=1)}
_HORIZON = timedelta(days=30 * 366)
_SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - the wall clock has no zone


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A recurrence rule.

    Args:
        rule: What stands behind `RRULE:`.
        begin: Its DTSTART by the wall clock; None when nothing depends on it.
    """

    rule: str
    begin: datetime | None
    period: timedelta | None

    def walls(self, start: datetime) -> Iterator[datetime]:
        """See `Part.walls`."""
        from dateutil.rrule import rrule, rrulestr

        begin = self.begin or start.replace(hour=0, minute=0, second=0, microsecond=0)
        rule = rrulestr(self.rule, dtstart=begin)
        if isinstance(rule, rrule) and "UNTIL" not in self.rule and "COUNT" not in self.rule:
            rule = rule.replace(until=start + _HORIZON)  # one that never fires would be followed to the year 9999
        return iter(rule.xafter(start, inc=True))


def read_recurrence(words: str, text: str) -> tuple[str, Recurrence]:
    """Return the recurrence these words, without a zone, stand for, and how they are written canonically.

    Args:
        text: The whole rule, for messages.

    Raises:
        UsageError: It is no recurrence rule, or what it depends on is not named.
    """
    start = _START.search(words)
    begin = _read_start(start[1], text) if start else None
    rule = _START.sub("", words).strip(" ;").upper().removeprefix("RRULE:").strip(" ;")
    named = dict(part.partition("=")[::2] for part in rule.split(";"))
    _refuse(named, begin, text)
    recurrence = Recurrence(rule, begin, _PERIODS.get(named.get("FREQ", "")))
    try:
        next(recurrence.walls(begin or _SOME_DAY), None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            f"`{rule}` (in `{text}`) is not a recurrence rule: {error}",
            hint="write for example `RRULE:FREQ=MONTHLY;BYDAY=1SA;BYHOUR=1;BYMINUTE=0 America/New_York`",
        ) from error
    told = f"DTSTART:{begin:%Y%m%dT%H%M%S} " if begin else ""
    return f"{told}RRULE:{rule}", recurrence


def _read_start(digits: str, text: str) -> datetime:
    layout = "%Y%m%dT%H%M%S"[: {8: 6, 13: 11}.get(len(digits), 13)]
    try:
        return datetime.strptime(digits, layout)  # noqa: DTZ007 - the wall clock has no zone
    except ValueError as error:
        raise UsageError(f"`DTSTART:{digits}` (in `{text}`) is not a date") from error


def _refuse(named: dict[str, Any], begin: datetime | None, text: str) -> None:
    frequency = named.get("FREQ", "")
    if frequency in ("SECONDLY", "MINUTELY") or named.get("BYSECOND", "0") not in ("0", "00"):
        raise UsageError(f"`{text}` fires every minute or more often", hint="write `every 1m …`, or more")
    if frequency in _PERIODS:
        if begin or "INTERVAL" in named or "COUNT" in named:
            raise UsageError(f"`{text}` counts hours from a start", hint="write `every 2h …` instead")
    elif begin is None:
        for word in ("INTERVAL", "COUNT"):
            if named.get(word, "1") != "1" or (word == "COUNT" and word in named):
                raise UsageError(
                    f"`{word}` (in `{text}`) counts from a start, and none is named",
                    hint=f"write for example `DTSTART:20260105T010000 {text}`",
                )
        needed = _NEEDED.get(frequency, ())
        if needed and not any(word in named for word in needed):
            raise UsageError(f"`{text}` does not say which day", hint=f"add {' or '.join(needed)}, or a DTSTART")
