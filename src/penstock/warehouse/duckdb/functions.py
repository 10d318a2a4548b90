"""The functions that make one SQL text run here as in PostgreSQL: kept in the database, made anew when they change."""

from __future__ import annotations

from penstock.kit.jsonable import digest
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.duckdb.session import DuckdbSession

_FIND = "select value from _penstock.probe where name = 'functions'"
_SAVE = (
    "insert into _penstock.probe (name, value) values ('functions', $version) "
    "on conflict (name) do update set value = excluded.value"
)


def install_functions(session: DuckdbSession) -> None:
    """Create the functions of `functions.sql`, unless these very ones are there.

    Raises:
        WarehouseError: The database cannot be written.
    """
    statements = load_statements(__package__, "functions.sql")
    version = digest(statements)
    if session.run(_FIND) == [(version,)]:
        return
    with session.transaction():
        for statement in statements.values():
            session.run(statement)
        session.run(_SAVE, {"version": version})
