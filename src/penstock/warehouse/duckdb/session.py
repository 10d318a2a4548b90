"""One DuckDB connection for the length of one verb."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import RLock
from typing import Any

import duckdb

from penstock.errors import WarehouseError
from penstock.warehouse.duckdb.dialect import DuckdbDialect
from penstock.warehouse.duckdb.failures import translated
from penstock.warehouse.sql.dialect import Params, Staging, quote
from penstock.warehouse.sql.shape import refer
from penstock.warehouse.warehouse import RowSet

_BOOKKEEPING = {"_file": "varchar", "_line": "bigint", "_seq": "bigint"}


@dataclass(frozen=True, slots=True)
class DuckdbSession:
    """See `Session`.

    Args:
        name: What messages call the warehouse.
        writing: Held by the one session that writes.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    writing: RLock

    def run(self, sql: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with translated(self.name):
            self.connection.execute(sql, dict(params or {}))
            return list(self.connection.fetchall()) if self.connection.description else []

    def read(self, sql: str, params: Params) -> RowSet:
        """Return the rows of a read-only statement."""
        self._require_reading(sql)
        self.run("begin transaction read only")
        try:
            rows = self.run(sql, params)
            description = self.connection.description or []
        finally:
            self.run("rollback")
        instants = [place for place, column in enumerate(description) if str(column[1]).startswith("TIMESTAMP")]
        return RowSet(tuple(column[0] for column in description), _aware(rows, instants) if instants else rows)

    def describe(self, sql: str, params: Params) -> list[str]:
        """Return a query's column names."""
        self._require_reading(sql)
        self.run(f"select * from (\n{sql}\n) limit 0", params)
        return [column[0] for column in self.connection.description or []]

    @contextmanager
    def transaction(self, *place: str) -> Iterator[None]:  # noqa: ARG002 - there is one writer, whatever it writes
        """Hold the write transaction."""
        with self.writing:
            self.run("begin transaction")
            try:
                yield
                self.run("commit")
            except BaseException:
                self._rollback()
                raise

    def restart(self) -> None:
        """Undo the transaction so far and begin it anew."""
        self._rollback()
        self.run("begin transaction")

    def measure(self, table: str) -> None:
        """Do nothing: its plans are good without."""

    def stage_batch(self, staging: Staging, names: Sequence[str], batch: Sequence[Sequence[object]]) -> None:
        """Stage rows as one JSON text, which DuckDB takes apart faster than bound values."""
        place = {name: index for index, name in enumerate(names)}
        fields = {name: f"r ->> {index}" for name, index in place.items()}
        rows = json.dumps(batch, default=_as_text)
        self._stage(staging, fields, "(select unnest(from_json($rows, '[\"JSON\"]')) as r)", {"rows": rows})

    def stage_query(self, staging: Staging, sql: str, params: Params, expressions: Mapping[str, str]) -> None:
        """Stage a query's rows, cast to the declared types."""
        self._stage(staging, expressions, f"(\n{sql}\n)", params)

    def _stage(self, staging: Staging, fields: Mapping[str, str], source: str, params: Params) -> None:
        types = {column.name: DuckdbDialect().column_type(column.type) for column in staging.columns}
        types.update({name: kind for name, kind in _BOOKKEEPING.items() if name in fields})
        casts = ", ".join(
            f"cast({fields.get(name, 'null')} as {kind}) as {quote(name)}" for name, kind in types.items()
        )
        names = ", ".join(refer(list(types)))
        self.run(
            f"insert into {staging.name} ({names}, _hash) "
            f"select {names}, {staging.row_hash} from (select {casts} from {source})",
            params,
        )

    def _require_reading(self, sql: str) -> None:
        with translated(self.name):
            statements = self.connection.extract_statements(sql)
        readers = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
        if len(statements) != 1 or statements[0].type not in readers:
            raise WarehouseError(
                "a query must be one statement that only reads", hint="write rows with `upsert` or `replace`"
            )

    def _rollback(self) -> None:
        # The transaction may be gone already: a failed commit ends it, and so does a fatal error.
        with _ignored_failure():
            self.connection.execute("rollback")


@contextmanager
def _ignored_failure() -> Iterator[None]:
    try:
        yield
    except duckdb.Error:
        return


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return str(value)


def _aware(rows: list[tuple[Any, ...]], instants: Sequence[int]) -> list[tuple[Any, ...]]:
    def attach(row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place in instants:
            if values[place] is not None:
                values[place] = values[place].replace(tzinfo=UTC)
        return tuple(values)

    return [attach(row) for row in rows]
