"""How fast calls may follow each other: sliding windows, when the next call may go, how long many calls take."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from penstock.kit.durations import parse_duration


class Window(NamedTuple):
    """At most so many calls in any period of this length."""

    calls: int
    period: timedelta


def read_windows(text: str) -> tuple[Window, ...]:
    """Return the windows a text such as `1000/1h+60/1m` names.

    Raises:
        ValueError: It names none.
    """
    windows = []
    for part in text.split("+"):
        calls, separator, period = part.partition("/")
        if not separator or not calls.strip().isdigit() or int(calls) < 1:
            raise ValueError(f"`{part}` is not calls per time, such as `1000/1h`")
        windows.append(Window(int(calls), parse_duration(period.strip())))
    return tuple(windows)


def next_turn(windows: Iterable[Window], counted: Sequence[datetime], now: datetime) -> datetime:
    """Return when the next call may go: `now`, or the instant at which every window has room.

    Args:
        counted: The instants at which earlier calls count, in order; those in the future are calls still under way.
    """
    turn = now
    for window in windows:
        if len(counted) >= window.calls:
            turn = max(turn, counted[-window.calls] + window.period)
    return turn


def forecast_duration(windows: Sequence[Window], counted: Sequence[datetime], calls: int, now: datetime) -> timedelta:
    """Return how long so many calls take at least, begun now, after those already counted."""
    if not windows:
        return timedelta(0)
    longest = max(window.calls for window in windows)
    recent = deque(counted, maxlen=longest)
    turn = now
    for _ in range(calls):
        turn = max(turn, next_turn(windows, recent, turn))
        recent.append(turn)
    return turn - now
