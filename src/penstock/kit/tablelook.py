"""What a warehouse tells of its tables to those who look and never write: states, writes, changed rows, rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class TableState:
    """The state of one partition of a table.

    Args:
        partition: Its name; empty when the table has none.
        fingerprint: Identifies the content; `empty` for no rows.
        version: Rises by one with every write that changed a row.
        rows: How many there are.
        changed_at: When it came to this version; None where no write tells it.
        run_id: The run that brought it there; empty where none is told.
    """

    table: str
    partition: str
    fingerprint: str
    version: int
    rows: int
    changed_at: datetime | None = None
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class TableWrite:
    """One write that changed or rejected rows, or read files.

    Args:
        version: Of the partition after it.
        files: Names of the files the rows came from.
        counts: Rows by what became of them: `inserted`, `changed`, `unchanged`, `vanished`, `repeated`.
        rejected: Rows given and not stored, by reason.
    """

    run_id: str
    partition: str
    version: int
    at: datetime
    files: tuple[str, ...]
    counts: Mapping[str, int]
    rejected: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that a write inserted, changed or removed, after the partition's first load.

    Args:
        kind: `inserted`, `changed` or `vanished`.
        key: Values of the columns that identify the row; exact types as text.
        old: The row as it was; None when it is new.
        new: The row as it is; None when it vanished.
        columns: Names of those that differ, for a changed row.
    """

    run_id: str
    partition: str
    version: int
    kind: str
    key: Mapping[str, Any]
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows in the order of their key.

    Args:
        columns: Those of the key, then the others.
        is_more: Whether rows follow.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_more: bool


class DatasetReader(Protocol):
    """Reads what a warehouse keeps; nothing it does writes. A table that is not there has no states, writes and rows.

    Wherever a partition is named, None stands for all of them.
    """

    def overview(self) -> tuple[TableState, ...]:
        """Return the state of every partition of every table, by table and partition."""
        ...

    def loads(self, table: str, partition: str | None = None, *, limit: int = 50) -> tuple[TableWrite, ...]:
        """Return the writes to a table, the newest first."""
        ...

    def changes(
        self, table: str, partition: str | None = None, *, run_id: str | None = None, limit: int = 50
    ) -> tuple[RowChange, ...]:
        """Return changed rows of a table, those of the newest run first.

        Args:
            run_id: Only those of this run.
        """
        ...

    def rows(self, table: str, partition: str | None = None, *, offset: int = 0, limit: int = 50) -> RowPage:
        """Return rows of a table in the order of its key, from behind the first `offset` ones.

        Raises:
            WarehouseError: The partition's name does not fit its column.
        """
        ...


@runtime_checkable
class Browsable(Protocol):
    """A dataset outside the warehouse whose rows can be looked at."""

    def browse(self, params: Mapping[str, Any], *, offset: int = 0, limit: int = 50) -> RowPage:
        """Return rows in the order they lie in, from behind the first `offset` ones.

        Args:
            params: Values of the parameters that its place names.

        Raises:
            SourceError: It cannot be read, or not in a moment.
        """
        ...
