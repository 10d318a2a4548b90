"""The verbs on completions, events and marks, for the SQLite state store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from penstock.engine.events import Event, EventKind
from penstock.engine.state.backends.sql_rows import (
    to_completions,
    to_event,
    to_instant,
    to_micros,
    to_text,
    to_value,
)
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.backends.sqlite.runs import SQL, add_events
from penstock.engine.state.records import Completion, Mark
from penstock.kit.jsonable import to_json


class NoteVerbs:
    """Remembers what was completed, what happened, and what people noted."""

    _db: Database

    def load_completions(
        self, pipeline: str, partition: str, *, tasks: Collection[str] | None = None
    ) -> Mapping[str, Completion]:
        """See `StateStore.load_completions`."""
        wanted = {"pipeline": pipeline, "partition": partition, "tasks": to_json(list(tasks or ()))}
        with self._db.read() as db:
            rows = db.execute(SQL["load_completions" if tasks is None else "load_named_completions"], wanted).fetchall()
        return to_completions(pipeline, partition, rows)

    def forget(self, pipeline: str, partition: str | None, tasks: Collection[str] | None) -> int:
        """See `StateStore.forget`."""
        names = None if tasks is None else to_json(list(tasks))
        values = {"pipeline": pipeline, "partition": partition, "tasks": names}
        with self._db.write() as db:
            db.execute(SQL["forget_ledgers"], values)
            return db.execute(SQL["forget"], values).rowcount

    def append_events(self, events: Sequence[Event]) -> None:
        """See `StateStore.append_events`."""
        if events:
            with self._db.write() as db:
                add_events(db, events, is_run_closed=True)

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
        wanted = {"run_id": run_id, "task": task, "limit": limit, "kinds": to_json(list(kinds)) if kinds else None}
        with self._db.read() as db:
            bounds = db.execute(SQL["find_event_bounds"], {"run_id": run_id, "after": after}).fetchone()
            first, last = bounds or (after, None)
            wanted |= {"after": first, "last": min(last or _NEVER, _NEVER if before is None else before - 1)}
            rows = db.execute(SQL["read_newest_events" if newest else "read_events"], wanted).fetchall()
        return [to_event(row) for row in (reversed(rows) if newest else rows)]

    def set_mark(self, mark: Mark) -> None:
        """See `StateStore.set_mark`."""
        values = {
            "pipeline": mark.pipeline,
            "task": mark.task,
            "name": mark.name,
            "value": to_text(mark.value),
            "at": to_micros(mark.at),
        }
        with self._db.write() as db:
            db.execute(SQL["set_mark"], values)

    def list_marks(self, pipeline: str) -> list[Mark]:
        """See `StateStore.list_marks`."""
        with self._db.read() as db:
            rows = db.execute(SQL["list_marks"], {"pipeline": pipeline}).fetchall()
        return [Mark(pipeline, task, name, to_value(value), to_instant(at)) for task, name, value, at in rows]


_NEVER = 2**63 - 1
