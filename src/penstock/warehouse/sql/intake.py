"""Staging: given rows of any kind become one temporary table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from penstock.errors import WarehouseError
from penstock.kit.spelling import did_you_mean
from penstock.warehouse.rows import DelimitedFiles, Query
from penstock.warehouse.sql.coerce import coerce
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.sql.lines import iter_lines
from penstock.warehouse.sql.shape import Shape
from penstock.warehouse.sql.write import Intake, Write
from penstock.warehouse.table import ColumnType

_BATCH = 5000
#: Line numbers of later files sort after all of earlier ones.
FILE_STRIDE = 2**40


def stage_rows(write: Write, rows: Iterable[Mapping[str, object]]) -> None:
    """Stage Python rows batch by batch; all of them are never held in memory.

    Raises:
        WarehouseError: A row names an unknown column, or a value does not fit its column.
    """
    source = iter(rows)
    names = [*write.shape.names, "_seq"]
    seen = 0
    while chunk := list(islice(source, _BATCH)):
        batch = [(*_coerced(write.shape, row), seen + place) for place, row in enumerate(chunk)]
        write.session.stage_batch(write.staging, names, batch)
        seen += len(chunk)


def stage_query(write: Write, query: Query) -> None:
    """Stage the rows of a query inside the warehouse.

    Raises:
        WarehouseError: The query fails, or names an unknown column.
    """
    shape, sql = write.shape, query.sql.rstrip().rstrip(";")
    found = write.session.describe(sql, query.params)
    _refuse_unknown(shape, found)
    expressions = {name: quote(name) for name in found}
    params = dict(query.params)
    if shape.declaration.partition is not None and shape.declaration.partition not in found:
        expressions[shape.declaration.partition] = "$penstock_partition"
        params["penstock_partition"] = shape.partition
    write.session.stage_query(write.staging, sql, params, expressions)
    _refuse_other_partition(write)


def stage_lines(write: Write, files: DelimitedFiles) -> Intake:
    """Stage the lines of files in Python: the way of engines without a reader of their own."""
    names = [*files.columns, *constants(write.shape, files), "_file", "_line", "_seq"]
    for batch in _iter_batches(write, files):
        write.session.stage_batch(write.staging, names, batch)
    return Intake()


def constants(shape: Shape, files: DelimitedFiles) -> dict[str, object]:
    """Return the columns that are the same in every line, the partition among them, coerced.

    Raises:
        WarehouseError: The files are declared for another partition, or a value does not fit its column.
    """
    by_name = {column.name: column for column in shape.declaration.columns}
    table = shape.declaration.name
    values = {name: coerce(by_name[name], value, table) for name, value in files.constants.items()}
    partition = shape.declaration.partition
    if partition is not None and partition not in files.columns:
        _require_partition(shape, values.setdefault(partition, shape.partition))
    return values


def refuse_misfit(shape: Shape, files: DelimitedFiles) -> None:
    """Refuse files that do not fit the table: fields are text and become columns of text.

    Raises:
        WarehouseError: A field or constant is unknown or named twice, or a field's column holds another type.
    """
    names = [*files.columns, *files.constants]
    _refuse_unknown(shape, names)
    if len(set(names)) != len(names):
        raise WarehouseError(f"the files for table `{shape.declaration.name}` name a column twice")
    for column in shape.declaration.columns:
        if column.name in files.columns and column.type is not ColumnType.TEXT:
            raise WarehouseError(
                f"column `{column.name}` of table `{shape.declaration.name}` holds {column.type}; fields are text",
                hint="declare it as text here, and give it its type in the next layer",
            )


def _iter_batches(write: Write, files: DelimitedFiles) -> Iterator[list[tuple[object, ...]]]:
    fixed = tuple(constants(write.shape, files).values())
    width = len(files.columns) + files.trailing_delimiter
    batch: list[tuple[object, ...]] = []
    for place, file in enumerate(files.files):
        for number, text in iter_lines(file):
            fields = text.split(files.delimiter)
            if len(fields) != width:
                _reject_line(write, file.name, number, text)
                continue
            values = [field or None for field in fields[: len(files.columns)]]
            batch.append((*values, *fixed, file.name, number, place * FILE_STRIDE + number))
            if len(batch) == _BATCH:
                yield batch
                batch = []
    yield batch


def _reject_line(write: Write, file: str, number: int, text: str) -> None:
    insert = f"insert into {write.temporary('rejected')} values ('field count', $file, $line, $raw)"
    write.session.run(insert, {"file": file, "line": number, "raw": text})


def _coerced(shape: Shape, row: Mapping[str, object]) -> list[object]:
    if not row.keys() <= set(shape.names):
        _refuse_unknown(shape, list(row))
    table = shape.declaration.name
    partition = shape.declaration.partition
    values = {column.name: coerce(column, row.get(column.name), table) for column in shape.declaration.columns}
    if partition is not None:
        values[partition] = shape.partition if partition not in row else values[partition]
        _require_partition(shape, values[partition])
    return list(values.values())


def _refuse_unknown(shape: Shape, names: Iterable[str]) -> None:
    for name in names:
        if name not in shape.names:
            raise WarehouseError(
                f"table `{shape.declaration.name}` has no column `{name}`",
                hint=did_you_mean(name, shape.names) or f"its columns are {', '.join(shape.names)}",
            )


def _require_partition(shape: Shape, value: object) -> None:
    if value != shape.partition:
        raise WarehouseError(
            f"a row of partition `{value}` was given to partition `{shape.partition}` of `{shape.declaration.name}`",
            hint="bind the table to the rows' own partition",
        )


def _refuse_other_partition(write: Write) -> None:
    if write.shape.declaration.partition is None:
        return
    column = quote(write.shape.declaration.partition)
    sql = f"select {column} from {write.temporary('given')} where {column} is distinct from $partition limit 1"
    for (value,) in write.session.run(sql, write.shape.within_params):
        _require_partition(write.shape, value)
