"""What a state store's PostgreSQL URL says: the server and database, and the schema that holds the tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from penstock.errors import UsageError

_DEFAULT_SCHEMA = "penstock_state"
#: PostgreSQL cuts longer names, and two names cut alike would be one schema.
_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Address:
    """Where a state store is; its text names no password.

    Args:
        conninfo: As libpq takes it, with the password if the URL names one.
    """

    conninfo: str = field(repr=False)
    schema: str
    text: str

    def __str__(self) -> str:
        return self.text


def to_address(url: str) -> Address:
    """Return the address that a URL `postgresql://user:password@host:port/database?schema=name` names.

    Raises:
        UsageError: The URL is not one of PostgreSQL.
    """
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        schema = query.pop("schema", _DEFAULT_SCHEMA)
        conninfo = parts._replace(query=urlencode(query)).geturl()
        conninfo_to_dict(conninfo)
    except (ValueError, psycopg.Error):
        # What libpq says of it may quote the password.
        raise UsageError(
            "the state store's PostgreSQL URL cannot be read",
            hint="write `postgresql://user:password@host:port/database`; in a password, write `%40` for `@`",
        ) from None
    if not re.fullmatch(r"[^\0]+", schema) or len(schema.encode()) > _LONGEST_NAME or schema.startswith("pg_"):
        raise UsageError(f"`{schema}` cannot be the schema of a state store", hint="write `?schema=penstock_state`")
    place = parts.netloc.rpartition("@")[2]
    return Address(conninfo, schema, f"{parts.scheme}://{place}{parts.path}?schema={schema}")
