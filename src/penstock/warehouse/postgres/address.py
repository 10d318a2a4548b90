"""Where a PostgreSQL database is, taken from its URL; the password is told to the driver and to nobody else."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from penstock.errors import UsageError

_EXAMPLE = "postgresql://user:password@host:5432/database"
#: What may stand behind the `?`, by libpq's names.
_OPTIONS = frozenset(
    (
        *("connect_timeout", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "service", "channel_binding"),
        *("target_session_attrs", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "host"),
    )
)


@dataclass(frozen=True, slots=True)
class Address:
    """A database on a server.

    Args:
        host: Empty for the one libpq takes by itself.
        options: Further settings of the connection, by libpq's names.
    """

    host: str
    port: int | None
    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What messages call it: the URL without user and password."""
        port = f":{self.port}" if self.port else ""
        return f"postgresql://{self.host}{port}/{self.database}"

    @property
    def arguments(self) -> dict[str, str]:
        """The driver's arguments."""
        given = {"host": self.host, "port": str(self.port or ""), "dbname": self.database}
        given |= {"user": self.user, "password": self.password}
        given |= {"connect_timeout": "10", "application_name": "penstock"}
        return {name: value for name, value in {**given, **dict(self.options)}.items() if value}

    def redact(self, message: str) -> str:
        """Return the message without the password, should a server or library repeat it."""
        return message.replace(self.password, "***") if self.password else message


def parse_address(url: str) -> Address:
    """Return what a URL `postgresql://…` names.

    Raises:
        UsageError: It names no database, a wrong port or an unknown option.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError("the URL of the warehouse has a wrong host or port", hint=f"write {_EXAMPLE}") from error
    options = tuple(parse_qsl(parts.query))
    database = unquote(parts.path.removeprefix("/"))
    address = Address(
        unquote(host), port, database, unquote(parts.username or ""), unquote(parts.password or ""), options
    )
    if not database:
        raise UsageError(f"`{address.name}` names no database", hint=f"write {_EXAMPLE}")
    for name, _ in options:
        if name not in _OPTIONS:
            known = ", ".join(sorted(_OPTIONS))
            raise UsageError(f"`{address.name}` has the unknown option `{name}`", hint=f"the options are {known}")
    return address
