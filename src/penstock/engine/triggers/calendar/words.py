"""Reads rules in human words: `weekdays 01:00`, `first sat 01:00`, `every 15m`, `hourly :05`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time, timedelta

from penstock.engine.triggers.calendar.dates import read_days
from penstock.engine.triggers.calendar.days import WeekDays
from penstock.engine.triggers.calendar.rule import DailyTimes
from penstock.errors import UsageError

_TIME = re.compile(r"(\d{1,2}):(\d\d)(am|pm)?|(\d{1,2})(am|pm)")
_LOOKS_LIKE_TIME = re.compile(r":?\d{1,2}:\d+.*|\d{1,2}(am|pm)|:\d+")
_STEP = re.compile(r"(\d*)(m|min|mins|minute|minutes|h|hr|hrs|hour|hours|s|sec|second|seconds|d|day|days)")
_NAMED_TIMES = {"noon": time(12), "midnight": time(0)}
_EVERY_DAY = (WeekDays(frozenset(range(7))),)
_DAY = 24 * 60


def read_words(words: str, text: str) -> tuple[str, DailyTimes]:
    """Return what human words, without a zone, ask for, and how they are written canonically.

    Args:
        text: The whole rule, for messages.

    Raises:
        UsageError: A word is not known, or something is missing.
    """
    tokens = re.sub(r"\s*,\s*|\s+and\s+", ",", words.strip().lower()).split()
    tokens = [token for token in tokens if token not in ("at", "on", "the", "of", "each", "month")]
    if tokens and tokens[0] == "hourly":
        return _read_hourly(tokens[1:], text)
    if tokens and tokens[0] == "every":
        step = _STEP.fullmatch("".join(tokens[1:]))
        if step and (step[1] or not step[2].startswith("d")):
            return _read_every(int(step[1] or 1), step[2], text)
    return _read_times_of_days(tokens, text)


def _read_times_of_days(tokens: list[str], text: str) -> tuple[str, DailyTimes]:
    listed = [one for token in tokens if _is_time(token) for one in token.split(",") if one]
    times = tuple(sorted({_read_time(one, text) for one in listed}))
    days = [token for token in tokens if not _is_time(token)]
    if not days:
        raise UsageError(f"`{text}` names no days", hint=f"write for example `daily {text}`")
    choices = read_days(days, text)
    told = ",".join(choice.text for choice in choices)
    if not times:
        raise UsageError(f"`{text}` names no time of the day", hint=f"write for example `{told} 01:00 …`")
    return f"{told} {','.join(f'{at:%H:%M}' for at in times)}", DailyTimes(choices, times)


def _is_time(token: str) -> bool:
    return any(_LOOKS_LIKE_TIME.fullmatch(one) or one in _NAMED_TIMES for one in token.split(","))


def _read_time(word: str, text: str) -> time:
    if word in _NAMED_TIMES:
        return _NAMED_TIMES[word]
    match = _TIME.fullmatch(word)
    hour, minute = (int(match[1] or match[4]), int(match[2] or 0)) if match else (99, 0)
    half = match and (match[3] or match[5])
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise UsageError(
            f"`{word}` ({where(word, text)}) is not a time of the day",
            hint="times go from `00:00` to `23:59`",
        )
    return time(hour, minute)


def _read_every(count: int, unit: str, text: str) -> tuple[str, DailyTimes]:
    kind = unit[0]
    if kind == "s":
        raise UsageError(f"`{text}` fires more often than every minute", hint="write `every 1m …` or more")
    if kind == "d" or count == 0:
        raise UsageError(f"`{text}` is not a part of a day", hint="write `daily 00:00 …`, or `every 12h …`")
    minutes = count * (60 if kind == "h" else 1)
    if minutes > _DAY:
        raise UsageError(
            f"`every {count}{kind}` is longer than a day, and steps begin anew at midnight (`{text}`)",
            hint="name the days, or write `DTSTART:20260101T000000 RRULE:FREQ=DAILY;INTERVAL=2 …`",
        )
    told = f"every {minutes // 60}h" if minutes % 60 == 0 else f"every {minutes}m"
    return told, _steps(range(0, _DAY, minutes), timedelta(minutes=minutes))


def _read_hourly(tokens: list[str], text: str) -> tuple[str, DailyTimes]:
    listed = [one.removeprefix(":") for token in tokens for one in token.split(",")] or ["00"]
    for word in listed:
        if not re.fullmatch(r"[0-5]?\d", word):
            raise UsageError(
                f"`{word}` ({where(word, text)}) is not a minute of the hour", hint="write for example `hourly :05 …`"
            )
    minutes = sorted({int(word) for word in listed})
    widest = max(later - early for early, later in zip(minutes, [*minutes[1:], minutes[0] + 60], strict=True))
    told = ",".join(f":{minute:02d}" for minute in minutes)
    starts = (hour * 60 + minute for hour in range(24) for minute in minutes)
    return f"hourly {told}", _steps(starts, timedelta(minutes=widest))


def _steps(starts: Iterable[int], period: timedelta) -> DailyTimes:
    return DailyTimes(_EVERY_DAY, tuple(time(*divmod(start, 60)) for start in starts), period)


def where(word: str, text: str) -> str:
    """Return the place of a word in a rule, for messages."""
    return f"at character {text.lower().find(word) + 1} of `{text}`"
