"""A short look at a dataset: its state, writes, changed rows and a page of rows, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import ConflictError, PenstockError, SourceError, UsageError, WarehouseError
from penstock.kit.tablelook import Browsable, DatasetReader, RowChange, RowPage, TableState, TableWrite
from penstock.web.console import Console
from penstock.web.pages.dataset_known import Known, params_of
from penstock.web.words import brief

ROWS = 50
#: Nobody reads further page by page; whoever wants more asks the warehouse.
MOST_PAGES = 200
_LOADS, _CHANGES = 20, 25
_LONGEST_CELL = 140
_SIGNS = {"inserted": "+", "vanished": "−"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row: its text, cut where it grows long."""

    text: str
    is_null: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    page: int
    is_more: bool

    @property
    def first(self) -> int:
        """Number of the first row here, from 1."""
        return (self.page - 1) * ROWS + 1


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a changed row."""

    column: str
    old: Cell
    new: Cell


@dataclass(frozen=True, slots=True)
class Changed:
    """One changed row.

    Args:
        key: The row's key in words.
        differences: Of a changed row, the columns that differ.
        told: Of a new or a vanished row, its values in short.
    """

    change: RowChange
    key: str
    differences: Sequence[Difference]
    told: str

    @property
    def sign(self) -> str:
        """A sign beside the word for what became of it."""
        return _SIGNS.get(self.change.kind, "±")


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Args:
        problem: Why nothing, or not all, was seen; empty when all was.
    """

    states: Sequence[TableState] = ()
    loads: Sequence[TableWrite] = ()
    changes: Sequence[Changed] = ()
    rows: Shown | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks to see.

    Args:
        partition: None for all of them.
        run_id: The run whose changes are wanted; None for any.
        page: Of the rows, from 1.
    """

    partition: str | None = None
    run_id: str | None = None
    page: int = 1
    order: Mapping[str, int] = field(default_factory=dict)


def look_at(console: Console, known: Known, wanted: Wanted) -> Look:
    """Return what can be seen of a dataset now; of one that nobody can look into, nothing.

    Raises:
        UsageError: The table has no such partition.
    """
    if known.table is not None:
        return _look_at_table(console, known, wanted)
    if isinstance(known.declared, Browsable):
        return _browse(console, known.declared, known.pipeline, wanted)
    return Look()


def _look_at_table(console: Console, known: Known, wanted: Wanted) -> Look:
    try:
        with console.engine.data.look() as reader:
            return _read(reader, known, wanted)
    except (ConflictError, WarehouseError) as error:
        return Look(problem=_told(error))


def _read(reader: DatasetReader, known: Known, wanted: Wanted) -> Look:
    states = [one for one in reader.overview() if one.table == known.name]
    partitions = [one.partition for one in states if one.partition]
    if wanted.partition is not None and wanted.partition not in partitions:
        listed = ", ".join(f"`{one}`" for one in partitions[:20])
        raise UsageError(
            f"table `{known.name}` has no partition `{wanted.partition}`",
            hint=f"it has {listed}" if listed else "it has none",
        )
    changes = reader.changes(known.name, wanted.partition, run_id=wanted.run_id, limit=_CHANGES)
    found = reader.rows(known.name, wanted.partition, offset=(wanted.page - 1) * ROWS, limit=ROWS)
    return Look(
        states=states,
        loads=reader.loads(known.name, wanted.partition, limit=_LOADS),
        changes=[_changed(one) for one in changes],
        rows=_shown(found, wanted) if states else None,
    )


def _browse(console: Console, dataset: Browsable, pipeline: Pipeline, wanted: Wanted) -> Look:
    params = params_of(console, pipeline, wanted.run_id)
    try:
        found = dataset.browse(params, offset=(wanted.page - 1) * ROWS, limit=ROWS)
    except SourceError as error:
        return Look(problem=_told(error))
    except KeyError as error:
        return Look(problem=f"its place depends on parameter `{error.args[0]}`, and no run has given it yet")
    return Look(rows=_shown(found, wanted))


def _told(error: PenstockError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _shown(found: RowPage, wanted: Wanted) -> Shown:
    places = sorted(range(len(found.columns)), key=lambda place: wanted.order.get(found.columns[place], place))
    rows = [[cell_of(row[place]) for place in places] for row in found.rows]
    return Shown([found.columns[place] for place in places], rows, wanted.page, found.is_more)


def cell_of(value: Any) -> Cell:
    """Return a value as it is shown."""
    if value is None:
        return Cell("", is_null=True)
    if isinstance(value, bytes):
        return Cell(f"{len(value):,} bytes")
    if isinstance(value, datetime):
        return Cell(value.isoformat(sep=" ", timespec="seconds").replace("+00:00", "Z"))
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return Cell(str(value) if is_number else brief(value, _LONGEST_CELL), is_number=is_number)


def _changed(change: RowChange) -> Changed:
    old, new = change.old or {}, change.new or {}
    key = ", ".join(f"{name}={brief(value, 60)}" for name, value in change.key.items())
    differences = [Difference(name, cell_of(old.get(name)), cell_of(new.get(name))) for name in change.columns]
    rest = {name: value for name, value in (new or old).items() if name not in change.key and value is not None}
    told = "" if differences else ", ".join(f"{name}={brief(value, 40)}" for name, value in rest.items())
    return Changed(change, key, differences, brief(told, 240))
