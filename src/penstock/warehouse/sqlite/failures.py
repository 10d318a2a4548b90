"""SQLite's exceptions as Penstock's: what happened, and what to do next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from penstock.errors import ConflictError, WarehouseError

# Each: how SQLite's error name begins, what it means, what to do.
_KNOWN = (
    ("SQLITE_FULL", "is out of disk space", "free some space"),
    ("SQLITE_IOERR", "cannot be read or written", "check the disk and its free space"),
    ("SQLITE_READONLY", "cannot be written", "check the permissions of the file and its folder"),
    ("SQLITE_CANTOPEN", "cannot be opened", "check that its folder exists and may be written"),
    ("SQLITE_NOTADB", "is not an SQLite file", "restore a backup, or move the file away and load again"),
    ("SQLITE_CORRUPT", "is damaged", "restore a backup, or move the file away and load again"),
    ("SQLITE_INTERRUPT", "was interrupted", "run it again"),
    ("SQLITE_AUTH", "refused a query that would do more than read", "write rows with `upsert` or `replace`"),
)
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise what SQLite raises inside as an error about the warehouse of this name.

    Raises:
        ConflictError: Another process is writing.
        WarehouseError: Anything else.
    """
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        code = getattr(error, "sqlite_errorname", "") or ""
        if code.startswith(_BUSY):
            raise ConflictError(
                f"warehouse `{name}` is in use by another process",
                hint="wait until it ends, or stop it, and run again",
            ) from error
        for start, meaning, hint in _KNOWN:
            if code.startswith(start):
                raise WarehouseError(f"warehouse `{name}` {meaning}: {error}", hint=hint) from error
        raise WarehouseError(f"warehouse `{name}` refused a statement: {error}") from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise WarehouseError(f"warehouse `{name}` cannot store a value: {error}") from error
