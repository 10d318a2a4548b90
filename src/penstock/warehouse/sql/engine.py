"""What an SQL engine offers to the shared algorithm: the seam at which another engine joins."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.dialect import Dialect, Session
from penstock.warehouse.sql.write import Intake, Write


class SqlEngine(Protocol):
    """One database, connected to when a session asks for it and let go by `release`."""

    @property
    def url(self) -> str:
        """Where the database is."""
        ...

    @property
    def dialect(self) -> Dialect:
        """The engine's spellings."""
        ...

    def session(self) -> AbstractContextManager[Session]:
        """Connect if need be and lend a session for one verb.

        Raises:
            ConflictError: Another process holds the database.
            WarehouseError: The database cannot be opened.
        """
        ...

    def stage_files(self, write: Write, files: DelimitedFiles) -> Intake:
        """Stage the lines of files, as the first thing in the write's transaction.

        Raises:
            SourceError: A file cannot be read.
        """
        ...

    def interrupt(self, thread: int | None = None) -> None:
        """Make the statements in the sessions lent to one thread, or to all threads, fail soon."""
        ...

    def release(self) -> None:
        """Disconnect once the sessions of other threads have ended; an in-memory database stays."""
        ...

    def close(self) -> None:
        """Disconnect for good."""
        ...
