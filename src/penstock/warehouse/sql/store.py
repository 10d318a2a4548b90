"""A warehouse in an SQL engine: tables by declaration, queries, partitions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from penstock.kit.clock import Clock
from penstock.warehouse.rows import Query
from penstock.warehouse.sql.catalog import Catalog
from penstock.warehouse.sql.engine import SqlEngine
from penstock.warehouse.sql.evolve import bind, ensure_table, from_stored_form
from penstock.warehouse.sql.reading import SqlReader
from penstock.warehouse.sql.shape import Shape
from penstock.warehouse.sql.stored_table import SqlTable
from penstock.warehouse.table import Table
from penstock.warehouse.warehouse import RowSet, TableFingerprint


@dataclass(frozen=True)
class SqlWarehouse:
    """See `Warehouse`."""

    engine: SqlEngine
    clock: Clock

    @cached_property
    def catalog(self) -> Catalog:
        """The warehouse's own books."""
        return Catalog(self.engine.dialect)

    def table(
        self,
        declaration: Table,
        partition: str | None = None,
        *,
        load: str = "",
        guard: Callable[[], None] | None = None,
    ) -> SqlTable:
        """Return the table bound to a partition value, creating it where needed; see `Warehouse.table`."""
        shape = Shape(declaration, self.engine.dialect, bind(declaration, partition))
        with self.engine.session() as session:
            ensure_table(session, self.catalog, shape)
        part = _part(declaration.partition, partition)
        return SqlTable(self.engine, self.catalog, self.clock, shape, part, load, guard)

    def fingerprints(self, names: Collection[str], partition: str) -> Mapping[str, TableFingerprint]:
        """Return the fingerprint of each named table's partition; of a table that does not exist, the empty one."""
        with self.engine.session() as session:
            stored = {table["name"]: table for table in self.catalog.list_declarations(session)}
            parts = {name: _part(stored.get(name, {}).get("partition"), partition) for name in names}
            return {name: self.catalog.get_partition(session, name, part).fingerprint for name, part in parts.items()}

    def query(self, sql: str | Query, params: Mapping[str, object] | None = None) -> RowSet:
        """Return the rows of a read-only statement; see `Warehouse.query`."""
        text = sql.sql if isinstance(sql, Query) else sql
        bound = {**(sql.params if isinstance(sql, Query) else {}), **(params or {})}
        with self.engine.session() as session:
            return session.read(text, bound)

    @contextmanager
    def look(self) -> Iterator[SqlReader]:
        """Lend a reader of books and rows; see `Warehouse.look`."""
        with self.engine.session() as session:
            yield SqlReader(session, self.catalog)

    def drop_partition(self, name: str, partition: str) -> int:
        """Remove everything of a table's partition; return how many rows there were."""
        with self.engine.session() as session:
            stored = self.catalog.find_declaration(session, name)
            if stored is None:
                return 0
            kept = from_stored_form(stored)
            table = kept if partition else replace(kept, partition=None)
            shape = Shape(table, self.engine.dialect, bind(table, partition))
            part = _part(table.partition, partition)
            with session.transaction(*((name, part) if part else (name,))):
                rows = session.run(
                    f"select count(*) from {shape.target} as t where {shape.within('t')}", shape.within_params
                )
                session.run(f"delete from {shape.target} as t where {shape.within('t')}", shape.within_params)
                self.catalog.forget(session, name, part or None)
        dropped: int = rows[0][0]
        return dropped

    def interrupt(self, thread: int | None = None) -> None:
        """Make the running statements of one thread, or of all threads, fail soon."""
        self.engine.interrupt(thread)

    def release(self) -> None:
        """Give the file up so that another process may write; the next verb takes it again."""
        self.engine.release()

    def close(self) -> None:
        """Release files and connections."""
        self.engine.close()


def _part(column: str | None, partition: str | None) -> str:
    return "" if column is None or partition is None else partition
