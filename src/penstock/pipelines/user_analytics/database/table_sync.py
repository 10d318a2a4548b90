"""Brings a table to its new content by writing the rows that differ, and counts them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_WRITES = ("inserted", "changed", "removed")


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of a table's rows.

    Args:
        before: How many there were.
        after: How many there are.
    """

    before: int
    after: int
    inserted: int
    changed: int
    unchanged: int
    removed: int

    @property
    def written(self) -> int:
        """How many rows were touched."""
        return self.inserted + self.changed + self.removed


def stage(database: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]] = ()) -> None:
    """Make the temporary table `new_…` for the rows a table is to hold, and put these into it.

    A row whose key is there already takes its place.
    """
    columns, keys = _columns(database, table)
    database.execute(f"DROP TABLE IF EXISTS temp.new_{table}")
    names = ", ".join(columns)
    key = ", ".join(keys)
    database.execute(f"CREATE TEMP TABLE new_{table} ({names}, PRIMARY KEY ({key})) WITHOUT ROWID")
    places = ", ".join("?" * len(columns))
    database.executemany(f"INSERT OR REPLACE INTO temp.new_{table} VALUES ({places})", rows)


def apply(database: sqlite3.Connection, table: str, scope: str = "TRUE") -> Changes:
    """Make the table hold what was staged: rows that are equal are not written, rows that vanished are removed.

    Args:
        scope: SQL that names the rows of the table that were staged anew; the others are left as they are.
    """
    columns, keys = _columns(database, table)
    new, names = f"temp.new_{table}", ", ".join(columns)
    rest = [column for column in columns if column not in keys]
    same = " AND ".join(f"old.{key} = new.{key}" for key in keys)
    before = _count(database, f"SELECT count(*) FROM main.{table}")
    changed = 0
    if rest:
        sets = ", ".join(f"{column} = new.{column}" for column in rest)
        differs = " OR ".join(f"old.{column} IS NOT new.{column}" for column in rest)
        update = f"UPDATE main.{table} AS old SET {sets} FROM {new} AS new WHERE {same} AND ({differs})"
        changed = database.execute(update).rowcount
    known = f"SELECT 1 FROM main.{table} AS old WHERE {same}"
    insert = f"INSERT INTO main.{table} ({names}) SELECT {names} FROM {new} AS new WHERE NOT EXISTS ({known})"
    inserted = database.execute(insert).rowcount
    staged = f"SELECT 1 FROM {new} AS new WHERE {same}"
    removed = database.execute(f"DELETE FROM main.{table} AS old WHERE ({scope}) AND NOT EXISTS ({staged})").rowcount
    database.execute(f"DROP TABLE {new}")
    return Changes(before, before + inserted - removed, inserted, changed, before - changed - removed, removed)


def replace_rows(database: sqlite3.Connection, table: str, rows: Iterable[Sequence[Any]]) -> Changes:
    """Make the table hold these rows, given in the order of its columns, and no others."""
    stage(database, table, rows)
    return apply(database, table)


def together(parts: Sequence[Changes]) -> Changes:
    """Return what became of a table in several writes after each other.

    Raises:
        ValueError: There was none.
    """
    if not parts:
        raise ValueError("no writes to put together")
    inserted, changed, removed = (sum(getattr(part, name) for part in parts) for name in _WRITES)
    after = parts[-1].after
    return Changes(parts[0].before, after, inserted, changed, max(0, after - inserted - changed), removed)


def _columns(database: sqlite3.Connection, table: str) -> tuple[list[str], list[str]]:
    found = database.execute("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (table,)).fetchall()
    keys = sorted((place, name) for name, place in found if place)
    return [name for name, _ in found], [name for _, name in keys]


def _count(database: sqlite3.Connection, query: str) -> int:
    return int(database.execute(query).fetchone()[0])
