"""What `MemoryStateStore` remembers of events and marks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from itertools import islice
from threading import RLock

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.memory_rows import as_stored
from penstock.engine.state.records import Mark


class MemoryNotes:
    """The event log and the marks, under the store's lock."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._marks: dict[tuple[str, str, str], Mark] = {}
        self._events: list[Event] = []
        self._last_seq = 0

    def append_events(self, events: Sequence[Event]) -> None:
        """See `StateStore.append_events`."""
        with self._lock:
            numbered = enumerate(events, self._last_seq + 1)
            self._events += [event._replace(seq=seq, facts=as_stored(event.facts)) for seq, event in numbered]
            self._last_seq += len(events)

    def read_events(
        self,
        *,
        run_id: str | None = None,
        task: str | None = None,
        kinds: Collection[EventKind] = (),
        after: int = 0,
        before: int | None = None,
        newest: bool = False,
        limit: int = 1000,
    ) -> list[Event]:
        """See `StateStore.read_events`."""
        with self._lock:
            start = bisect_right(self._events, after, key=lambda event: event.seq)
            end = None if before is None else bisect_left(self._events, before, key=lambda event: event.seq)
            later = self._events[start:end]
            wanted = (
                event
                for event in (reversed(later) if newest else later)
                if run_id in (None, event.run_id) and task in (None, event.task) and (not kinds or event.kind in kinds)
            )
            found = list(islice(wanted, limit))
        return found[::-1] if newest else found

    def set_mark(self, mark: Mark) -> None:
        """See `StateStore.set_mark`."""
        with self._lock:
            self._marks[mark.pipeline, mark.task, mark.name] = mark._replace(value=as_stored(mark.value))

    def list_marks(self, pipeline: str) -> list[Mark]:
        """See `StateStore.list_marks`."""
        with self._lock:
            return [mark for key, mark in sorted(self._marks.items(), key=lambda pair: pair[0]) if key[0] == pipeline]
