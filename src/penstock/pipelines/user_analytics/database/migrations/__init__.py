"""Brings the database's layout up to date: numbered files, applied once each, which only ever add."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from penstock import PenstockError


def migrate(database: sqlite3.Connection) -> None:
    """Apply the migrations the database has not seen, all of them or none.

    Raises:
        PenstockError: It was written by a newer version of the pipeline.
    """
    files = sorted(Path(__file__).parent.glob("[0-9]*.sql"))
    if _version(database) == len(files):
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        _apply(database, files)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _apply(database: sqlite3.Connection, files: list[Path]) -> None:
    database.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    version = _version(database)
    if version > len(files):
        raise PenstockError(
            f"the database has layout {version}, and this pipeline knows {len(files)}",
            hint="use the version of Penstock that wrote it, or a newer one",
        )
    for number, file in enumerate(files[version:], start=version + 1):
        for statement in file.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                database.execute(statement)
        database.execute("INSERT INTO schema_version VALUES (?, ?)", (number, file.stem))


def _version(database: sqlite3.Connection) -> int:
    known = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'").fetchone()[0]
    if not known:
        return 0
    return int(database.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()[0])
