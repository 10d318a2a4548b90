"""Brings the tables of a state store's schema up to date, one numbered migration after the other."""

from __future__ import annotations

from psycopg import sql

from penstock.engine.state.backends.postgres.connection import Database, Db, load_sql
from penstock.errors import NewerStateError, StateError

#: In the order they are applied: the version of a schema is how many of them it has seen.
_MIGRATIONS = ("0001_initial", "0002_item_errors")
KNOWN_VERSION = len(_MIGRATIONS)
#: Names the advisory lock of those who migrate; "pens" in ASCII.
_LOCK = 0x70656E73


def migrate(database: Database) -> None:
    """Apply what the schema has not seen yet, all or nothing; processes that meet here wait for each other.

    Raises:
        NewerStateError: The schema was written by a newer Penstock.
        StateError: The schema holds the tables of another program.
    """
    with database.read() as db:
        version = _find_version(db, database)
    if version < KNOWN_VERSION:
        with database.write() as db:
            db.execute(b"SELECT pg_advisory_xact_lock(%s::int, %s::int)", (_LOCK, database.number))
            _apply(db, _find_version(db, database), database)
    elif version > KNOWN_VERSION:
        raise NewerStateError(
            f"the state store `{database.address}` has version {version}, "
            f"but this Penstock knows version {KNOWN_VERSION}",
            hint="use the newer Penstock that wrote it",
        )


def _find_version(db: Db, database: Database) -> int:
    found = db.execute(_TABLES, {"schema": database.address.schema}).fetchall()
    tables = {name for (name,) in found}
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise StateError(
            f"the schema of `{database.address}` belongs to another program: it has tables, but no state store",
            hint="choose another schema for the state store: `?schema=penstock_state`",
        )
    row = db.execute(b"SELECT max(version) FROM schema_version").fetchone()
    return int(row[0]) if row else 0


def _apply(db: Db, version: int, database: Database) -> None:
    if version == 0:
        schema = database.address.schema
        # To name a schema that is there takes fewer rights than to create it if it is not.
        if not db.execute(b"SELECT FROM pg_namespace WHERE nspname = %s", (schema,)).rowcount:
            db.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        db.execute(b"CREATE TABLE schema_version (version bigint NOT NULL)")
        db.execute(b"INSERT INTO schema_version VALUES (0)")
    for name in _MIGRATIONS[version:]:
        for statement in load_sql(f"migrations/{name}.sql").values():
            db.execute(statement)
    db.execute(b"UPDATE schema_version SET version = %s::bigint", (max(version, KNOWN_VERSION),))


_TABLES = b"""
SELECT c.relname
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
