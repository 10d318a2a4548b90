"""From a URL to a warehouse: the only module that knows which engines there are."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import UsageError, WarehouseError
from penstock.kit.clock import Clock, SystemClock
from penstock.kit.spelling import did_you_mean
from penstock.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    from penstock.warehouse.sqlite.foreign import SqliteTable

#: What DuckDB keeps in memory at most; more is spilled to the work folder.
MEMORY_LIMIT = "2GB"

_SERIAL = count(1)
_SCHEMES = ("duckdb", "sqlite", "postgresql")
_FILES = ("duckdb", "sqlite")


def open_warehouse(
    url: str,
    *,
    workdir: Path | None = None,
    memory_limit: str = MEMORY_LIMIT,
    clock: Clock | None = None,
    patience: timedelta = timedelta(0),
) -> Warehouse:
    """Return the warehouse at a URL; it connects when the first verb needs it.

    Args:
        url: `duckdb:///file`, `sqlite:///file` (four slashes before an absolute path), `duckdb://` and `sqlite://`
            for one in memory, or `postgresql://user:password@host:port/database`.
        workdir: Folder for temporary files; the folder of the database when None.
        memory_limit: What the engine keeps in memory at most, where it can be told, e.g. `2GB`.
        patience: How long a verb waits for another process that holds the file, or writes to the same place on a
            server, before it raises `ConflictError`.

    Raises:
        UsageError: The URL names no known engine or no file.
        WarehouseError: The engine is not installed, or the folder cannot be made.
    """
    if url.startswith("postgresql://"):
        return _open_postgres(url, clock or SystemClock(), patience)
    scheme, path = _parse(url)
    folder = workdir or (path.parent if path else Path(tempfile.gettempdir()))
    spill = folder / (f"{path.name}.spill" if path else f"penstock-{os.getpid()}-{next(_SERIAL)}.spill")
    if path is not None:
        _make_folder(path.parent)
    from penstock.warehouse.sql.store import SqlWarehouse

    if scheme == "sqlite":
        from penstock.warehouse.sqlite.engine import SqliteEngine

        return SqlWarehouse(SqliteEngine(url, path), clock or SystemClock())
    if find_spec("duckdb") is None:
        raise WarehouseError("duckdb is not installed", hint="install the extra `data`: pip install 'penstock[data]'")
    from penstock.warehouse.duckdb.engine import DuckdbEngine

    time = clock or SystemClock()
    engine = DuckdbEngine(url, path, spill, memory_limit=memory_limit, clock=time, patience=patience)
    return SqlWarehouse(engine, time)


def foreign_table(path: str, table: str, folder: Path) -> SqliteTable:
    """Return a table of an SQLite file that others write, as a dataset that tells its own state.

    Args:
        path: The file; `{param}` stands for the value of a parameter.
        folder: Where a relative path begins.
    """
    from penstock.warehouse.sqlite.foreign import SqliteTable

    return SqliteTable(path, table, folder)


def _open_postgres(url: str, clock: Clock, patience: timedelta) -> Warehouse:
    if find_spec("psycopg") is None:
        raise WarehouseError(
            "psycopg is not installed", hint="install the extra `postgres`: pip install 'penstock[postgres]'"
        )
    from penstock.warehouse.postgres.address import parse_address
    from penstock.warehouse.postgres.engine import PostgresEngine
    from penstock.warehouse.sql.store import SqlWarehouse

    return SqlWarehouse(PostgresEngine(parse_address(url), patience=patience), clock)


def _parse(url: str) -> tuple[str, Path | None]:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SCHEMES:
        known = ", ".join([*(f"{name}:///file" for name in _FILES), "postgresql://user:password@host/database"])
        raise UsageError(
            f"`{_without_password(url)}` is not the URL of a warehouse",
            hint=did_you_mean(scheme, _SCHEMES) or f"write one of {known}",
        )
    if rest and not rest.startswith("/"):
        raise UsageError(f"`{url}` names a server, not a file", hint=f"write `{scheme}:///{rest}`")
    name = rest[1:]
    return scheme, None if name in ("", ":memory:") else Path(name)


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"folder `{folder}` for the warehouse cannot be made: {error.strerror or error}",
            hint="name another place in the URL",
        ) from error
