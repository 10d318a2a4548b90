"""The state store in one SQLite file, for every process of one machine."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from penstock.engine.state.backends.sql_rows import to_micros
from penstock.engine.state.backends.sqlite.budgets import BudgetVerbs
from penstock.engine.state.backends.sqlite.connection import Database, Durability
from penstock.engine.state.backends.sqlite.items import ItemVerbs
from penstock.engine.state.backends.sqlite.migrate import migrate
from penstock.engine.state.backends.sqlite.notes import NoteVerbs
from penstock.engine.state.backends.sqlite.runs import SQL, RunVerbs
from penstock.engine.state.backends.sqlite.schedules import ScheduleVerbs
from penstock.engine.state.backends.sqlite.task_runs import TaskRunVerbs
from penstock.engine.state.records import Collected, Retention
from penstock.kit.jsonable import to_json


class SqliteStateStore(RunVerbs, TaskRunVerbs, ItemVerbs, NoteVerbs, ScheduleVerbs, BudgetVerbs):
    """Keeps everything in one SQLite file; see `StateStore` for what each verb promises.

    Args:
        path: The file; it and its folder are created.
        durability: What a returned verb survives: the end of the `process`, or of the machine's `power` too.

    Raises:
        NewerStateError: The file was written by a newer Penstock.
        StateError: The file cannot be opened, or is not a state store.
    """

    def __init__(self, path: str | Path, *, durability: Durability = "process") -> None:
        self._db = Database(Path(path), durability)
        try:
            migrate(self._db)
        except BaseException:
            self._db.close()
            raise

    def gc(self, retention: Retention, now: datetime) -> Collected:
        """See `StateStore.gc`."""
        oldest = to_micros(now - timedelta(days=retention.max_age_days))
        bounds = {"runs_per_pipeline": retention.runs_per_pipeline, "oldest": oldest}
        with self._db.write() as db:
            found = db.execute(SQL["list_collectable"], bounds).fetchall()
            if not found:
                return Collected()
            gone = {"runs": to_json([run for run, _ in found]), "run_ids": to_json([run_id for _, run_id in found])}
            blanked = db.execute(SQL["blank_newest_event"], gone).rowcount
            removed = {kind: db.execute(SQL[f"delete_{kind}"], gone).rowcount for kind in _INSIDE_OUT}
        return Collected(removed["runs"], removed["task_runs"], removed["items"], removed["events"] + blanked)

    def close(self) -> None:
        """See `StateStore.close`."""
        self._db.close()


_INSIDE_OUT = ("items", "ledgers", "attempts", "edges", "task_runs", "events", "runs")
