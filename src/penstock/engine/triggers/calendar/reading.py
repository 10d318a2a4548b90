"""Reads a calendar rule of any kind: human words, cron, RRULE."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from penstock.engine.triggers.calendar.cron import read_cron
from penstock.engine.triggers.calendar.dates import is_day_word
from penstock.engine.triggers.calendar.recurrence import read_recurrence
from penstock.engine.triggers.calendar.rule import Part, Rule
from penstock.engine.triggers.calendar.words import read_words
from penstock.engine.triggers.calendar.zone import find_zone
from penstock.errors import UsageError

_CRON_FIELD = re.compile(r"[\d*][\d*/,\-#L]*")
_NO_ZONES = ("every", "hourly", "noon", "midnight", "minute", "minutes", "hour", "hours", "am", "pm")
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def parse_rule(text: str) -> Rule:
    """Return the rule a text stands for.

    Raises:
        UsageError: A word is not known, the zone is missing or unknown, or the rule never fires.
    """
    plain = " ".join(text.split())
    if not plain:
        raise UsageError("the rule is empty", hint="write for example `weekdays 01:00 America/New_York`")
    words, _, last = plain.rpartition(" ")
    if not words or not _names_zone(last):
        raise UsageError(
            f"`{plain}` names no time zone",
            hint=f"add one, such as `{plain} America/New_York` or `{plain} UTC`",
        )
    zone = find_zone("UTC" if last.upper() in ("UTC", "Z") else last, plain)
    read = [_read_part(one, plain) for one in re.split(r"\s+or\s+", words, flags=re.IGNORECASE)]
    rule = Rule(f"{' or '.join(told for told, _ in read)} {zone.key}", zone, tuple(part for _, part in read))
    _refuse_never(rule)
    return rule


def is_cron(words: str) -> bool:
    """Whether words, without a zone, are a bare cron expression."""
    fields = words.split()
    return len(fields) in (5, 6) and all(_CRON_FIELD.fullmatch(field) for field in fields[:2])


def _read_part(words: str, text: str) -> tuple[str, Part]:
    first, _, rest = words.partition(" ")
    if first.lower() == "cron" or is_cron(words):
        cron = read_cron((rest if first.lower() == "cron" else words).split(), text)
        return f"cron {cron.expression}", cron
    if re.match(r"(DTSTART|RRULE)[:=;]|FREQ=", words, re.IGNORECASE):
        return read_recurrence(words, text)
    return read_words(words, text)


def _names_zone(word: str) -> bool:
    """Whether the last word of a rule is meant as a zone, rightly spelt or not."""
    if _CRON_FIELD.fullmatch(word) or "=" in word or ":" in word:
        return False
    return "/" in word or (word.isalpha() and not is_day_word(word.lower()) and word.lower() not in _NO_ZONES)


def _refuse_never(rule: Rule) -> None:
    for part in rule.parts:
        begin = getattr(part, "begin", None) or _BEGINNING.replace(tzinfo=None)
        if next(part.walls(begin), None) is None:
            raise UsageError(f"`{rule.text}` never fires", hint="look at its days and months")
