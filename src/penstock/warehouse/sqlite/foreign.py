"""A table of an SQLite file that others write: its state is told by its rows, in whatever order they lie."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.jsonable import digest, to_json
from penstock.kit.observation import Observation
from penstock.kit.tablelook import RowPage
from penstock.warehouse.sql.dialect import quote as quoted

if TYPE_CHECKING:
    import sqlite3

# How long a look waits for whoever is writing.
_BUSY_SECONDS = 5.0
_BATCH = 10_000
# The same for who shows the rows, and how far the database may count before that is given up.
_BROWSING_SECONDS = 1.0
_MOST_STEPS = 200_000_000
_STEPS = 1_000_000
#: The header of a database, with its count of changes; that of a write-ahead log, with its salt.
_HEADER_BYTES = 32
#: How many tables are remembered, each in the state of its file.
_REMEMBERED = 256
# Tasks that begin together look at the same tables: the first reads them, the others take that over.
_reading = Lock()


@dataclass(frozen=True, slots=True)
class SqliteTable:
    """A table, or a view, of an SQLite file; read whole, once in each state of the file.

    Args:
        path: The file; `{param}` stands for the value of a parameter.
        folder: Where a relative path begins.
    """

    path: str
    table: str
    folder: Path

    @property
    def name(self) -> str:
        """File and table, as a pipeline's file names them."""
        return f"sqlite:{self.path}#{self.table}"

    def fingerprint(self, params: Mapping[str, Any], known: Observation | None) -> Observation:
        """Return the fingerprint of its columns and rows; of a file that was not touched, the known one.

        Raises:
            SourceError: There is no such file or table, or it cannot be read.
        """
        values = dict(params)
        path, table = self.folder / self.path.format_map(values), self.table.format_map(values)
        validator = _validator(path)
        if known is not None and known.validator == validator:
            return known
        with _reading:
            value, rows = _read_in_state(path, table, validator)
        return Observation(value, f"{value[:8]} ({rows:,} row{'' if rows == 1 else 's'})", validator)

    def browse(self, params: Mapping[str, Any], *, offset: int = 0, limit: int = 50) -> RowPage:
        """Return rows in the order they lie in.

        Raises:
            SourceError: There is no such file or table, or it cannot be read in a moment.
        """
        import sqlite3

        values = dict(params)
        path, table = self.folder / self.path.format_map(values), self.table.format_map(values)
        if not path.is_file():
            raise AbsentSourceError(f"there is no database `{path.name}`", hint="run the task that makes it")
        try:
            with closing(_connect(path, _BROWSING_SECONDS)) as connection:
                connection.text_factory = lambda data: data.decode("utf-8", "replace")
                _limit_steps(connection)
                _require_table(connection, path, table)
                found = connection.execute(
                    f"select * from {quoted(table)} limit :limit offset :offset", {"limit": limit + 1, "offset": offset}
                )
                rows = found.fetchall()
        except sqlite3.Error as error:
            raise SourceError(
                f"cannot look at table `{table}` of `{path.name}`: {error}", hint="try again in a moment"
            ) from error
        return RowPage(tuple(column[0] for column in found.description), tuple(rows[:limit]), len(rows) > limit)


def _limit_steps(connection: sqlite3.Connection) -> None:
    steps = iter(range(_MOST_STEPS // _STEPS))
    connection.set_progress_handler(lambda: next(steps, None) is None, _STEPS)


def _validator(path: Path) -> str:
    """Return what tells, without reading the rows, that a file was not touched.

    Raises:
        AbsentSourceError: There is no such file.
    """
    if not path.is_file():
        raise AbsentSourceError(f"there is no database `{path}`", hint="check the path, or make the file first")
    try:
        return to_json([str(path), _look(path), _look_at_log(path.with_name(f"{path.name}-wal"))])
    except OSError as error:
        raise SourceError(
            f"cannot read `{path}`: {error.strerror or error}", hint="check that it is readable"
        ) from error


def _look_at_log(log: Path) -> list[Any] | None:
    try:
        found = _look(log)
    except FileNotFoundError:  # whoever closes the database last removes it
        return None
    # Whoever looks at a database leaves an empty log beside it, which says no more than none.
    return found if found[0] else None


def _look(path: Path) -> list[Any]:
    stat = path.stat()
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    return [stat.st_size, stat.st_mtime_ns, stat.st_ino, header.hex()]


@lru_cache(maxsize=_REMEMBERED)
def _read_in_state(path: Path, table: str, _validator: str) -> tuple[str, int]:
    # Many tasks name one table; a touched file is a new key.
    import sqlite3

    try:
        with closing(_connect(path)) as connection:
            _require_table(connection, path, table)
            return _read(connection, f"select * from {quoted(table)}")
    except sqlite3.Error as error:
        raise SourceError(
            f"cannot read table `{table}` of `{path}`: {error}", hint="check that it is an SQLite database"
        ) from error


def _require_table(connection: sqlite3.Connection, path: Path, table: str) -> None:
    known = connection.execute("select 1 from sqlite_master where type in ('table', 'view') and name = ?", (table,))
    if known.fetchone() is None:
        raise AbsentSourceError(f"`{path}` has no table `{table}`", hint="check its name, or make it first")


def _connect(path: Path, patience: float = _BUSY_SECONDS) -> sqlite3.Connection:
    import sqlite3

    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)


def _read(connection: sqlite3.Connection, query: str) -> tuple[str, int]:
    import sqlite3

    try:
        return _fingerprint(connection.execute(query))
    except sqlite3.OperationalError:
        # Some text is no UTF-8: such texts differ from each other too, and from blobs. Decoding all so takes longer.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return _fingerprint(connection.execute(query))


def _fingerprint(cursor: sqlite3.Cursor) -> tuple[str, int]:
    total = count = 0
    while batch := cursor.fetchmany(_BATCH):
        count += len(batch)
        # A sum is the same in any order, and counts rows that occur twice twice.
        total += sum(int.from_bytes(blake2b(repr(row).encode(), digest_size=16).digest(), "big") for row in batch)
    columns = [column[0] for column in cursor.description]
    return digest([columns, count, f"{total % (1 << 128):032x}"]), count
