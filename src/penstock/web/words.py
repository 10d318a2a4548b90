"""How the console says instants, durations, counts and statuses: filters of its templates."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from penstock.kit.durations import format_duration
from penstock.web.drawing.status import class_of, word

#: A sign for each status beside its colour and its word.
SIGNS: Mapping[str, str] = {
    "pending": "○",
    "queued": "○",
    "running": "◐",
    "completed": "✓",
    "skipped": "–",
    "failed": "✕",
    "cancelled": "■",
    "upstream_failed": "▲",
    "passed_over": "↷",
    "abandoned": "?",
    "fresh": "–",
}


def when(at: datetime | None) -> Markup | str:
    """Return an instant in UTC as a `time` element; the page's script adds how long ago it is."""
    if at is None:
        return ""
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S}Z")


def took(duration: timedelta | None) -> str:
    """Return a duration in short; nothing for none."""
    return "" if duration is None else format_duration(duration)


def count(number: int | None) -> str:
    """Return a number with its thousands apart."""
    return "" if number is None else f"{number:,}"


def sign(status: str) -> Markup:
    """Return a status as a coloured sign with its word."""
    return Markup('<span class="status {}"><span aria-hidden="true">{}</span> {}</span>').format(
        class_of(str(status)), glyph(status), word(str(status))
    )


def glyph(status: str) -> str:
    """Return the bare sign of a status."""
    return SIGNS.get(str(status), "·")


def square(status: str) -> Markup:
    """Return a status as a small coloured square that carries its sign."""
    return Markup('<span class="square {}" aria-hidden="true">{}</span>').format(class_of(str(status)), glyph(status))


def pretty(value: Any) -> str:
    """Return a JSON-able value over several lines, keys in order."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, default=str)


def brief(value: Any, length: int = 160) -> str:
    """Return a value on one line, cut where it grows long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def part(text: str) -> str:
    """Return a name as one part of an address."""
    return quote(text, safe="")


def plural(number: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def marked(text: str, searched: str) -> Markup:
    """Return a text with every place that holds what was searched for marked."""
    if not searched:
        return escape(text)
    pieces, lower, wanted, start = [], text.lower(), searched.lower(), 0
    while (at := lower.find(wanted, start)) >= 0 and len(lower) == len(text):
        pieces += [escape(text[start:at]), Markup("<mark>{}</mark>").format(text[at : at + len(wanted)])]
        start = at + len(wanted)
    return Markup("").join([*pieces, escape(text[start:])])


FILTERS: Mapping[str, Callable[..., Any]] = {
    "when": when,
    "took": took,
    "count": count,
    "sign": sign,
    "glyph": glyph,
    "square": square,
    "pretty": pretty,
    "brief": brief,
    "part": part,
    "plural": plural,
    "word": word,
    "class_of": class_of,
    "marked": marked,
}
