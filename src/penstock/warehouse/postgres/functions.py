"""The functions that make one SQL text run here as it does in DuckDB: created once per database and version."""

from __future__ import annotations

from penstock.kit.jsonable import digest
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.postgres.session import PostgresSession

_FILE = "functions.sql"


def install_functions(session: PostgresSession) -> None:
    """Create the functions of `functions.sql` in the schema `_penstock`, unless these very ones are there.

    Raises:
        WarehouseError: The database refuses one of them.
    """
    statements = load_statements(__package__, _FILE)
    version = digest(statements)
    if _find_version(session) == version:
        return
    with session.transaction():
        for statement in statements.values():
            session.run(statement)
        session.run(
            "insert into _penstock.probe (name, value) values ('functions', $version) "
            "on conflict (name) do update set value = excluded.value",
            {"version": version},
        )


def _find_version(session: PostgresSession) -> str | None:
    rows = session.run("select value from _penstock.probe where name = 'functions'")
    return rows[0][0] if rows else None
