"""Plain words on the terminal: data to stdout, talk to stderr, aligned columns, colour only where it is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from penstock.kit.jsonable import from_json, to_json

#: One colour per meaning; text stays understandable without it.
GOOD, BAD, WARN, NOTE, FAINT = "green", "red", "yellow", "cyan", "bright_black"
_NARROWEST_LAST_COLUMN = 24
_STACKED_INDENT = 4
_UNBOUNDED = 1 << 20


def paint(text: str, colour: str | None) -> str:
    """Return the text in a colour."""
    return click.style(text, fg=colour) if colour else text


def _colour() -> bool | None:
    # None leaves it to the stream: a terminal gets colour, a file or a pipe does not.
    return False if os.environ.get("NO_COLOR") else None


def emit(text: str = "") -> None:
    """Print data for a person to stdout."""
    click.echo(text, color=_colour())


def emit_json(value: Any) -> None:
    """Print one JSON document to stdout, and nothing else."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=lambda other: from_json(to_json(other))))


def emit_json_line(value: Any) -> None:
    """Print one JSON document on one line of stdout."""
    click.echo(to_json(value))


def say(text: str) -> None:
    """Print talk to stderr."""
    click.echo(text, err=True, color=_colour())


def say_error(message: str, hints: Iterable[str | None] = ()) -> None:
    """Print an error and what to do next to stderr."""
    say(f"{paint('error:', BAD)} {message}")
    say_hints(hints)


def say_hints(hints: Iterable[str | None]) -> None:
    """Print each hint there is to stderr, every line of it marked as one."""
    for hint in hints:
        for line in (hint or "").splitlines():
            say(f"{paint('hint:', NOTE)} {line}")


def screen_width() -> int:
    """Return how many columns the reader has; where there is no screen, lines are not wrapped."""
    if os.environ.get("COLUMNS") or sys.stdout.isatty():
        from shutil import get_terminal_size

        return get_terminal_size((80, 24)).columns
    return _UNBOUNDED


def columns(rows: Sequence[Sequence[str]], *, indent: int = 2, width: int | None = None) -> str:
    """Return rows as aligned columns; the last one is wrapped at the reader's width, or told below where it is narrow.

    No word is cut: a run id or number cut in two would be none.
    """
    if not rows:
        return ""
    widths = [max(_length(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    margin = " " * indent
    start, whole = indent + sum(one + 2 for one in widths), width or screen_width()
    stacked = whole - start < _NARROWEST_LAST_COLUMN and len(widths) > 0
    start = indent + _STACKED_INDENT if stacked else start
    room = max(whole - start, _NARROWEST_LAST_COLUMN)
    lines = []
    for row in rows:
        head = "".join(cell + " " * (one - _length(cell) + 2) for cell, one in zip(row, widths, strict=False))
        first, *rest = ["", *_wrapped(row[-1], room)] if stacked and row[-1] else _wrapped(row[-1], room)
        lines.append((margin + head + first).rstrip())
        lines.extend(" " * start + line for line in rest)
    return "\n".join(lines)


def _wrapped(text: str, room: int) -> list[str]:
    if _length(text) <= room:
        return [text]
    from textwrap import wrap

    return wrap(click.unstyle(text), room, break_on_hyphens=False, break_long_words=False) or [""]


def _length(text: str) -> int:
    return len(click.unstyle(text)) if "\x1b" in text else len(text)
