"""Opens the SQLite file and runs transactions on it; no `sqlite3` error leaves this module."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal

from penstock.errors import StateError
from penstock.kit.clock import SystemClock

Durability = Literal["process", "power"]

_BUSY_SECONDS = 30
_SYNCHRONOUS = {"process": "NORMAL", "power": "FULL"}
#: A commit writes every page it changed: a verb changes few rows on many pages, so pages are half the usual size.
_PAGE_BYTES = 2048
#: WAL pages between checkpoints: a checkpoint syncs the disk, so a run of a thousand tasks should meet one at most.
_CHECKPOINT_PAGES = 8000
_CACHE_KIBIBYTES = 16_000


class Database:
    """One SQLite file, reached by one connection per thread; writers of this process queue on one lock.

    Args:
        path: The file; its folder is created.
        durability: What a returned verb survives: the end of the `process`, or of the machine's `power`.
    """

    def __init__(self, path: Path, durability: Durability) -> None:
        self.path = path
        self._synchronous = _SYNCHRONOUS[durability]
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._opening = threading.Lock()
        # SQLite lets a blocked writer sleep and try again; threads wait better on a lock of their own.
        self._writing = threading.Lock()
        self._is_closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(
                f"the folder of the state store `{path}` cannot be made: {error.strerror}",
                hint="choose a folder you may write to",
            ) from error

    def read(self) -> Transaction:
        """Return a transaction that sees one moment of the file."""
        return Transaction(self, "BEGIN", None)

    def write(self) -> Transaction:
        """Return a transaction that holds the file's write lock from its start, and commits at its end."""
        return Transaction(self, "BEGIN IMMEDIATE", self._writing)

    def connect(self) -> sqlite3.Connection:
        """Return this thread's connection, opened on first use."""
        if self._is_closed:
            raise StateError(f"the state store `{self.path}` has been closed")
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open()
        return connection

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._opening:
            self._is_closed = True
            for _, connection in self._opened:
                connection.close()
            self._opened.clear()

    def explain(self, error: sqlite3.Error) -> StateError:
        """Return what the error means to the person who owns the file."""
        if self._is_closed:
            return StateError(f"the state store `{self.path}` has been closed")
        name = getattr(error, "sqlite_errorname", "") or ""
        for start, (problem, hint) in _PROBLEMS.items():
            if name.startswith(start):
                return StateError(f"the state store `{self.path}` {problem}", hint=hint)
        return StateError(f"the state store `{self.path}` cannot be used: {error}")

    def _open(self) -> sqlite3.Connection:
        with self._opening:
            self._close_of_ended_threads()
            try:
                connection = self._connect()
            except sqlite3.Error as error:
                raise self.explain(error) from error
            self._opened.append((threading.current_thread(), connection))
            return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            _switch_to_wal(connection)
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _close_of_ended_threads(self) -> None:
        for thread, connection in self._opened:
            if not thread.is_alive():
                connection.close()
        self._opened = [(thread, connection) for thread, connection in self._opened if thread.is_alive()]


class Transaction:
    """All or nothing: commits when its block ends, rolls back when the block raises."""

    __slots__ = ("_begin", "_connection", "_database", "_lock")

    def __init__(self, database: Database, begin: str, lock: threading.Lock | None) -> None:
        self._database = database
        self._begin = begin
        self._lock = lock
        self._connection = database.connect()

    def __enter__(self) -> sqlite3.Connection:
        if self._connection.in_transaction:
            # An iterable given to one verb calls another: this thread would wait for itself for ever.
            raise StateError("a verb of the state store was called from within another one")
        if self._lock is not None:
            self._lock.acquire()
        try:
            self._connection.execute(self._begin)
        except BaseException as error:
            self._end(error)
            raise
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._connection.execute("COMMIT")
            except BaseException as failure:
                self._end(failure)
                raise
        self._end(error)

    def _end(self, error: BaseException | None) -> None:
        try:
            if error is not None:
                self._undo()
        finally:
            if self._lock is not None:
                self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise self._database.explain(error) from error

    def _undo(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            # SQLite has rolled back by itself, or the connection is closed: either way nothing was written.
            return


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # Processes that meet on a new file block each other here, and SQLite does not wait for this lock.
    clock = SystemClock()
    pause = timedelta(milliseconds=10)
    last = int(_BUSY_SECONDS / pause.total_seconds())
    for attempt in range(last + 1):
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or attempt == last:
                raise
            clock.sleep(pause)
        else:
            return


_DAMAGED = "move the file away and keep it; the next command starts an empty state store"
_CLOSED_FOLDER = "check that the folder and the file may be written by you"
_PROBLEMS = {
    "SQLITE_BUSY": (
        f"is busy: another process has been writing to it for {_BUSY_SECONDS} seconds",
        "try again when the other process is done",
    ),
    "SQLITE_FULL": ("cannot grow: the disk is full", "free some space and run the command again"),
    "SQLITE_IOERR": ("cannot be read or written: the disk refused", "check the disk and its free space"),
    "SQLITE_READONLY": ("cannot be written: it is read-only", _CLOSED_FOLDER),
    "SQLITE_CANTOPEN": ("cannot be opened", _CLOSED_FOLDER),
    "SQLITE_PERM": ("cannot be opened", _CLOSED_FOLDER),
    "SQLITE_NOTADB": ("is not a SQLite file", _DAMAGED),
    "SQLITE_CORRUPT": ("is damaged", _DAMAGED),
}
