"""What reading a pipeline's file takes from rooms that the engine does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.definition.dataset import Fingerprinted

#: Makes a table of an SQLite file a dataset: path as written, name of the table, folder where the path begins.
OpenTable = Callable[[str, str, Path], Fingerprinted]
#: Returns when the rule of a schedule can be read, and raises a `PenstockError` otherwise.
CheckRule = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a reader is handed; without, tables of SQLite files are refused, and rules are read when deployed."""

    open_table: OpenTable | None = None
    check_rule: CheckRule | None = None
