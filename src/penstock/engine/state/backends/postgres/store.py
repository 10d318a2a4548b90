"""The state store in one schema of a PostgreSQL database, for every process that reaches the server."""

from __future__ import annotations

from datetime import datetime, timedelta

from penstock.engine.state.backends.postgres.address import to_address
from penstock.engine.state.backends.postgres.budgets import BudgetVerbs
from penstock.engine.state.backends.postgres.connection import Database
from penstock.engine.state.backends.postgres.items import ItemVerbs
from penstock.engine.state.backends.postgres.migrate import migrate
from penstock.engine.state.backends.postgres.notes import NoteVerbs
from penstock.engine.state.backends.postgres.runs import SQL, RunVerbs
from penstock.engine.state.backends.postgres.schedules import ScheduleVerbs
from penstock.engine.state.backends.postgres.task_runs import TaskRunVerbs
from penstock.engine.state.backends.sql_rows import to_micros
from penstock.engine.state.records import Collected, Retention


class PostgresStateStore(RunVerbs, TaskRunVerbs, ItemVerbs, NoteVerbs, ScheduleVerbs, BudgetVerbs):
    """Keeps everything in one schema of a PostgreSQL database; see `StateStore` for what each verb promises.

    What a returned verb wrote is as durable as the server's disk: commits always wait for it.

    Args:
        url: `postgresql://user:password@host:port/database?schema=name`; the schema is created.

    Raises:
        UsageError: The URL cannot be read.
        NewerStateError: The schema was written by a newer Penstock.
        StateError: The database cannot be reached, or the schema is not a state store.
    """

    def __init__(self, url: str) -> None:
        self._db = Database(to_address(url))
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
            found = [run for (run,) in db.execute(SQL["list_collectable"], bounds)]
            locked = db.execute(SQL["lock_collectable"], {"runs": found}).fetchall() if found else []
            if not locked:
                return Collected()
            gone = {"runs": [run for run, _ in locked], "run_ids": [run_id for _, run_id in locked]}
            removed = {kind: db.execute(SQL[f"delete_{kind}"], gone).rowcount for kind in _INSIDE_OUT}
        return Collected(removed["runs"], removed["task_runs"], removed["items"], removed["events"])

    def close(self) -> None:
        """See `StateStore.close`."""
        self._db.close()


_INSIDE_OUT = ("items", "ledgers", "attempts", "edges", "task_runs", "events", "runs")
