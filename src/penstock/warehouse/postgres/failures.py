"""PostgreSQL's exceptions as Penstock's: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from penstock.errors import ConflictError, PenstockError, WarehouseError
from penstock.warehouse.postgres.address import Address

_RUN_AGAIN = "run it again"
_REACH = "check that the server runs and can be reached, and run again"
# Each: how the server's error code begins, what it means, what to do.
_KNOWN = (
    ("53100", "is out of disk space", "free some space on the server"),
    ("53200", "is out of memory", "lower `work_mem`, or give the server more memory"),
    ("53300", "has no connection left", "raise `max_connections` of the server, or stop other programs"),
    ("53400", "has reached a limit set on the server", "raise the limit, e.g. `temp_file_limit`"),
    ("28", "refused the user or the password", "check user and password in the URL"),
    ("3D000", "does not exist", "create the database, or name another in the URL"),
    ("42501", "denies the user a permission", "grant the user the right to create and use schemas in the database"),
    ("25006", "refused a query that would do more than read", "write rows with `upsert` or `replace`"),
    ("54000", "cannot hold a row so long", "a key may have some 2,700 bytes: choose a shorter one"),
    ("57014", "was interrupted", _RUN_AGAIN),
    ("57P", "ended the connection", _REACH),
    ("08", "cannot be reached", _REACH),
    ("XX001", "is damaged", "restore a backup, or load into a new database"),
    ("58", "cannot be read or written", "look into the log of the server"),
)
# What libpq says when there is no code: the server was never reached, or refused before it could say why.
_UNCODED = (
    ("password authentication failed", *_KNOWN[4][1:]),
    ("no password supplied", *_KNOWN[4][1:]),
    ("no pg_hba.conf entry", *_KNOWN[4][1:]),
    ("too many clients", *_KNOWN[2][1:]),
    ("remaining connection slots", *_KNOWN[2][1:]),
)
_CLASHES = {
    "55P03": ("is in use by another process", "wait until it ends, or stop it, and run again"),
    "40P01": ("is in use by another process, and each waited for the other", _RUN_AGAIN),
    "40001": ("was changed by another process at the same time", _RUN_AGAIN),
}


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Raise what PostgreSQL raises inside as an error about the warehouse at this address.

    Raises:
        ConflictError: Another process holds what is to be written.
        WarehouseError: Anything else.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _translate(address, error) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise WarehouseError(f"warehouse `{address.name}` cannot store a value: {error}") from error


def _translate(address: Address, error: psycopg.Error) -> PenstockError:
    code, message = error.sqlstate or "", address.redact(_in_one_line(error))
    subject = f"warehouse `{address.name}`"
    if code in _CLASHES:
        meaning, hint = _CLASHES[code]
        return ConflictError(f"{subject} {meaning}", hint=hint)
    for meaning, hint in _meanings(code, message):
        return WarehouseError(f"{subject} {meaning}: {message}", hint=hint)
    if not code and isinstance(error, psycopg.OperationalError):
        return WarehouseError(f"{subject} cannot be reached: {message}", hint=_REACH)
    return WarehouseError(f"{subject} refused a statement: {message}")


def _meanings(code: str, message: str) -> Iterator[tuple[str, str]]:
    if code:
        yield from ((meaning, hint) for start, meaning, hint in _KNOWN if code.startswith(start))
        return
    yield from ((meaning, hint) for words, meaning, hint in _UNCODED if words in message)
    if 'database "' in message and "does not exist" in message:
        yield _KNOWN[5][1:]


def _in_one_line(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "; ".join(lines[:2]).rstrip(".")
