"""A table in an SQL warehouse, bound to one partition: its verbs, each one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from penstock.kit.clock import Clock
from penstock.warehouse.changes import Changes
from penstock.warehouse.rows import DelimitedFiles, Query, Rows
from penstock.warehouse.sql.catalog import Catalog, fingerprint_value, hash_sum
from penstock.warehouse.sql.dialect import Session, quote
from penstock.warehouse.sql.engine import SqlEngine
from penstock.warehouse.sql.intake import refuse_misfit, stage_query, stage_rows
from penstock.warehouse.sql.lines import require_files
from penstock.warehouse.sql.publish import Request, publish
from penstock.warehouse.sql.shape import Shape
from penstock.warehouse.sql.write import Guard, Intake, Write
from penstock.warehouse.table import Table
from penstock.warehouse.warehouse import TableFingerprint

# A table is measured anew when a tenth of a partition has changed, and that is not just a page of rows.
_FEW_ROWS = 1000
_SHARE_TO_MEASURE = 10


@dataclass(frozen=True, slots=True)
class SqlTable:
    """See `StoredTable`.

    Args:
        part: The partition's name in the books; empty when the table has none.
    """

    engine: SqlEngine
    catalog: Catalog
    clock: Clock
    shape: Shape
    part: str
    load: str
    guard: Guard | None

    @property
    def declaration(self) -> Table:
        """The table as declared."""
        return self.shape.declaration

    def upsert(self, rows: Rows, *, cursor: object = None, scope: str = "", complete: bool = False) -> Changes:
        """Insert new rows, rewrite those that differ, and leave the others alone; see `StoredTable.upsert`."""
        at = self.clock.now().isoformat()
        request = Request(rows, self.part, cursor, scope, complete, at)
        if isinstance(rows, DelimitedFiles):
            refuse_misfit(self.shape, rows)
            require_files(rows.files)
        with self.engine.session() as session:
            write = self._write(session, rows)
            with write.tables():
                if not isinstance(rows, DelimitedFiles | Query):
                    stage_rows(write, rows)
                with session.transaction(self.declaration.name, self.part):
                    changes = publish(write, self._stage_inside(write, rows), request)
                    if self.guard is not None:
                        self.guard()
            self._measure(session, changes)
        return changes

    def replace(self, rows: Rows) -> Changes:
        """Make the partition hold exactly these rows."""
        return self.upsert(rows, complete=True)

    def cursor(self, scope: str = "") -> Any:
        """Return the cursor last saved under this scope, or None."""
        with self.engine.session() as session:
            return self.catalog.find_cursor(session, self.declaration.name, self.part, scope)

    def fingerprint(self) -> TableFingerprint:
        """Return the partition's fingerprint, without reading its rows."""
        with self.engine.session() as session:
            return self.catalog.get_partition(session, self.declaration.name, self.part).fingerprint

    def content_hash(self) -> str:
        """Recompute the fingerprint's value from the rows themselves."""
        with self.engine.session() as session:
            write = self._write(session, ())
            count, low, high = write.run_within("sum_recomputed", row_hash=self.shape.hash_of("t"))[0]
        return fingerprint_value(count, hash_sum(low, high))

    def _measure(self, session: Session, changes: Changes) -> None:
        touched = changes.inserted + changes.changed + changes.vanished
        if touched < _FEW_ROWS:
            return
        stored = self.catalog.get_partition(session, self.declaration.name, self.part).row_count
        if touched * _SHARE_TO_MEASURE >= stored:
            session.measure(self.shape.target)

    def _write(self, session: Session, rows: Rows) -> Write:
        return Write(session, self.shape, self.catalog, self.load, self._raw(rows))

    def _raw(self, rows: Rows) -> str:
        if not isinstance(rows, DelimitedFiles):
            return self.shape.json("r")
        delimiter = "'" + rows.delimiter.replace("'", "''") + "'"
        fields = [f"coalesce(r.{quote(name)}, '')" for name in rows.columns]
        return f" || {delimiter} || ".join([*fields, "''"] if rows.trailing_delimiter else fields)

    def _stage_inside(self, write: Write, rows: Rows) -> Intake:
        if isinstance(rows, DelimitedFiles):
            return self.engine.stage_files(write, rows)
        if isinstance(rows, Query):
            stage_query(write, rows)
        return Intake()
