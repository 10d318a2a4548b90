"""Connects to the PostgreSQL database and runs transactions on it; no error of the driver leaves this module."""

from __future__ import annotations

import select
import threading
from types import TracebackType
from typing import Any
from zlib import crc32

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from penstock.engine.state.backends.postgres.address import Address
from penstock.engine.state.backends.postgres.problems import explain
from penstock.errors import StateError
from penstock.kit.sqlfile import load_statements

Db = psycopg.Connection[tuple[Any, ...]]

#: Where the URL does not say otherwise: a host that is gone is noticed within a minute, from both sides.
_DEFAULTS: dict[str, Any] = {
    "application_name": "penstock",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
#: A process that is stopped, or whose machine is gone, within a transaction must not hold up the others for long.
#: Plans are made once and by index: the tables of a new store grow faster than the server learns how large they are,
#: and a plan for the empty table would read all of it every time.
_SESSION = sql.SQL("""
    SET search_path TO {schema};
    SET lock_timeout TO '30s';
    SET idle_in_transaction_session_timeout TO '60s';
    SET tcp_keepalives_idle TO 30;
    SET tcp_keepalives_interval TO 10;
    SET tcp_keepalives_count TO 3;
    SET client_min_messages TO warning;
    SET enable_seqscan TO off;
    SET enable_bitmapscan TO off;
    SET plan_cache_mode TO force_generic_plan;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
""")
_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = b"BEGIN ISOLATION LEVEL READ COMMITTED"


def load_sql(file: str) -> dict[str, bytes]:
    """Return the statements of one of this package's SQL files by name, as the driver takes them."""
    return {name: text.encode() for name, text in load_statements(__package__, file).items()}


class Database:
    """One schema of a PostgreSQL database, reached by one connection per thread; a lost one is made anew."""

    def __init__(self, address: Address) -> None:
        self.address = address
        #: Identifies the store among all advisory locks of the database.
        self.number = crc32(address.schema.encode()) - 2**31
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, Db]] = []
        self._opening = threading.Lock()
        self._is_closed = False

    def look(self) -> Transaction:
        """Return a transaction for one reading statement, which sees one moment by itself."""
        return Transaction(self, None)

    def read(self) -> Transaction:
        """Return a transaction that sees one moment of the database."""
        return Transaction(self, _READ)

    def write(self) -> Transaction:
        """Return a transaction that commits, durably, at its end."""
        return Transaction(self, _WRITE)

    def connect(self) -> Db:
        """Return this thread's connection, opened on first use and again when it was lost.

        Raises:
            StateError: The server does not let us in, or the store has been closed.
        """
        if self._is_closed:
            raise StateError(f"the state store `{self.address}` has been closed")
        connection: Db | None = getattr(self._local, "connection", None)
        if connection is None or _is_lost(connection):
            connection = self._local.connection = self._open()
        return connection

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._opening:
            self._is_closed = True
            for _, connection in self._opened:
                connection.close()
            self._opened.clear()

    def explain(self, error: psycopg.Error) -> StateError:
        """Return what the error means to the person who owns the database."""
        if self._is_closed:
            return StateError(f"the state store `{self.address}` has been closed")
        return explain(self.address, error)

    def _open(self) -> Db:
        with self._opening:
            self._close_of_ended_threads()
            try:
                connection = self._connect()
            except psycopg.Error as error:
                # The driver's error is not chained: its frames hold the password.
                raise self.explain(error) from None
            self._opened.append((threading.current_thread(), connection))
            return connection

    def _connect(self) -> Db:
        named = psycopg.conninfo.conninfo_to_dict(self.address.conninfo)
        connection: Db = psycopg.connect(**(_DEFAULTS | named), autocommit=True)
        try:
            connection.execute(_SESSION.format(schema=sql.Identifier(self.address.schema)))
        except psycopg.Error:
            connection.close()
            raise
        connection.prepare_threshold, connection.prepared_max = 2, 500
        return connection

    def _close_of_ended_threads(self) -> None:
        for thread, connection in self._opened:
            if not thread.is_alive():
                connection.close()
        self._opened = [
            (thread, connection) for thread, connection in self._opened if thread.is_alive() and not connection.closed
        ]


class Transaction:
    """All or nothing: commits when its block ends, rolls back when the block raises."""

    __slots__ = ("_begin", "_connection", "_database")

    def __init__(self, database: Database, begin: bytes | None) -> None:
        self._database = database
        self._begin = begin
        self._connection = database.connect()

    def __enter__(self) -> Db:
        if self._connection.info.transaction_status is not TransactionStatus.IDLE:
            raise StateError("a verb of the state store was called from within another one")
        if self._begin is not None:
            try:
                self._connection.execute(self._begin)
            except psycopg.Error as error:
                self._undo()
                raise self._database.explain(error) from error
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                self._undo()
            elif self._begin is not None:
                self._connection.execute(b"COMMIT")
        except psycopg.Error as failure:
            self._undo()
            raise self._database.explain(failure) from failure
        if isinstance(error, psycopg.Error):
            raise self._database.explain(error) from error

    def _undo(self) -> None:
        status = self._connection.info.transaction_status
        try:
            if status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                self._connection.execute(b"ROLLBACK")
            elif status is not TransactionStatus.IDLE:
                # Stopped in the middle of a statement: only a new connection is sure to be in order.
                self._connection.close()
        except psycopg.Error:
            # The server rolls back what was connected to it.
            self._connection.close()


def _is_lost(connection: Db) -> bool:
    if connection.closed:
        return True
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        return False
    # Between verbs a server has nothing to say, except that it is going, or has gone.
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    if poller.poll(0):
        connection.close()
        return True
    return False
