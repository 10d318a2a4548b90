"""Reads the books and the rows of an SQL warehouse for those who only look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from penstock.kit.jsonable import from_json
from penstock.kit.sqlfile import load_statements
from penstock.kit.tablelook import RowChange, RowPage, TableState, TableWrite
from penstock.warehouse.sql.catalog import Catalog, PartitionState
from penstock.warehouse.sql.dialect import Params, Session
from penstock.warehouse.sql.evolve import bind, from_stored_form
from penstock.warehouse.sql.shape import Shape, refer
from penstock.warehouse.table import Table
from penstock.warehouse.warehouse import RowSet


@dataclass(frozen=True, slots=True)
class SqlReader:
    """See `DatasetReader`."""

    session: Session
    catalog: Catalog

    def overview(self) -> tuple[TableState, ...]:
        """Return the state of every partition of every table."""
        return tuple(_state(row) for row in self._read("list_states", {}).rows)

    def loads(self, table: str, partition: str | None = None, *, limit: int = 50) -> tuple[TableWrite, ...]:
        """Return the writes to a table, the newest first."""
        found = self._read("list_loads", {"table": table, "part": partition, "limit": limit})
        return tuple(_write(row) for row in found.rows)

    def changes(
        self, table: str, partition: str | None = None, *, run_id: str | None = None, limit: int = 50
    ) -> tuple[RowChange, ...]:
        """Return changed rows of a table, those of the newest run first."""
        asked = {"table": table, "part": partition, "load": run_id, "limit": limit}
        return tuple(_change(row) for row in self._read("list_changes", asked).rows)

    def rows(self, table: str, partition: str | None = None, *, offset: int = 0, limit: int = 50) -> RowPage:
        """Return rows of a table in the order of its key."""
        stored = self.catalog.find_declaration(self.session, table)
        if stored is None:
            return RowPage((), (), is_more=False)
        declared = from_stored_form(stored)
        is_one_part = partition is not None and declared.partition is not None
        shape = Shape(declared, self.catalog.dialect, bind(declared, partition) if is_one_part else None)
        found = self._read(
            "list_rows",
            {**(shape.within_params if is_one_part else {}), "limit": limit + 1, "offset": offset},
            columns=", ".join(refer(_key_first(declared), "t")),
            target=shape.target,
            within=shape.within("t") if is_one_part else "true",
            order=", ".join(refer(declared.identity, "t")),
        )
        return RowPage(found.columns, tuple(found.rows[:limit]), is_more=len(found.rows) > limit)

    def _read(self, name: str, params: Params, **fragments: str) -> RowSet:
        template = load_statements(__package__, "reading.sql")[name]
        return self.session.read(template.format_map({**self.catalog.names, **fragments}), params)


def _key_first(table: Table) -> list[str]:
    return [*table.identity, *(column.name for column in table.columns if column.name not in table.identity)]


def _state(row: tuple[Any, ...]) -> TableState:
    table, partition, version, rows, content_sum, at, load = row
    fingerprint = PartitionState(version, rows, int(content_sum)).fingerprint
    return TableState(table, partition, fingerprint.value, version, rows, at and datetime.fromisoformat(at), load or "")


def _write(row: tuple[Any, ...]) -> TableWrite:
    load, partition, version, files, counts, at = row
    told = from_json(counts)
    return TableWrite(
        run_id=load,
        partition=partition,
        version=version,
        at=datetime.fromisoformat(at),
        files=tuple(from_json(files)),
        counts={name: count for name, count in told.items() if name != "rejected"},
        rejected=told.get("rejected", {}),
    )


def _change(row: tuple[Any, ...]) -> RowChange:
    load, partition, version, kind, key, old, new, changed = row
    columns = tuple(filter(None, (changed or "").split(",")))
    return RowChange(load, partition, version, kind, from_json(key), _row(old), _row(new), columns)


def _row(text: str | None) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = None if text is None else from_json(text)
    return found
