"""Opens the state store a URL names; the only module that knows the backends."""

from __future__ import annotations

from penstock.engine.state.store import StateStore
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean

_SCHEMES = ("memory", "sqlite")


def open_state_store(url: str, *, durability: str = "process") -> StateStore:
    """Return the store for `memory://` or `sqlite:///path/to/file` (relative; four slashes make it absolute).

    The folder of a SQLite file is created. Opening an old file brings it up to date.

    Args:
        durability: What a finished verb survives: `process` its kill; `power` the loss of power too, for a price.

    Raises:
        UsageError: The URL names no store this version knows.
        StateError: The file cannot be opened, or is not a state store.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "memory":
        from penstock.engine.state.backends.memory import MemoryStateStore

        return MemoryStateStore()
    if separator and scheme == "sqlite":
        from penstock.engine.state.backends.sqlite.store import SqliteStateStore

        return SqliteStateStore(_path_in(rest, url), durability="power" if durability == "power" else "process")
    hint = did_you_mean(scheme, _SCHEMES) if separator else None
    raise UsageError(
        f"`{url}` names no state store", hint=hint or "write `memory://` or `sqlite:///path/to/state.sqlite`"
    )


def _path_in(rest: str, url: str) -> str:
    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path:
        raise UsageError(f"`{url}` names no file", hint="write `sqlite:///path/to/state.sqlite`, with three slashes")
    return path
