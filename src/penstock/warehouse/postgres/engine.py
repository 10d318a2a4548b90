"""A PostgreSQL database: connections made on demand, kept for the next verb, let go on request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Condition, get_ident

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from penstock.errors import WarehouseError
from penstock.warehouse.postgres.address import Address
from penstock.warehouse.postgres.dialect import PostgresDialect
from penstock.warehouse.postgres.failures import translated
from penstock.warehouse.postgres.files import stage_files
from penstock.warehouse.postgres.functions import install_functions
from penstock.warehouse.postgres.locks import Locks
from penstock.warehouse.postgres.session import Connection, PostgresSession
from penstock.warehouse.rows import DelimitedFiles
from penstock.warehouse.sql.catalog import Catalog
from penstock.warehouse.sql.probe import open_books
from penstock.warehouse.sql.write import Intake, Write

# More connections than these are not kept: so many threads seldom write at once.
_MOST_KEPT = 8
_OLDEST_SERVER = 14
# What holds for a connection whatever the server's settings: times are UTC, our own functions are found, bulk work has
# room, and nothing is compiled for statements that run once.
_SETTINGS = {
    "timezone": "UTC",
    "search_path": "_penstock, public",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",
    # Enough to tell how many rows there are and how common a value is.
    "default_statistics_target": "30",
    "work_mem": "64MB",
    "temp_buffers": "64MB",
    "jit": "off",
}


class PostgresEngine:
    """See `SqlEngine`.

    Args:
        patience: How long to wait for another process that writes to the same place.
    """

    def __init__(self, address: Address, *, patience: timedelta = timedelta(0)) -> None:
        self.url = address.name
        self.dialect = PostgresDialect()
        self._address = address
        self._locks = Locks(patience)
        self._changed = Condition()
        self._is_open = False
        self._kept: list[Connection] = []
        self._lent: dict[Connection, int] = {}

    @contextmanager
    def session(self) -> Iterator[PostgresSession]:
        """Connect if need be and lend a connection."""
        connection = self._take()
        with self._changed:
            self._lent[connection] = get_ident()
        try:
            session = PostgresSession(connection, self._address, self._locks)
            self._open(session)
            yield session
        finally:
            self._take_back(connection)

    def stage_files(self, write: Write, files: DelimitedFiles) -> Intake:
        """Stage lines by COPY."""
        assert isinstance(write.session, PostgresSession)  # noqa: S101 - the engine lends no other
        return stage_files(write.session, write, files)

    def interrupt(self, thread: int | None = None) -> None:
        """Cancel the statements of the connections lent to one thread, or to all threads."""
        with self._changed:
            for connection, borrower in self._lent.items():
                if thread in (None, borrower):
                    with suppress(psycopg.Error):
                        connection.cancel_safe(timeout=5)

    def release(self) -> None:
        """Close the connections nobody uses; other processes may write at any time."""
        with self._changed:
            while self._kept:
                self._kept.pop().close()

    def close(self) -> None:
        """Wait for lent connections, then close all."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lent)
            self.release()
            self._is_open = False

    def _take(self) -> Connection:
        while True:
            with self._changed:
                if not self._kept:
                    break
                connection = self._kept.pop()
            if _is_alive(connection):
                return connection
            connection.close()
        return self._connect()

    def _take_back(self, connection: Connection) -> None:
        with self._changed:
            del self._lent[connection]
            is_clean = connection.info.transaction_status is TransactionStatus.IDLE
            if self._is_open and is_clean and len(self._kept) < _MOST_KEPT:
                self._kept.append(connection)
            else:
                connection.close()
            self._changed.notify_all()

    def _open(self, session: PostgresSession) -> None:
        if self._is_open:
            return
        open_books(session, Catalog(self.dialect))
        install_functions(session)
        self._is_open = True

    def _connect(self) -> Connection:
        with translated(self._address):
            connection = psycopg.connect(
                make_conninfo("", **self._address.arguments),
                client_encoding="utf8",
                autocommit=True,
                # Statements are made for one table each, and tables change: there is little to gain and much to lose.
                prepare_threshold=None,
            )
            try:
                self._refuse_unfit(connection)
                for name, value in _SETTINGS.items():
                    connection.execute("select set_config(%s, %s, false)", (name, value))
            except BaseException:
                connection.close()
                raise
        return connection

    def _refuse_unfit(self, connection: Connection) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise WarehouseError(
                f"warehouse `{self._address.name}` has the encoding {encoding}, which cannot hold every text",
                hint="create the database with `encoding 'UTF8' template template0`",
            )
        if connection.info.server_version < _OLDEST_SERVER * 10_000:
            raise WarehouseError(
                f"warehouse `{self._address.name}` runs on PostgreSQL {connection.info.server_version // 10_000}",
                hint=f"upgrade the server to {_OLDEST_SERVER} or newer",
            )


def _is_alive(connection: Connection) -> bool:
    try:
        connection.execute(b"")
    except psycopg.Error:
        return False
    return True
