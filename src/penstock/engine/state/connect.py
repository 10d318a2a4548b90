"""Opens the state store a URL names; the only module that knows the backends."""

from __future__ import annotations

import re

from penstock.engine.state.store import StateStore
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean

_SCHEMES = ("memory", "sqlite", "postgresql")


def open_state_store(url: str, *, durability: str = "process") -> StateStore:
    """Return the store a URL names.

    That is `memory://`, `sqlite:///path/to/file` (relative; four slashes make it absolute) or
    `postgresql://user:password@host:port/database?schema=name`. The folder of a SQLite file is created, and so is the
    schema in PostgreSQL (`penstock_state` if none is named). Opening an old store brings it up to date.

    Args:
        durability: What a finished verb survives: `process` its kill; `power` the loss of power too, for a price.
            PostgreSQL knows `power` only.

    Raises:
        UsageError: The URL names no store this version knows.
        StateError: The file or database cannot be opened, or is not a state store.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "memory":
        from penstock.engine.state.backends.memory import MemoryStateStore

        return MemoryStateStore()
    if separator and scheme == "sqlite":
        from penstock.engine.state.backends.sqlite.store import SqliteStateStore

        return SqliteStateStore(_path_in(rest, url), durability="power" if durability == "power" else "process")
    if separator and scheme in ("postgresql", "postgres"):
        return _open_postgres(url)
    hint = did_you_mean(scheme, _SCHEMES) if separator else None
    raise UsageError(
        f"`{_without_password(url)}` names no state store",
        hint=hint or "write `memory://`, `sqlite:///path/to/state.sqlite` or `postgresql://host/database`",
    )


def schema_version(url: str) -> int | None:
    """Return the version an opened store at this URL has: that of its newest migration; None where there are none."""
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        from penstock.engine.state.backends.sqlite.migrate import KNOWN_VERSION

        return KNOWN_VERSION
    if scheme in ("postgresql", "postgres"):
        from penstock.engine.state.backends.postgres import migrate

        return migrate.KNOWN_VERSION
    return None


def _open_postgres(url: str) -> StateStore:
    try:
        from penstock.engine.state.backends.postgres.store import PostgresStateStore
    except ImportError as error:
        if error.name is None or not error.name.startswith("psycopg"):
            raise
        raise UsageError(
            "a state store in PostgreSQL needs the library `psycopg`, which is not installed",
            hint="pip install 'penstock[postgres]'",
        ) from error
    return PostgresStateStore(url)


def _without_password(url: str) -> str:
    return re.sub(r"(//[^:@/]*):[^@]*@", r"\1:***@", url)


def _path_in(rest: str, url: str) -> str:
    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path:
        raise UsageError(f"`{url}` names no file", hint="write `sqlite:///path/to/state.sqlite`, with three slashes")
    return path
