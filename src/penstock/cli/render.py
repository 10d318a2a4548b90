"""Draws with rich: the progress bar and tables of results; the only module that knows it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid
from rich.text import Text

from penstock.cli.lines import event_line
from penstock.engine.events import Event, EventKind

_BARS = "▁▂▃▄▅▆▇█"


def console(stream: TextIO) -> Console:
    """Return a console on a stream; without colour where `NO_COLOR` asks for it."""
    return Console(file=stream, no_color=bool(os.environ.get("NO_COLOR")), highlight=False, soft_wrap=False)


_WORTH_A_LINE = frozenset(
    {
        EventKind.MESSAGE_LOGGED,
        EventKind.OUTPUT_WRITTEN,
        EventKind.TASK_RETRY_SCHEDULED,
        EventKind.ATTEMPT_ABANDONED,
    }
)


class ProgressBar:
    """A bar over the tasks of a run, and one for each task that reports how far it is."""

    def __init__(self, *, everything: bool) -> None:
        self._everything = everything
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeElapsedColumn(),
            console=console(sys.stderr),
            transient=True,
        )
        self._whole: TaskID | None = None
        self._parts: dict[str, TaskID] = {}

    def begin(self, tasks: int, settled: int) -> None:
        """Draw the bar over all tasks."""
        self._whole = self._progress.add_task("all tasks", total=tasks, completed=settled, unit="tasks")
        self._progress.start()

    def show(self, event: Event) -> None:
        """Move the bars, and print what a person should not miss above them."""
        if event.kind is EventKind.PROGRESS_REPORTED and event.task:
            self._move(event.task, event)
        elif event.kind is EventKind.TASK_STARTED and event.task:
            self._part(event.task)
        elif event.kind is EventKind.TASK_FINISHED and event.task:
            self._finish(event.task)
            if self._everything or event.facts.get("status") != "completed":
                self._print(event)
        elif event.kind in _WORTH_A_LINE:
            self._print(event)

    def end(self) -> None:
        """Take the bars away."""
        self._progress.stop()

    def _part(self, task: str) -> TaskID:
        if task not in self._parts:
            self._parts[task] = self._progress.add_task(f"  {task}", total=None, unit="")
        return self._parts[task]

    def _move(self, task: str, event: Event) -> None:
        done, total = event.facts.get("done", 0), event.facts.get("total")
        self._progress.update(self._part(task), completed=done, total=total, unit=event.facts.get("unit", ""))

    def _finish(self, task: str) -> None:
        if task in self._parts:
            self._progress.remove_task(self._parts.pop(task))
        if self._whole is not None:
            self._progress.advance(self._whole)

    def _print(self, event: Event) -> None:
        self._progress.console.print(Text.from_ansi(event_line(event)))


def print_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()
) -> None:
    """Print a table of results to standard output; `numbers` are the places of the columns aligned to the right."""
    kept = _fitting(header, rows)
    grid = Grid(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="cyan")
    for place, name in enumerate(header[:kept]):
        grid.add_column(name, justify="right" if place in numbers else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        grid.add_row(*map(Text, row[:kept]))
    screen = console(sys.stdout)
    screen.print(grid)
    if kept < len(header):
        screen.print(Text(f"(no room for: {', '.join(header[kept:])})"))


def _fitting(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how many columns fit on the screen whole: a number cut short would be another number."""
    room = console(sys.stdout).width
    for place, name in enumerate(header):
        room -= max(cell_len(cell) for cell in (name, *(row[place] for row in rows)))
        if room < 0 and place > 0:
            return place
        room -= 2
    return len(header)


def sparkline(values: Sequence[float]) -> str:
    """Return values as a line of small bars, the greatest one full."""
    top = max(values, default=0)
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[round(max(value, 0) / top * (len(_BARS) - 1))] for value in values)
