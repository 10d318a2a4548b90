"""Prints what a pipeline found out: the tables its `results.sql` asks for, from the warehouse."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import PipelineCommand, given_params, json_option, typed_command
from penstock.cli.output import emit, emit_json, say, say_hints
from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import UsageError, WarehouseError
from penstock.kit.sqlfile import load_statements

if TYPE_CHECKING:
    from penstock.warehouse.warehouse import RowSet, Warehouse

_FILE = "results.sql"
#: A column of this name holds numbers joined by commas, to be drawn as small bars.
_SERIES = "series"


@click.command("results", cls=PipelineCommand)
@click.argument("pipeline")
@json_option
@pass_invocation
@click.pass_context
def results_command(ctx: click.Context, invocation: Invocation, *, pipeline: str, as_json: bool) -> int:
    """Show the result tables of a pipeline.

    As they are in the warehouse: of the partition the parameters name, or of that of the newest run. Shown is what
    the pipeline's `results.sql` asks for.
    """
    engine = invocation.engine
    known = engine.pipeline(pipeline)
    if not has_results(known):
        raise UsageError(
            f"pipeline `{pipeline}` has no result tables: there is no `{_FILE}` beside it",
            hint="query its tables instead: penstock show " + pipeline,
        )
    params = _partition_params(invocation, known, given_params(ctx))
    partition = known.partition(params)
    if not engine.store.load_completions(known.name, partition):
        raise UsageError(
            f"no task of `{pipeline}` has completed in {partition or 'it'} yet", hint=f"penstock history {pipeline}"
        )
    found = read_results(known, engine.resources_for(known).get("warehouse"), params)
    if as_json:
        emit_json({"pipeline": known.name, "partition": partition, "results": _results_json(found)})
    else:
        print_results(found)
    return 0


def _partition_params(invocation: Invocation, pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, Any]:
    naming = [param for param in pipeline.params if param.partition]
    missing = [param.name for param in naming if param.name not in given]
    runs = invocation.engine.history(pipeline.name, limit=1) if missing else []
    if missing and not runs:
        raise UsageError(f"there are no runs of `{pipeline.name}` yet", hint=typed_command("run", pipeline))
    newest: Mapping[str, Any] = runs[0].run.params if runs else {}
    return {param.name: given.get(param.name, newest.get(param.name)) for param in naming}


def has_results(pipeline: Pipeline) -> bool:
    """Tell whether a pipeline has a `results.sql` beside it."""
    return _package(pipeline) is not None


def _package(pipeline: Pipeline) -> str | None:
    for task in pipeline.tasks.values():
        package = task.body.__module__.rpartition(".")[0]
        module = sys.modules.get(package)
        if module is not None and module.__file__ and (Path(module.__file__).parent / _FILE).is_file():
            return package
    return None


def read_results(pipeline: Pipeline, warehouse: Warehouse, params: Mapping[str, Any]) -> Iterator[tuple[str, RowSet]]:
    """Yield each result the pipeline's folder asks for, by name; those whose tables are not there yet are told.

    Args:
        params: The parameters that name the partition.
    """
    from penstock.warehouse.rows import Query

    package = _package(pipeline)
    assert package is not None  # noqa: S101 - callers ask `has_results` first
    for name in load_statements(package, _FILE):
        try:
            yield name, warehouse.query(Query(package, _FILE, name, params))
        except WarehouseError as error:
            say(f"cannot show `{_title(name)}`: {error.message}")


def _results_json(found: Iterator[tuple[str, RowSet]]) -> dict[str, Any]:
    return {name: list(rows.dicts()) for name, rows in found}


def print_results(found: Iterator[tuple[str, RowSet]]) -> None:
    """Print each result as a table."""
    from penstock.cli.render import print_table

    for name, rows in found:
        numbers = [place for place, _ in enumerate(rows.columns) if _holds_numbers(rows, place)]
        header = [column.replace("_", " ") for column in rows.columns]
        emit()
        print_table(_title(name), header, [_cells(rows, row) for row in rows.rows], numbers=numbers)


def say_where_results_are(pipeline: Pipeline, params: Mapping[str, Any]) -> None:
    """Name the command that shows the results of a partition, if the pipeline has any."""
    if has_results(pipeline):
        flags = "".join(f" {one.flag} {params[one.name]}" for one in pipeline.params if one.partition)
        say_hints([f"penstock results {pipeline.name}{flags}"])


def _title(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _holds_numbers(found: RowSet, place: int) -> bool:
    values = [str(row[place]) for row in found.rows if row[place] is not None]
    return bool(values) and all(value[-1] in "0123456789%" for value in values) and found.columns[place] != _SERIES


def _cells(found: RowSet, row: tuple[object, ...]) -> list[str]:
    return [_cell(column, value) for column, value in zip(found.columns, row, strict=True)]


def _cell(column: str, value: object) -> str:
    from penstock.cli.render import sparkline

    if value is None:
        return ""
    if column == _SERIES:
        return sparkline([float(one) for one in str(value).split(",")])
    return f"{value:,}" if isinstance(value, int) else str(value)
