"""What every warehouse promises; proved by `tests/conformance/test_warehouse.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from penstock.kit.tablelook import DatasetReader
from penstock.warehouse.changes import Changes
from penstock.warehouse.rows import Query, Rows
from penstock.warehouse.table import Table


@dataclass(frozen=True, slots=True)
class TableFingerprint:
    """The state of a table's partition.

    Args:
        value: Identifies the content: equal content has an equal value. `empty` for no rows ever written.
        version: Rises by one with every write that changed a row; 0 before the first.
    """

    value: str
    version: int


@dataclass(frozen=True, slots=True)
class RowSet:
    """The rows of a query, all in memory."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]

    def dicts(self) -> Iterator[dict[str, Any]]:
        """Yield each row by column name."""
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))


class StoredTable(Protocol):
    """One table in one warehouse, bound to one partition.

    Every write is one transaction: rows, cursor, change log, rejected rows and fingerprint become visible
    together or not at all, whatever kills the process. Writes compare before they write: a row that is equal
    to the stored one is not written, and a write that changes nothing leaves the fingerprint as it was.
    """

    @property
    def declaration(self) -> Table:
        """The table as declared."""
        ...

    def upsert(
        self,
        rows: Rows,
        *,
        cursor: object = None,
        scope: str = "",
        complete: bool = False,
    ) -> Changes:
        """Insert new rows, rewrite those that differ, and leave the others alone.

        Args:
            cursor: JSON-able position of the source these rows bring the table to; saved under `scope` in the same
                transaction.
            complete: The rows are all there are in this partition: stored rows not among them vanish.

        A row given twice in full is stored once (`repeated`). Of rows with one key and different content the last
        given is stored and the others are rejected as `duplicate key`; a row with a NULL or blank key column is
        rejected as `blank key`; a line with a wrong number of fields as `field count`. Rejected rows are kept, with
        file, line and raw text, in `bronze.rejected_rows`.

        The first write into an empty partition is logged as one load; from then on every inserted, changed and
        vanished row is logged in the change table with its old and new values.

        Raises:
            ExpectationError: A required column is NULL or an expectation does not hold; nothing is written.
            WarehouseError: The warehouse failed (locked, disk full, unknown column); nothing is written.
            SourceError: A file cannot be read; nothing is written.
        """
        ...

    def replace(self, rows: Rows) -> Changes:
        """Make the partition hold exactly these rows: `upsert` with `complete`."""
        ...

    def cursor(self, scope: str = "") -> Any:
        """Return the cursor last saved under this scope, or None."""
        ...

    def fingerprint(self) -> TableFingerprint:
        """Return the partition's fingerprint, without reading its rows."""
        ...

    def content_hash(self) -> str:
        """Recompute the fingerprint's value from the rows themselves: equal to it unless the file was tampered with."""
        ...


class Warehouse(Protocol):
    """A place for tables, opened by URL. Safe to use from several threads; one process writes at a time."""

    def table(
        self,
        declaration: Table,
        partition: str | None = None,
        *,
        load: str = "",
        guard: Callable[[], None] | None = None,
    ) -> StoredTable:
        """Return the table bound to a partition value, creating it (or adding new columns) where needed.

        Args:
            load: Identifier of the run, kept with lineage, loads and change log.
            guard: Called inside every write's transaction, last before it commits; what it raises undoes the write.
                A process whose lease was taken over is stopped here.

        Raises:
            WarehouseError: The stored table differs from the declaration in a way that cannot be added to, and holds
                rows. Without rows it is made anew.
        """
        ...

    def fingerprints(self, names: Collection[str], partition: str) -> Mapping[str, TableFingerprint]:
        """Return the fingerprint of each named table's partition; of a table that does not exist, the empty one."""
        ...

    def query(self, sql: str | Query, params: Mapping[str, object] | None = None) -> RowSet:
        """Return the rows of a read-only statement.

        Raises:
            WarehouseError: The statement is wrong or cannot be run.
        """
        ...

    def look(self) -> AbstractContextManager[DatasetReader]:
        """Lend a reader of states, writes, changed rows and rows, for as long as a page takes; nothing is written.

        Raises:
            ConflictError: Another process holds the warehouse.
        """
        ...

    def drop_partition(self, name: str, partition: str) -> int:
        """Remove the rows, cursors, change log and fingerprint of a table's partition; return how many rows.

        Args:
            partition: Empty for a table that has none, or has none any more: everything of it is removed.
        """
        ...

    def interrupt(self, thread: int | None = None) -> None:
        """Make statements that are running now fail soon; used by time limits and cancel.

        Args:
            thread: Only the statements of this thread, by its `threading.get_ident()`; None for those of all threads.
        """
        ...

    def release(self) -> None:
        """Give the file up so that another process may write; the next verb takes it again."""
        ...

    def close(self) -> None:
        """Release files and connections; the warehouse is not used afterwards."""
        ...
