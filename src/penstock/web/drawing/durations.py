"""How long a task took in its last runs: a small bar chart with the median, and a line's height of it for tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from penstock.kit.durations import format_duration
from penstock.web.drawing.status import counted, sign, status_class, tell_statuses, word
from penstock.web.drawing.svg import blank, element, picture, target, text

_LEFT = 64
_RIGHT = 116
_TOP = 16
_PLOT = 96
_FOOT = 40
_BAR = 14
_STEP = 20
_SPARK_PLOT = 16
_SPARK_BAR = 5
_SPARK_STEP = 7
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Point:
    """One run of the task.

    Args:
        label: The run, as people call it.
        duration: How long it took; None where nothing ran.
        href: Where it leads, an address of this console; nowhere, if empty.
    """

    label: str
    duration: timedelta | None
    status: str
    href: str = ""


def draw_durations(points: Sequence[Point], *, title: str = "durations of the last runs") -> str:
    """Return the runs as a bar chart in SVG, oldest first, with the median of the completed ones.

    Raises:
        UsageError: There is no such status, or an address is not one of this console.
    """
    if not points:
        return blank("no runs yet", class_="durations", title=title)
    longest = _longest(points)
    width = _LEFT + max(len(points), 6) * _STEP + _RIGHT
    return picture(
        _draw_frame(longest, width),
        *(_draw_point(point, _LEFT + number * _STEP + 3, longest) for number, point in enumerate(points)),
        _draw_median(points, longest, width),
        class_="durations",
        size=(width, _TOP + _PLOT + _FOOT),
        title=title,
        desc=_tell(points),
    )


def sparkline(points: Sequence[Point], *, title: str = "durations of the last runs") -> str:
    """Return the runs as a row of tiny bars, oldest first; a notch below marks each that did not complete.

    Raises:
        UsageError: There is no such status.
    """
    longest = _longest(points)
    return picture(
        *(_draw_spark(point, number * _SPARK_STEP + 1, longest) for number, point in enumerate(points)),
        class_="sparkline",
        size=(max(len(points), 1) * _SPARK_STEP, _SPARK_PLOT + 6),
        title=title,
        desc=_tell(points),
    )


def _longest(points: Sequence[Point]) -> timedelta:
    return max((point.duration or _NOTHING for point in points), default=_NOTHING)


def _height(duration: timedelta | None, longest: timedelta, most: int) -> int:
    return max(round(duration / longest * most), 2) if duration and longest else 2


def _draw_frame(longest: timedelta, width: int) -> str:
    floor, right = _TOP + _PLOT, width - _RIGHT
    return element(
        "g",
        element("path", class_="grid", d=f"M{_LEFT} {_TOP}H{right}"),
        element("path", class_="floor", d=f"M{_LEFT} {floor}H{right}"),
        text(format_duration(longest), _LEFT - 8, _TOP + 4, "tick", anchor="end"),
        text("0", _LEFT - 8, floor + 4, "tick", anchor="end"),
        text("oldest", _LEFT, floor + 34, "tick"),
        text("newest", right, floor + 34, "tick", anchor="end"),
        class_="axis",
        aria_hidden="true",
    )


def _draw_point(point: Point, x: int, longest: timedelta) -> str:
    height = _height(point.duration, longest, _PLOT)
    return target(
        _spoken(point),
        element("rect", class_="bar", x=x, y=_TOP + _PLOT - height, width=_BAR, height=height),
        sign(point.status, x + 1, _TOP + _PLOT + 6),
        href=point.href,
        class_=f"stretch {status_class(point.status)}",
    )


def _draw_median(points: Sequence[Point], longest: timedelta, width: int) -> str:
    middle = _median(points)
    if middle is None:
        return ""
    y = _TOP + _PLOT - _height(middle, longest, _PLOT)
    return element(
        "g",
        element("path", class_="median", d=f"M{_LEFT} {y}H{width - _RIGHT}"),
        text(f"median {format_duration(middle)}", width - _RIGHT + 6, y + 4, "note"),
        aria_hidden="true",
    )


def _median(points: Sequence[Point]) -> timedelta | None:
    took = [point.duration for point in points if point.status == "completed" and point.duration is not None]
    return timedelta(seconds=median(duration.total_seconds() for duration in took)) if took else None


def _draw_spark(point: Point, x: int, longest: timedelta) -> str:
    height = _height(point.duration, longest, _SPARK_PLOT)
    notch = element("path", class_="notch", d=f"M{x} {_SPARK_PLOT + 5}h{_SPARK_BAR}l-2.5 -4Z")
    return element(
        "g",
        element("rect", class_="bar", x=x, y=_SPARK_PLOT - height, width=_SPARK_BAR, height=height),
        "" if point.status == "completed" else notch,
        class_=status_class(point.status),
    )


def _spoken(point: Point) -> str:
    took = "no duration" if point.duration is None else format_duration(point.duration)
    return ", ".join(filter(None, (f"{point.label}: {word(point.status)}".rstrip(": "), took)))


def _tell(points: Sequence[Point]) -> str:
    middle = _median(points)
    told = f"{counted(len(points), 'run')}, oldest first."
    if middle is not None:
        longest = format_duration(_longest(points))
        told += f" Median of the completed ones {format_duration(middle)}, longest of all {longest}."
    return f"{told} {tell_statuses((point.label, point.status) for point in points)}".strip()
