"""Brings the schema of a state store's file up to date, one numbered migration after the other."""

from __future__ import annotations

import sqlite3

from penstock.engine.state.backends.sqlite.connection import Database
from penstock.errors import NewerStateError, StateError
from penstock.kit.sqlfile import load_statements

#: In the order they are applied: the version of a file is how many of them it has seen.
_MIGRATIONS = ("0001_initial", "0002_schedules_and_budgets", "0003_item_errors")
KNOWN_VERSION = len(_MIGRATIONS)


def migrate(database: Database) -> None:
    """Apply what the file has not seen yet, all or nothing; processes that meet here wait for each other.

    Raises:
        NewerStateError: The file was written by a newer Penstock.
        StateError: The file holds the tables of another program.
    """
    with database.read() as db:
        version = _find_version(db, database)
    if version < KNOWN_VERSION:
        with database.write() as db:
            _apply(db, _find_version(db, database))
    elif version > KNOWN_VERSION:
        raise NewerStateError(
            f"the state store `{database.path}` has version {version}, but this Penstock knows version {KNOWN_VERSION}",
            hint="use the newer Penstock that wrote it",
        )


def _find_version(db: sqlite3.Connection, database: Database) -> int:
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StateError(
            f"the file `{database.path}` belongs to another program: it has tables, but no state store",
            hint="choose another file for the state store",
        )
    return int(db.execute("SELECT max(version) FROM schema_version").fetchone()[0])


def _apply(db: sqlite3.Connection, version: int) -> None:
    if version == 0:
        db.execute("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
        db.execute("INSERT INTO schema_version VALUES (0)")
    for name in _MIGRATIONS[version:]:
        for statement in load_statements(__package__, f"migrations/{name}.sql").values():
            db.execute(statement)
    db.execute("UPDATE schema_version SET version = ?", (max(version, KNOWN_VERSION),))
