"""DuckDB's exceptions as Penstock's: what happened, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from penstock.errors import ConflictError, PenstockError, WarehouseError

_PID = re.compile(r"PID (\d+)")
# Each: what DuckDB's message contains, what it means, what to do.
_KNOWN = (
    ("No space left on device|File too large|max_temp_directory_size", "is out of disk space", "free some space"),
    ("Out of Memory Error", "is out of memory", "raise the memory limit, or free memory on this machine"),
    ("Permission denied|Read-only file system|read-only mode", "cannot be written", "check the folder's permissions"),
    (
        "version number|newer version|storage version",
        "was written by another version of DuckDB",
        "upgrade the `data` extra, or load into a new file",
    ),
    (
        "not a valid DuckDB|[Cc]orrupt|checksum|Could not read enough bytes|Failed to deserialize|WAL file",
        "is damaged",
        "restore a backup, or move the file away and load again",
    ),
    ("INTERRUPT Error|Interrupted", "was interrupted", "run it again"),
    ("pytz", "cannot return a timestamp with time zone", "write `x at time zone 'UTC'` in the query"),
    ("Cannot open file|IO Error", "cannot be opened or read", "check that its folder exists and is readable"),
)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise what DuckDB raises inside as an error about the warehouse of this name.

    Raises:
        ConflictError: Another process holds the file.
        WarehouseError: Anything else.
    """
    try:
        yield
    except (duckdb.Error, RuntimeError) as error:
        raise _translate(name, str(error)) from error


def _translate(name: str, message: str) -> PenstockError:
    if "Could not set lock" in message or "Conflicting lock" in message:
        found = _PID.search(message)
        holder = f"process PID {found.group(1)}" if found else "another process"
        return ConflictError(
            f"warehouse `{name}` is in use by {holder}", hint="wait until it ends, or stop it, and run again"
        )
    for pattern, meaning, hint in _KNOWN:
        if re.search(pattern, message):
            return WarehouseError(f"warehouse `{name}` {meaning}: {_first_lines(message)}", hint=hint)
    return WarehouseError(f"warehouse `{name}` refused a statement: {_first_lines(message)}")


def _first_lines(message: str) -> str:
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return "; ".join(lines[:2]).rstrip(".")
