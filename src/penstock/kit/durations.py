"""Durations as people write them: ``"90s"``, ``"15m"``, ``"1h30m"``."""

from __future__ import annotations

import re
from datetime import timedelta

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str | timedelta) -> timedelta:
    """Return the duration a text such as ``"1h30m"`` names.

    Raises:
        ValueError: The text is not a sequence of numbers with units ms, s, m, h or d.
    """
    if isinstance(text, timedelta):
        return text
    compact = text.strip().lower().replace(" ", "")
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"`{text}` is not a duration; write for example `90s`, `15m` or `1h30m`")
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))


def format_duration(duration: timedelta) -> str:
    """Return the duration as a short text: ``0.04s``, ``12s``, ``3m05s``, ``2h10m``."""
    seconds = duration.total_seconds()
    if seconds < 10:
        return f"{seconds:.2f}s"
    if seconds < 60:
        return f"{seconds:.0f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02d}s"
    return f"{minutes // 60}h{minutes % 60:02d}m"
