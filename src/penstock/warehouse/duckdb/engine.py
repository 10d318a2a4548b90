"""A DuckDB database: connected to on demand, shared by threads, let go on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from threading import Condition, RLock, get_ident

import duckdb

from penstock.errors import ConflictError
from penstock.kit.clock import Clock
from penstock.warehouse.duckdb.dialect import DuckdbDialect
from penstock.warehouse.duckdb.failures import translated
from penstock.warehouse.duckdb.files import stage_files
from penstock.warehouse.duckdb.functions import install_functions
from penstock.warehouse.duckdb.memory import streaming
from penstock.warehouse.duckdb.session import DuckdbSession
from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.catalog import Catalog
from penstock.warehouse.sql.probe import open_books
from penstock.warehouse.sql.write import Intake, Write

_POLL = timedelta(milliseconds=20)


class DuckdbEngine:
    """See `SqlEngine`.

    Args:
        path: The database file; None for one in memory.
        spill: Folder of its own for what does not fit into memory; emptied when the database is opened or closed.
        memory_limit: What DuckDB keeps in memory at most before it spills, e.g. `800MB`.
        patience: How long to wait for another process to let go of the file.
    """

    def __init__(
        self,
        url: str,
        path: Path | None,
        spill: Path,
        *,
        memory_limit: str,
        clock: Clock,
        patience: timedelta = timedelta(0),
    ) -> None:
        self.url = url
        self.dialect = DuckdbDialect()
        self._path = path
        self._spill = spill
        self._memory_limit = memory_limit
        self._clock = clock
        self._patience = patience
        self._name = str(path) if path else url
        self._changed = Condition()
        self._writing = RLock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._lent: dict[duckdb.DuckDBPyConnection, int] = {}

    @contextmanager
    def session(self) -> Iterator[DuckdbSession]:
        """Connect if need be and lend a connection."""
        with self._changed:
            cursor = self._connected().cursor()
            self._lent[cursor] = get_ident()
        try:
            yield DuckdbSession(cursor, self._name, self._writing)
        except BaseException as error:
            self._forget_if_fatal(error)
            raise
        finally:
            with self._changed:
                del self._lent[cursor]
                cursor.close()
                self._changed.notify_all()

    def stage_files(self, write: Write, files: DelimitedFiles) -> Intake:
        """Stage lines with DuckDB's own reader."""
        return stage_files(write, files, self._spill, self._streaming)

    def interrupt(self, thread: int | None = None) -> None:
        """Interrupt the connections lent to one thread, or to all threads."""
        with self._changed:
            for cursor, borrower in self._lent.items():
                if thread in (None, borrower):
                    cursor.interrupt()

    def release(self) -> None:
        """Close the file once no session is lent out."""
        if self._path is not None:
            self.close()

    def close(self) -> None:
        """Wait for lent sessions, then disconnect."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lent)
            if self._root is not None:
                self._root.close()
                self._root = None
                rmtree(self._spill, ignore_errors=True)

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            root = self._wait_for_file()
            # The file is locked now, so what lies here was left by a process that was killed.
            rmtree(self._spill, ignore_errors=True)
            try:
                session = DuckdbSession(root, self._name, self._writing)
                open_books(session, Catalog(self.dialect))
                install_functions(session)
            except BaseException:
                root.close()
                raise
            self._root = root
        return self._root

    def _wait_for_file(self) -> duckdb.DuckDBPyConnection:
        deadline = self._clock.now() + self._patience
        while True:
            try:
                with translated(self._name):
                    root = duckdb.connect(str(self._path or ":memory:"), config=self._settings())
                    root.execute("set global timezone = 'UTC'")
                    return root
            except ConflictError:
                if self._clock.now() >= deadline:
                    raise
            self._clock.sleep(_POLL)

    def _streaming(self) -> AbstractContextManager[None]:
        return streaming(self._connected(), self._memory_limit)

    def _settings(self) -> dict[str, str | bool | int | float | list[str]]:
        return {
            "memory_limit": self._memory_limit,
            "temp_directory": str(self._spill),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }

    def _forget_if_fatal(self, error: BaseException) -> None:
        # After a fatal error DuckDB answers nothing more on this connection; the file itself is sound.
        if isinstance(error.__cause__, duckdb.FatalException | duckdb.InternalException):
            with self._changed:
                self._root = None
