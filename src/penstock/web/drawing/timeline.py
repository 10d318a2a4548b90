"""The timeline of a run: a row for each task, a bar for each attempt, and the time in UTC above."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from penstock.kit.durations import format_duration
from penstock.web.drawing.axis import Axis
from penstock.web.drawing.lettering import shorten
from penstock.web.drawing.status import counted, sign, status_class, tell_statuses, word
from penstock.web.drawing.svg import blank, element, picture, target, text

_LABELS = 208
_PLOT = 640
_AFTER = 132
_WIDTH = _LABELS + _PLOT + _AFTER
_HEAD = 34
_ROW = 28
_BAR = 16
_LABEL_SIZE = 13
_NOTE_SIZE = 11
_BEFORE_LABEL = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One attempt of a task, or a task that has not started.

    Args:
        label: The task: bars of one label share a row, unless they overlap.
        href: Where it leads, an address of this console; nowhere, if empty.
        start: When it began; None for not yet, which is a row without a bar.
        end: When it ended; None while it is open.
    """

    label: str
    href: str
    start: datetime | None
    end: datetime | None
    status: str
    attempt: int = 1


@dataclass(slots=True)
class _Row:
    label: str
    bars: list[Bar] = field(default_factory=list)


def draw_timeline(bars: Sequence[Bar], now: datetime, *, title: str = "timeline") -> str:
    """Return the bars as SVG, rows in the order of their first bars; open bars run to `now`.

    Raises:
        UsageError: There is no such status, or an address is not one of this console.
    """
    if not bars:
        return blank("nothing has started yet", class_="timeline", title=title)
    axis = _axis(bars, now)
    rows = list(_rows(bars, now))
    height = _HEAD + len(rows) * _ROW + 8
    return picture(
        _draw_axis(axis, height),
        _draw_now(axis, bars, now, height),
        *(_draw_row(row, _HEAD + number * _ROW, axis, now) for number, row in enumerate(rows)),
        class_="timeline",
        size=(_WIDTH, height),
        title=title,
        desc=_tell(rows, axis),
    )


def _axis(bars: Iterable[Bar], now: datetime) -> Axis:
    spans = [(bar.start, _end(bar, now)) for bar in bars if bar.start is not None]
    start = min((start for start, _ in spans), default=now)
    return Axis(start, max((end for _, end in spans), default=start), _LABELS, _PLOT)


def _end(bar: Bar, now: datetime) -> datetime:
    """Return where a bar ends; clocks that disagree never make it end before it began."""
    end = now if bar.end is None else bar.end
    return end if bar.start is None else max(bar.start, end)


def _rows(bars: Iterable[Bar], now: datetime) -> Iterator[_Row]:
    by_label: dict[str, list[Bar]] = {}
    for bar in bars:
        by_label.setdefault(bar.label, []).append(bar)
    for label, alike in by_label.items():
        yield from _stack(label, alike, now)


def _stack(label: str, bars: Sequence[Bar], now: datetime) -> list[_Row]:
    """Return as few rows as hold the bars without two of them overlapping."""
    rows: list[_Row] = []
    for bar in bars:
        free = next((row for row in rows if _follows(bar, row.bars[-1], now)), None)
        if free is None:
            rows.append(free := _Row(label))
        free.bars.append(bar)
    return rows


def _follows(bar: Bar, last: Bar, now: datetime) -> bool:
    return bar.start is not None and last.start is not None and _end(last, now) <= bar.start


def _draw_axis(axis: Axis, height: int) -> str:
    parts = [text(f"{axis.start.astimezone(UTC):%Y-%m-%d} UTC", 10, 20, "note")]
    for x, label in axis.ticks():
        parts.append(element("path", class_="grid", d=f"M{x} {_HEAD - 8}V{height - 4}"))
        parts.append(text(label, x, 20, "tick", anchor="middle"))
    return element("g", *parts, class_="axis", aria_hidden="true")


def _draw_now(axis: Axis, bars: Iterable[Bar], now: datetime, height: int) -> str:
    if all(bar.start is None or bar.end is not None for bar in bars):
        return ""
    return element("path", class_="now", d=f"M{axis.x(_end_of_axis(axis, now))} {_HEAD - 8}V{height - 4}")


def _end_of_axis(axis: Axis, now: datetime) -> datetime:
    return min(max(now, axis.start), axis.end)


def _draw_row(row: _Row, y: int, axis: Axis, now: datetime) -> str:
    *earlier, last = row.bars
    shown = f"{row.label} · attempt {last.attempt}" if len(row.bars) == 1 and last.attempt > 1 else row.label
    label = (
        sign(last.status, 8, y + 8),
        text(shorten(shown, _LABELS - _BEFORE_LABEL - 14, _LABEL_SIZE), _BEFORE_LABEL, y + 18, "label"),
    )
    return element(
        "g",
        element("path", class_="grid", d=f"M8 {y}H{_WIDTH - 8}"),
        *(_draw_bar(bar, y, axis, now) for bar in earlier),
        _draw_bar(last, y, axis, now, label=label, note=_note(last, now)),
        class_="row",
    )


def _draw_bar(bar: Bar, y: int, axis: Axis, now: datetime, *, label: tuple[str, ...] = (), note: str = "") -> str:
    drawn = [*label]
    if bar.start is None:
        drawn.append(text(note, _LABELS, y + 18, "note"))
    else:
        left, right = axis.x(bar.start), axis.x(_end(bar, now))
        width = max(right - left, 3)
        drawn.append(element("rect", class_="bar", x=left, y=y + 6, width=width, height=_BAR, rx=3))
        if not label and width >= 16:
            drawn.append(sign(bar.status, left + width // 2 - 6, y + 8))
        if note:
            drawn.append(text(shorten(note, _AFTER - 14, _NOTE_SIZE), left + width + 6, y + 18, "note"))
    opened = "" if bar.end is not None or bar.start is None else " open"
    return target(_spoken(bar, now), *drawn, href=bar.href, class_=f"stretch {status_class(bar.status)}{opened}")


def _note(bar: Bar, now: datetime) -> str:
    took = "" if bar.start is None else format_duration(_end(bar, now) - bar.start)
    return took if bar.status == "completed" else f"{word(bar.status)} {took}".strip()


def _spoken(bar: Bar, now: datetime) -> str:
    attempt = f", attempt {bar.attempt}" if bar.attempt > 1 else ""
    if bar.start is None:
        return f"{bar.label}{attempt}: {word(bar.status)}, not started"
    took = format_duration(_end(bar, now) - bar.start)
    start = f"{bar.start.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    end = "now" if bar.end is None else f"{_end(bar, now).astimezone(UTC):%H:%M:%S}"
    return f"{bar.label}{attempt}: {word(bar.status)}, {took}, from {start} to {end} UTC"


def _tell(rows: Sequence[_Row], axis: Axis) -> str:
    start, end = axis.start.astimezone(UTC), axis.end.astimezone(UTC)
    when = f"from {start:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC, {format_duration(axis.end - axis.start)}"
    return (
        f"{counted(len(rows), 'row')} {when}. {tell_statuses((row.label, row.bars[-1].status) for row in rows)}".strip()
    )
