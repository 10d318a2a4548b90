"""Follows the event log of a run while it goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from penstock.cli.lines import event_line
from penstock.cli.output import say
from penstock.engine.events import Event, EventKind
from penstock.errors import PenstockError

if TYPE_CHECKING:
    from penstock.engine.engine import Engine

_POLL = timedelta(milliseconds=150)
_PAGE = 1000


class Display(Protocol):
    """What shows the facts of a run as they are recorded."""

    def begin(self, tasks: int, settled: int) -> None:
        """Show that the run began, with so many tasks, of which so many are over."""
        ...

    def show(self, event: Event) -> None:
        """Show one fact."""
        ...

    def end(self) -> None:
        """Show nothing more."""
        ...


class PlainLines:
    """One line per fact worth telling, on standard error."""

    def __init__(self, *, everything: bool) -> None:
        self._everything = everything

    def begin(self, tasks: int, settled: int) -> None:
        """Say nothing: the first fact will."""

    def show(self, event: Event) -> None:
        """Print the fact, unless it is only a step on the way."""
        quiet = event.kind in (EventKind.PROGRESS_REPORTED, EventKind.TASK_STARTED)
        if self._everything or not quiet:
            say(event_line(event))

    def end(self) -> None:
        """Say nothing: the summary follows."""


class Follower:
    """Reads new facts of one run from the log and hands them to a display.

    Args:
        pipeline: Whose next run is followed, where none is named.
        run_id: The run to follow, from its next fact on.
    """

    def __init__(self, engine: Engine, display: Display, *, pipeline: str | None, run_id: str | None) -> None:
        self._engine = engine
        self._display = display
        self._pipeline = pipeline
        self._run_id = run_id
        self._before = None if run_id else self._newest()
        self._seen = self._last_fact(run_id) if run_id else 0
        self._begun = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="penstock-progress", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def finish(self) -> None:
        """Show what is left to show, and end."""
        self._over.set()
        self._thread.join()
        self._display.end()

    def _follow(self) -> None:
        try:
            while not self._over.wait(_POLL.total_seconds()):
                self._read()
            self._read()
        except PenstockError as error:
            # The run itself is not touched by this: it tells by its own end whether the store is at fault.
            say(f"progress cannot be followed: {error.message}")

    def _read(self) -> None:
        self._find_run()
        if self._run_id is None:
            return
        while facts := self._engine.store.read_events(run_id=self._run_id, after=self._seen, limit=_PAGE):
            self._seen = facts[-1].seq
            for fact in facts:
                self._display.show(fact)

    def _find_run(self) -> None:
        if self._begun:
            return
        for view in self._engine.history(self._pipeline, limit=1):
            if self._run_id is None and view.run.run_id != self._before:
                self._run_id = view.run.run_id
            if view.run.run_id == self._run_id:
                settled = sum(count for status, count in view.run.counts.items() if status.is_final)
                self._display.begin(sum(view.run.counts.values()), settled)
                self._begun = True

    def _newest(self) -> str | None:
        return next((view.run.run_id for view in self._engine.history(self._pipeline, limit=1)), None)

    def _last_fact(self, run_id: str) -> int:
        seen = 0
        while facts := self._engine.store.read_events(run_id=run_id, after=seen, limit=_PAGE):
            seen = facts[-1].seq
        return seen


@contextmanager
def following(
    engine: Engine, *, pipeline: str | None = None, run_id: str | None = None, everything: bool = False
) -> Iterator[None]:
    """Show the progress of a run for the time of a `with` block."""
    follower = Follower(engine, _display(everything=everything), pipeline=pipeline, run_id=run_id)
    follower.start()
    try:
        yield
    finally:
        follower.finish()


def _display(*, everything: bool) -> Display:
    if not sys.stderr.isatty():
        return PlainLines(everything=everything)
    from penstock.cli.render import ProgressBar

    return ProgressBar(everything=everything)
