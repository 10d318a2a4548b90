"""Opens the pipeline's database, one SQLite file, with every migration applied."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from penstock import PenstockError
from penstock.pipelines.user_analytics.database.migrations import migrate

_SETTINGS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;
PRAGMA busy_timeout = 60000;
PRAGMA cache_size = -65536;
PRAGMA temp_store = MEMORY;
"""


@contextmanager
def open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """Lend the database at this path, made and migrated where it has to be; nothing is ever dropped.

    Raises:
        PenstockError: It cannot be opened, is no database, or is newer than this pipeline.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.executescript(_SETTINGS)
            migrate(database)
            yield database
    except OSError as error:
        raise PenstockError(
            f"cannot make the folder of `{path}`: {error.strerror}", hint="choose another with `--database`"
        ) from error
    except sqlite3.DatabaseError as error:
        raise PenstockError(
            f"the database `{path}` refused: {error}",
            hint="wait until no other program writes to it, or choose another file with `--database`",
        ) from error


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Make everything that is written meanwhile happen as one, or not at all."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
