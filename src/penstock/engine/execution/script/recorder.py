"""Writes what a script says to the event log, in blocks, without ever making the script wait."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.engine.execution.background import BackgroundCall
from penstock.engine.execution.call import Call
from penstock.engine.execution.script.protocol import Progress
from penstock.engine.execution.session import Session
from penstock.errors import StateError

#: What one block costs beyond its text.
BLOCK_COST = 200
_LONGEST_BLOCK = 64 << 10
_PATIENCE_S = 0.2


class Recorder:
    """Gathers blocks and writes them at most every 200 ms or 64 KiB, in a thread of its own while the script runs."""

    def __init__(self, session: Session, call: Call) -> None:
        self._session = session
        self._call = call
        self._place = {"attempt": call.attempt} | ({} if call.item is None else {"item": call.item.key})
        self._events: list[Event] = []
        self._block: tuple[str, int, list[str]] | None = None
        self._size = 0
        self._oldest_at: float | None = None
        self._progress: Progress | None = None
        self._writing: BackgroundCall | None = None
        self._batch: list[Event] = []

    def output(self, stream: str, first: int, lines: list[str]) -> None:
        """Take lines that a stream wrote one after the other."""
        block = self._block
        if block is not None and block[0] == stream and block[1] + len(block[2]) == first:
            block[2].extend(lines)
        else:
            self._end_block()
            self._block = (stream, first, list(lines))
        self._grow(sum(map(len, lines)) + len(lines))

    def message(self, message: str, facts: Mapping[str, Any]) -> None:
        """Take a message for the run's log."""
        self._end_block()
        self._events.append(self._event(EventKind.MESSAGE_LOGGED, {**self._place, **facts, "message": message}))
        self._grow(len(message))

    def progress(self, progress: Progress) -> None:
        """Take a report, which stands for every one before it."""
        self._progress = progress
        self._grow(0)

    def tend(self) -> None:
        """Write what has waited long enough, unless an earlier block is still being written."""
        if self._writing is not None:
            if self._writing.is_alive():
                return
            self._take_back()
        if self._oldest_at is None:
            return
        if self._size >= _LONGEST_BLOCK or monotonic() - self._oldest_at >= _PATIENCE_S:
            batch, progress = self._gather()
            self._batch = batch
            self._writing = BackgroundCall(lambda: self._write(batch, progress), "penstock-script-output")
            self._writing.start()

    def close(self) -> None:
        """Write everything that is left.

        Raises:
            StateError: The state store cannot be written to.
        """
        if self._writing is not None:
            self._writing.join()
            self._take_back()
        self._write(*self._gather())

    def _write(self, events: list[Event], progress: Progress | None) -> None:
        if progress is not None:
            self._call.journal.progress(progress.done, progress.total, progress.unit)
        if events:
            self._session.store.append_events(events)

    def _take_back(self) -> None:
        """Let a block that could not be written wait for the next try."""
        writing, self._writing = self._writing, None
        assert writing is not None  # noqa: S101 - asked for only while something is being written
        try:
            writing.value()
        except StateError:
            self._end_block()
            self._events = [*self._batch, *self._events]
            self._grow(0)

    def _gather(self) -> tuple[list[Event], Progress | None]:
        self._end_block()
        gathered = self._events, self._progress
        self._events, self._progress = [], None
        self._size, self._oldest_at = 0, None
        return gathered

    def _grow(self, size: int) -> None:
        self._size += size
        if self._oldest_at is None:
            self._oldest_at = monotonic()

    def _end_block(self) -> None:
        if self._block is None:
            return
        (stream, first, lines), self._block = self._block, None
        for start, texts in _blocks(first, lines):
            facts = {**self._place, "stream": stream, "line": start, "text": "\n".join(texts)}
            self._events.append(self._event(EventKind.OUTPUT_WRITTEN, facts))

    def _event(self, kind: EventKind, facts: Mapping[str, Any]) -> Event:
        session = self._session
        return Event(kind, session.clock.now(), session.run.run_id, self._call.task.name, facts)


def _blocks(first: int, lines: list[str]) -> list[tuple[int, list[str]]]:
    """Return the lines in blocks that are not too long, each with the number of its first line."""
    found, begin, size = [], 0, 0
    for place, line in enumerate(lines):
        size += len(line) + 1
        if size > _LONGEST_BLOCK and place > begin:
            found.append((first + begin, lines[begin:place]))
            begin, size = place, len(line) + 1
    return [*found, (first + begin, lines[begin:])]
