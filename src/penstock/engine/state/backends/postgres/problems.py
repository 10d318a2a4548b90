"""Says what an error of PostgreSQL means to the person who owns the state store."""

from __future__ import annotations

import psycopg

from penstock.engine.state.backends.postgres.address import Address
from penstock.errors import StateError

_RESTART = "check that the server runs, and try again"
_RIGHTS = "let the role of the URL create and write the tables of the schema, or name another role"
_CROWD = "raise `max_connections` or the role's limit, or run fewer workers at once"
_BUSY = "try again when the other process is done"

#: By the error's code, or the beginning of it.
_BY_CODE = {
    "25006": ("is read-only", "name the primary server in the URL, and a role that may write"),
    "28P01": ("refuses the password", "correct the password in the URL"),
    "3D000": ("does not exist", "create the database, or correct its name in the URL"),
    "40P01": ("is busy: processes waited for each other", "try again"),
    "42501": ("may not be used by this role", _RIGHTS),
    "53100": ("cannot grow: the server's disk is full", "free some space and run the command again"),
    "53300": ("takes no more connections", _CROWD),
    "55P03": ("is busy: another process has held what this one needs for 30 seconds", _BUSY),
    "57P": ("has closed the connection: the server was stopped", _RESTART),
    "08": ("cannot be reached", _RESTART),
}
#: A connection that does not come about carries words only.
_BY_WORDS = (
    (("invalid port number", "invalid integer value"), ("names no port", "write the port as a number in the URL")),
    (("password authentication failed", "no password supplied"), _BY_CODE["28P01"]),
    (("too many connections", "too many clients", "connection slots"), _BY_CODE["53300"]),
    (("pg_hba.conf", "permission denied for database"), ("may not be used by this role", _RIGHTS)),
    (('role "',), ("does not know the role", "create the role, or correct the user in the URL")),
    (('database "',), _BY_CODE["3D000"]),
    (("starting up", "shutting down", "recovery mode"), ("is just starting or stopping", "try again in a moment")),
    (
        ("could not translate host", "failed to resolve host", "Name or service"),
        ("names no known host", "correct it in the URL"),
    ),
)


def explain(address: Address, error: psycopg.Error) -> StateError:
    """Return the state error for an error of the driver; it names the store and never the password."""
    code, words = error.sqlstate or "", str(error)
    for start, (problem, hint) in _BY_CODE.items():
        if code.startswith(start):
            return StateError(f"the state store `{address}` {problem}", hint=hint)
    if not code and isinstance(error, psycopg.OperationalError):
        for signs, (problem, hint) in _BY_WORDS:
            if any(sign in words for sign in signs):
                return StateError(f"the state store `{address}` {problem}", hint=hint)
        return StateError(f"the state store `{address}` cannot be reached: {_first_line(words)}", hint=_RESTART)
    return StateError(f"the state store `{address}` cannot be used: {_first_line(words)}")


def _first_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[0] if lines else "the server gave no reason"
