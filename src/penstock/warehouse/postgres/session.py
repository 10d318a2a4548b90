"""One PostgreSQL connection for the length of one verb."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from penstock.errors import WarehouseError
from penstock.warehouse.postgres.address import Address
from penstock.warehouse.postgres.dialect import PostgresDialect
from penstock.warehouse.postgres.failures import translated
from penstock.warehouse.postgres.locks import Locks, Place
from penstock.warehouse.postgres.parameters import Statement, parse
from penstock.warehouse.postgres.text import is_altered, restore, store
from penstock.warehouse.sql.dialect import Params, Staging
from penstock.warehouse.sql.shape import refer
from penstock.warehouse.warehouse import RowSet

Connection = psycopg.Connection[tuple[Any, ...]]

_READING = frozenset(("select", "with", "values", "table", "explain", "show"))
# The numbers PostgreSQL gives its types.
_TIMESTAMP = 1114
_TEXTS = frozenset((18, 19, 25, 114, 1042, 1043, 3802))


@dataclass(slots=True)
class PostgresSession:
    """See `Session`."""

    connection: Connection
    address: Address
    locks: Locks
    _place: Place = field(default=())

    def run(self, sql: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._execute(parse(sql), params or {})[1]

    def read(self, sql: str, params: Params) -> RowSet:
        """Return the rows of a read-only statement."""
        statement = _require_reading(sql)
        with self._reading():
            columns, rows = self._execute(statement, params)
        return RowSet(tuple(column.name for column in columns), _as_given(columns, rows))

    def describe(self, sql: str, params: Params) -> list[str]:
        """Return a query's column names."""
        _require_reading(sql)
        columns, _ = self._execute(parse(f"select * from (\n{sql}\n) as described limit 0"), params)
        return [column.name for column in columns]

    @contextmanager
    def transaction(self, *place: str) -> Iterator[None]:
        """Hold a write transaction and the locks of its place."""
        with self.locks.among_threads(place):
            self._place = place
            try:
                self._begin()
                yield
                self.run("commit")
            except BaseException:
                self._rollback()
                raise

    def restart(self) -> None:
        """Undo the transaction so far and begin it anew."""
        self._rollback()
        self._begin()

    def measure(self, table: str) -> None:
        """Gather the statistics of a table: nothing else does of a temporary one, and of another only after a while."""
        self.run(f"analyze {table}")

    def copy(self, target: str, blocks: Iterable[bytes]) -> None:
        """Copy text in PostgreSQL's own format into a table; `target` says which, and how fields are parted."""
        with translated(self.address), self.connection.cursor() as cursor:  # noqa: SIM117 - the cursor opens the copy
            with cursor.copy(f"copy {target}".encode()) as copy:
                for block in blocks:
                    copy.write(block)

    def stage_batch(self, staging: Staging, names: Sequence[str], batch: Sequence[Sequence[object]]) -> None:
        """Stage rows by COPY; the hashes compute themselves."""
        columns = ", ".join(refer(names))
        with translated(self.address), self.connection.cursor() as cursor:  # noqa: SIM117 - the cursor opens the copy
            with cursor.copy(f"copy {staging.name} ({columns}) from stdin".encode()) as copy:
                for row in batch:
                    copy.write_row([store(value) for value in row])

    def stage_query(self, staging: Staging, sql: str, params: Params, expressions: Mapping[str, str]) -> None:
        """Stage a query's rows, cast to the declared types."""
        types = {column.name: PostgresDialect().column_type(column.type) for column in staging.columns}
        casts = ", ".join(
            f"cast({expression} as {types[name].partition(' collate')[0]})" for name, expression in expressions.items()
        )
        columns = ", ".join(refer(list(expressions)))
        self.run(f"insert into {staging.name} ({columns}) select {casts} from (\n{sql}\n) as given", params)

    def _execute(self, statement: Statement, params: Params) -> tuple[Sequence[psycopg.Column], list[tuple[Any, ...]]]:
        values = statement.bind(params)
        with translated(self.address), psycopg.RawCursor(self.connection) as cursor:
            cursor.execute(statement.text.encode(), values or None)
            columns = cursor.description or []
            return columns, cursor.fetchall() if columns else []

    def _begin(self) -> None:
        self.run("begin")
        for sql, params in self.locks.statements(self._place):
            self.run(sql, params)

    def _rollback(self) -> None:
        # The transaction may be gone already: with the connection, or because its commit failed.
        with suppress(psycopg.Error):
            if self.connection.info.transaction_status is not TransactionStatus.IDLE:
                self.connection.execute(b"rollback")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        self.run("begin read only")
        try:
            yield
        finally:
            self._rollback()


def _require_reading(sql: str) -> Statement:
    statement = parse(sql)
    if statement.verb not in _READING:
        raise WarehouseError(
            "a query must be one statement that only reads", hint="write rows with `upsert` or `replace`"
        )
    return statement


def _as_given(columns: Sequence[psycopg.Column], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    for place, column in enumerate(columns):
        if column.type_code == _TIMESTAMP:
            rows = [_changed(row, place, row[place] and row[place].replace(tzinfo=UTC)) for row in rows]
        elif column.type_code in _TEXTS and any(is_altered(row[place]) for row in rows):
            rows = [_changed(row, place, restore(row[place])) for row in rows]
    return rows


def _changed(row: tuple[Any, ...], place: int, value: object) -> tuple[Any, ...]:
    return (*row[:place], value, *row[place + 1 :])
