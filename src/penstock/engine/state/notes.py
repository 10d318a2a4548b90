"""What a state store remembers of what happened, and of what people noted: the event log, and marks on tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import Mark


class NoteStore(Protocol):
    """The shared log of facts and the marks; every verb is one transaction, as in `StateStore`."""

    def append_events(self, events: Sequence[Event]) -> None:
        """Append facts; each gets a greater sequence number than every one before it."""
        ...

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
        """Return up to `limit` facts in order, from behind sequence number `after`.

        Args:
            task: Only of this task.
            kinds: Only of these kinds; empty for all.
            before: Only those with a smaller sequence number than this.
            newest: Return the last ones there are instead of the first; still in rising order.
        """
        ...

    def set_mark(self, mark: Mark) -> None:
        """Write a mark over an older one of the same pipeline, task and name."""
        ...

    def list_marks(self, pipeline: str) -> list[Mark]:
        """Return the marks on the pipeline's tasks, by task and name."""
        ...
