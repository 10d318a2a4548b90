"""An SQLite database: a connection for every verb, one writer at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Condition, RLock, get_ident

from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.catalog import Catalog
from penstock.warehouse.sql.intake import stage_lines
from penstock.warehouse.sql.probe import open_books
from penstock.warehouse.sql.write import Intake, Write
from penstock.warehouse.sqlite.dialect import CONVERTERS, SqliteDialect, row_hash, row_json
from penstock.warehouse.sqlite.failures import translated
from penstock.warehouse.sqlite.session import SqliteSession

# How long a verb waits for a writer of another process.
_BUSY_SECONDS = 5.0


class SqliteEngine:
    """See `SqlEngine`.

    Args:
        path: The database file; None for one in memory.
    """

    def __init__(self, url: str, path: Path | None) -> None:
        self.url = url
        self.dialect = SqliteDialect()
        self._path = path
        self._name = str(path) if path else url
        self._changed = Condition()
        self._writing = RLock()
        self._is_open = False
        self._in_memory: sqlite3.Connection | None = None
        # A thread may borrow the connection of an in-memory database again while it has it.
        self._lent: list[tuple[int, sqlite3.Connection]] = []

    @contextmanager
    def session(self) -> Iterator[SqliteSession]:
        """Lend a connection; that of an in-memory database goes to one thread at a time."""
        with self._writing if self._path is None else nullcontext():
            connection = self._lend()
            try:
                yield self._session(connection)
            finally:
                self._take_back(connection)

    def stage_files(self, write: Write, files: DelimitedFiles) -> Intake:
        """Stage lines in Python."""
        return stage_lines(write, files)

    def interrupt(self, thread: int | None = None) -> None:
        """Interrupt the connections lent to one thread, or to all threads."""
        with self._changed:
            for borrower, connection in self._lent:
                if thread in (None, borrower):
                    connection.interrupt()

    def release(self) -> None:
        """Wait until no connection to the file is lent out; none is kept."""
        if self._path is not None:
            with self._changed:
                self._changed.wait_for(lambda: not self._lent)
                self._is_open = False

    def close(self) -> None:
        """Close the connections."""
        self.release()
        if self._in_memory is not None:
            self._in_memory.close()
            self._in_memory = None
            self._is_open = False

    def _lend(self) -> sqlite3.Connection:
        with self._changed:
            connection = self._in_memory or self._connect()
            if not self._is_open:
                self._open(connection)
            if self._path is None:
                self._in_memory = connection
            self._lent.append((get_ident(), connection))
            return connection

    def _take_back(self, connection: sqlite3.Connection) -> None:
        with self._changed:
            self._lent.remove((get_ident(), connection))
            if self._path is not None:
                connection.close()
            self._changed.notify_all()

    def _open(self, connection: sqlite3.Connection) -> None:
        try:
            with translated(self._name):
                connection.execute("pragma journal_mode = wal")
            open_books(self._session(connection), Catalog(self.dialect))
        except BaseException:
            connection.close()
            raise
        self._is_open = True

    def _session(self, connection: sqlite3.Connection) -> SqliteSession:
        return SqliteSession(connection, self._name, self._writing)

    def _connect(self) -> sqlite3.Connection:
        for name, converter in CONVERTERS.items():
            sqlite3.register_converter(name, converter)
        with translated(self._name):
            connection = sqlite3.connect(
                str(self._path or ":memory:"),
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
                check_same_thread=False,
            )
            connection.create_function("penstock_hash", -1, row_hash, deterministic=True)
            connection.create_function("penstock_json", -1, row_json, deterministic=True)
            connection.execute("pragma synchronous = normal")
            connection.execute("pragma temp_store = memory")
        return connection
