"""The declaration of a table: its columns, key, layer, partition and expectations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from penstock.errors import DefinitionError


class Layer(StrEnum):
    """How far a table's rows have come; also the schema the table lies in."""

    #: As received.
    BRONZE = "bronze"
    #: Clean.
    SILVER = "silver"
    #: Aggregated.
    GOLD = "gold"


class ColumnType(StrEnum):
    """What a column holds; every engine maps these to types of its own."""

    TEXT = "text"
    #: 64-bit whole number.
    INTEGER = "integer"
    #: Exact decimal with 2 places (18 digits): amounts in US dollars.
    MONEY = "money"
    #: Floating point: shares, scores, indexes; never amounts.
    REAL = "real"
    BOOLEAN = "boolean"
    DATE = "date"
    #: Aware UTC timestamp.
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        doc: What it holds, with its unit or the publisher's name for it.
        required: Whether NULL is refused.
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    doc: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """A condition that every row, or the table as a whole, has to meet before a change is published.

    Args:
        sql: A boolean expression. For `per_row`, over the table's columns; else over aggregates of all rows.
        name: What is expected, as a short sentence.
    """

    name: str
    sql: str
    per_row: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset of rows.

    Args:
        name: `layer.noun`, e.g. `silver.contributions`.
        key: Columns that identify a row within the partition.
        partition: Column that holds the run's partition value, part of every key; None when rows of all runs are one.
        lineage: Whether rows carry the columns `_file`, `_line` and `_load` (set for rows read from files).
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    doc: str = ""
    partition: str | None = None
    lineage: bool = False
    expectations: tuple[Expectation, ...] = field(default=())

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        schema, _, noun = self.name.partition(".")
        if schema not in set(Layer) or not noun.replace("_", "").isalnum():
            raise DefinitionError(f"table `{self.name}` must be named `bronze.x`, `silver.x` or `gold.x`")
        if len(set(names)) != len(names):
            raise DefinitionError(f"table `{self.name}` declares a column twice")
        self._refuse_unknown(self.key, names, "key")
        self._refuse_unknown([self.partition] if self.partition else [], names, "partition")
        if not self.key:
            raise DefinitionError(f"table `{self.name}` has no key")

    def _refuse_unknown(self, wanted: Sequence[str], names: Sequence[str], role: str) -> None:
        for name in wanted:
            if name not in names:
                raise DefinitionError(f"table `{self.name}` names `{name}` as {role}, but has no such column")

    @property
    def shape(self) -> list[object]:
        """What of the declaration decides about content: a change of it makes the task that fills the table stale."""
        columns = [[column.name, column.type.value, column.required] for column in self.columns]
        expected = [[expectation.name, expectation.sql, expectation.per_row] for expectation in self.expectations]
        return [columns, list(self.key), self.partition, self.lineage, expected]

    @property
    def layer(self) -> Layer:
        """The layer the name begins with."""
        return Layer(self.name.partition(".")[0])

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that identify a row among all partitions: the partition column, then the key."""
        if self.partition is None or self.partition in self.key:
            return self.key
        return (self.partition, *self.key)
