"""One SQLite connection for the length of one verb."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from penstock.errors import WarehouseError
from penstock.warehouse.sql.dialect import Params, Staging, quote
from penstock.warehouse.sql.shape import refer
from penstock.warehouse.sqlite.dialect import STORED_AS, encode
from penstock.warehouse.sqlite.failures import translated
from penstock.warehouse.table import Column, ColumnType
from penstock.warehouse.warehouse import RowSet

_READING = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))


@dataclass(slots=True)
class SqliteSession:
    """See `Session`.

    Args:
        name: What messages call the warehouse.
        writing: Held by the one session of this process that writes.
    """

    connection: sqlite3.Connection
    name: str
    writing: RLock
    _columns: tuple[str, ...] = field(default=())

    def run(self, sql: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with translated(self.name):
            cursor = self.connection.execute(sql, {name: encode(value) for name, value in (params or {}).items()})
            self._columns = tuple(column[0] for column in cursor.description or ())
            return cursor.fetchall()

    def read(self, sql: str, params: Params) -> RowSet:
        """Return the rows of a read-only statement."""
        with self._only_reading():
            rows = self.run(sql, params)
        if not self._columns:
            raise WarehouseError("a query must be one statement that returns rows", hint="write it as a `select`")
        return RowSet(self._columns, rows)

    def describe(self, sql: str, params: Params) -> list[str]:
        """Return a query's column names."""
        with self._only_reading():
            self.run(f"select * from (\n{sql}\n) limit 0", params)
        return list(self._columns)

    @contextmanager
    def transaction(self, *place: str) -> Iterator[None]:  # noqa: ARG002 - there is one writer, whatever it writes
        """Hold the write transaction."""
        with self.writing:
            self.run("begin immediate")
            try:
                yield
                self.run("commit")
            except BaseException:
                self._rollback()
                raise

    def restart(self) -> None:
        """Undo the transaction so far and begin it anew."""
        self._rollback()
        self.run("begin immediate")

    def measure(self, table: str) -> None:
        """Do nothing: its plans are good without."""

    def stage_batch(self, staging: Staging, names: Sequence[str], batch: Sequence[Sequence[object]]) -> None:
        """Stage rows, one bound statement for all."""
        missing = [column.name for column in staging.columns if column.name not in names]
        bound = ", ".join([*(f"? as {quote(name)}" for name in names), *(f"null as {quote(name)}" for name in missing)])
        columns = ", ".join(refer(names))
        sql = (
            f"insert into {staging.name} ({columns}, _hash) select {columns}, {staging.row_hash} from (select {bound})"
        )
        with translated(self.name):
            self.connection.executemany(sql, ([encode(value) for value in row] for row in batch))

    def stage_query(self, staging: Staging, sql: str, params: Params, expressions: Mapping[str, str]) -> None:
        """Stage a query's rows; each value has to be stored as its column declares."""
        kinds = {column.name: column for column in staging.columns}
        values = ", ".join(_rounded(kinds[name], expression) for name, expression in expressions.items())
        columns = ", ".join(refer(list(expressions)))
        self.run(f"insert into {staging.name} ({columns}) select {values} from (\n{sql}\n)", params)
        for column in staging.columns:
            self._refuse_misfits(staging, column)
        self.run(f"update {staging.name} set _hash = {staging.row_hash}")

    def _refuse_misfits(self, staging: Staging, column: Column) -> None:
        classes = ", ".join(f"'{name}'" for name in (*STORED_AS[column.type], "null"))
        reference = quote(column.name)
        sql = f"select {reference} || '' from {staging.name} where typeof({reference}) not in ({classes}) limit 1"
        for (value,) in self.run(sql):
            raise WarehouseError(
                f"column `{column.name}` of table `{staging.table}` holds {column.type}; {value!r} does not fit",
                hint="convert the value in the query, or declare another column type",
            )

    @contextmanager
    def _only_reading(self) -> Iterator[None]:
        self.connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY
        )
        try:
            yield
        finally:
            self.connection.set_authorizer(None)

    def _rollback(self) -> None:
        # The transaction may be gone already: a full disk ends it.
        if self.connection.in_transaction:
            self.run("rollback")


def _rounded(column: Column, expression: str) -> str:
    if column.type is not ColumnType.MONEY:
        return expression
    return f"case when typeof({expression}) in ('integer', 'real') then round({expression}, 2) else {expression} end"
