"""Creating tables, adding columns to them, and computing their hashes anew."""

from __future__ import annotations

from dataclasses import replace

from penstock.errors import DefinitionError, WarehouseError
from penstock.kit.jsonable import Json
from penstock.warehouse.sql.catalog import Catalog, PartitionState, hash_sum
from penstock.warehouse.sql.coerce import coerce
from penstock.warehouse.sql.dialect import Session
from penstock.warehouse.sql.shape import HASH, Shape
from penstock.warehouse.table import Column, ColumnType, Table


def stored_form(table: Table) -> Json:
    """Return the declaration as the books keep it."""
    return {
        "name": table.name,
        "columns": {column.name: column.type.value for column in table.columns},
        "key": list(table.key),
        "partition": table.partition,
        "lineage": table.lineage,
    }


def from_stored_form(stored: Json) -> Table:
    """Return a declaration with what the books keep of it."""
    columns = tuple(Column(name, ColumnType(kind)) for name, kind in stored["columns"].items())
    return Table(
        stored["name"], columns, tuple(stored["key"]), partition=stored["partition"], lineage=stored["lineage"]
    )


def bind(table: Table, partition: str | None) -> object:
    """Return the partition's value as the partition column holds it; None when the table has none.

    Raises:
        WarehouseError: The table has partitions and no value is given, or the value does not fit.
    """
    if table.partition is None:
        return None
    if partition is None:
        raise WarehouseError(
            f"table `{table.name}` has a partition for every `{table.partition}`, and none is named",
            hint=f"pass the value of `{table.partition}`",
        )
    column = next(column for column in table.columns if column.name == table.partition)
    return coerce(column, partition, table.name)


def ensure_table(session: Session, catalog: Catalog, shape: Shape) -> None:
    """Create the table, add the columns it lacks, or make it anew if it fits no longer and holds no rows.

    Raises:
        DefinitionError: A column has a name that is the warehouse's own.
        WarehouseError: The stored table differs in a way that cannot be added to, and holds rows.
    """
    _refuse_reserved(shape.declaration)
    name = shape.declaration.name
    known = catalog.find_declaration(session, name)
    if known is not None and known == _wanted(shape.declaration, known):
        return
    with session.transaction(name):
        # Another thread or process may have made the table between that look and this one.
        stored = catalog.find_declaration(session, name)
        if stored is None:
            _create(session, shape)
        elif differences := _list_differences(shape.declaration, stored):
            _refuse_rows(session, catalog, shape, differences)
            session.run(f"drop table {shape.target}")
            _create(session, shape)
            stored = None
        else:
            _add_columns(session, catalog, shape, stored)
        catalog.save_declaration(session, name, _wanted(shape.declaration, stored))


def rehash(session: Session, catalog: Catalog, table: Table) -> None:
    """Compute the table's stored hashes and fingerprints from its rows, versions left as they are."""
    shape = Shape(table, catalog.dialect)
    forget_lines = ", _line_hash = null" if table.lineage else ""
    session.run(f"update {shape.target} set {HASH} = {shape.hash_of()}{forget_lines}")
    sums = f"count(*), coalesce(sum({HASH} & 4294967295), 0), coalesce(sum({HASH} >> 32), 0)"
    for part, version, _ in catalog.run(session, "list_partitions", {"table": table.name}):
        bound = replace(shape, partition=bind(table, part))
        sql = f"select {sums} from {shape.target} as t where {bound.within('t')}"
        rows, low, high = session.run(sql, bound.within_params)[0]
        catalog.save_partition(session, table.name, part, PartitionState(version, rows, hash_sum(low, high)))


def _refuse_reserved(table: Table) -> None:
    for column in table.columns:
        if column.name.startswith("_") or column.name.lower() == "rowid":
            raise DefinitionError(
                f"column `{column.name}` of table `{table.name}` has a name that is the warehouse's own",
                hint="columns may not begin with `_` or be called `rowid`",
            )


def _wanted(table: Table, stored: Json) -> Json:
    # Lineage that was kept once stays: rows of files have it, whatever is declared later.
    return {**stored_form(table), "lineage": table.lineage or bool(stored and stored["lineage"])}


def _create(session: Session, shape: Shape) -> None:
    hidden = {**shape.typed_lineage, HASH: f"{shape.dialect.hash_type} not null"}
    parts = [shape.typed_columns, *(f"{name} {kind}" for name, kind in hidden.items())]
    options = shape.dialect.table_options(shape.declaration.identity)
    session.run(f"create table {shape.target} ({', '.join(parts)}{options})")


def _add_columns(session: Session, catalog: Catalog, shape: Shape, stored: Json) -> None:
    lineage = {} if stored["lineage"] else shape.typed_lineage
    new = [column for column in shape.declaration.columns if column.name not in stored["columns"]]
    for definition in [*map(shape.typed, new), *(f"{name} {kind}" for name, kind in lineage.items())]:
        session.run(f"alter table {shape.target} add column {definition}")
    if new:
        table = replace(shape.declaration, lineage=shape.declaration.lineage or stored["lineage"])
        rehash(session, catalog, table)
        for part, version, rows in catalog.run(session, "list_partitions", {"table": table.name}):
            state = catalog.get_partition(session, table.name, part)
            moved = replace(state, version=version + bool(rows))
            catalog.save_partition(session, table.name, part, moved)


def _list_differences(table: Table, stored: Json) -> list[str]:
    kinds = {column.name: column.type.value for column in table.columns}
    return [
        *(f"column `{name}` is gone" for name in stored["columns"] if name not in kinds),
        *(
            f"column `{name}` is {kind}, stored as {stored['columns'][name]}"
            for name, kind in kinds.items()
            if stored["columns"].get(name, kind) != kind
        ),
        *(["its key is another"] if list(table.key) != stored["key"] else []),
        *(["its partition column is another"] if table.partition != stored["partition"] else []),
    ]


def _refuse_rows(session: Session, catalog: Catalog, shape: Shape, differences: list[str]) -> None:
    if not session.run(f"select 1 from {shape.target} limit 1"):
        return
    name = shape.declaration.name
    parts = [part for part, _, rows in catalog.run(session, "list_partitions", {"table": name}) if rows and part]
    where = f" with the parameters of each partition ({', '.join(f'`{part}`' for part in sorted(parts))})"
    raise WarehouseError(
        f"table `{name}` is declared differently from how it is stored: {', '.join(differences)}",
        hint=f"remove its rows with `penstock reset PIPELINE --data`{where if parts else ''} and run again, "
        "or declare it under a new name",
    )
