"""What a person is told when a PostgreSQL state store cannot be used, and what its URL may say."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from penstock.engine.state.backends.postgres.migrate import KNOWN_VERSION
from penstock.engine.state.connect import open_state_store
from penstock.errors import NewerStateError, PenstockError, StateError, UsageError
from tests.factories import TTL, a_run, an_event
from tests.servers.postgres import PostgresServer

PASSWORD = "hush-hush"


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """A database that a test may spoil."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def role(postgres: PostgresServer) -> Iterator[str]:
    """A role that may log in with a password."""
    postgres.execute(f"CREATE ROLE keeper LOGIN PASSWORD '{PASSWORD}'")
    yield "keeper"
    postgres.execute("DROP OWNED BY keeper")
    postgres.execute("DROP ROLE keeper")


def as_role(url: str, role: str, password: str = PASSWORD) -> str:
    return url.replace("postgres@", f"{role}:{password}@")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as raw:
        for statement in statements:
            raw.execute(statement.encode())


def refused(url: str, kind: type[PenstockError] = StateError) -> PenstockError:
    """Open the store and write to it; return the refusal, which has a hint and names no password."""
    with pytest.raises(kind) as caught, closing(open_state_store(url)) as store:
        store.append_events([an_event()])
    assert caught.value.hint
    shown = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert PASSWORD not in shown
    return caught.value


# The server says no -----------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_as_such(role, database):
    execute(database, f"ALTER ROLE {role} PASSWORD 'another'")
    assert refused(as_role(database, role)).message.endswith("?schema=penstock_state` refuses the password")


def test_a_missing_password_is_told_as_such(role, database):
    assert "refuses the password" in refused(database.replace("postgres@", f"{role}@")).message


def test_an_unknown_database_is_told_as_such(postgres):
    error = refused(postgres.url_of("nowhere"))
    assert "/nowhere?schema=penstock_state` does not exist" in error.message
    assert "create the database" in str(error.hint)


def test_a_server_that_is_not_there_is_told_as_such(postgres):
    error = refused(postgres.url.replace(f":{postgres.port}", ":1").replace("postgres@", f"postgres:{PASSWORD}@"))
    assert "127.0.0.1:1/postgres?schema=penstock_state` cannot be reached" in error.message


def test_a_server_without_room_is_told_as_such(role, database):
    execute(database, f"GRANT CREATE ON DATABASE {database.rpartition('/')[2]} TO {role}")
    execute(database, f"ALTER ROLE {role} CONNECTION LIMIT 1")
    with closing(open_state_store(as_role(database, role))):
        error = refused(as_role(database, role))
    assert "takes no more connections" in error.message


def test_a_role_that_may_not_create_the_schema_is_told_so_and_may_use_one_made_for_it(role, database):
    assert "may not be used by this role" in refused(as_role(database, role)).message
    execute(database, f"CREATE SCHEMA penstock_state AUTHORIZATION {role}")
    with closing(open_state_store(as_role(database, role))) as store:
        store.append_events([an_event()])


def test_a_database_that_cannot_be_written_is_told_as_such_and_can_be_read(database):
    with closing(open_state_store(database)) as store:
        store.append_events([an_event()])
    execute(database, f"ALTER DATABASE {database.rpartition('/')[2]} SET default_transaction_read_only TO on")
    assert "is read-only" in refused(database).message
    with closing(open_state_store(database)) as store:
        assert len(store.read_events()) == 1


# What is there already --------------------------------------------------------------------------------------


def test_a_schema_of_a_newer_version_is_refused_by_name(database):
    open_state_store(database).close()
    execute(database, "UPDATE penstock_state.schema_version SET version = 7")
    error = refused(database, NewerStateError)
    assert all(word in error.message for word in ("penstock_state", "version 7", f"version {KNOWN_VERSION}"))


def test_a_schema_of_another_program_is_left_alone(database):
    execute(database, "CREATE TABLE public.bookmarks (url text)")
    assert "another program" in refused(f"{database}?schema=public").message
    with psycopg.connect(database) as raw:
        tables = raw.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchall()
    assert tables == [("bookmarks",)]


def test_stores_of_two_schemas_and_other_tables_of_one_database_do_not_touch_each_other(database):
    execute(database, "CREATE TABLE public.runs (id int)", 'CREATE SCHEMA "Mixed ""case"""')
    with (
        closing(open_state_store(f"{database}?schema=one")) as one,
        closing(open_state_store(f'{database}?schema=Mixed%20"case"')) as other,
    ):
        one.create_run(a_run("R1"), "ann", TTL)
        assert (len(one.list_runs()), other.list_runs(), other.read_events()) == (1, [], [])


@pytest.mark.parametrize("schema", ["", "pg_catalog", "x" * 64])
def test_a_schema_that_cannot_be_is_refused(database, schema):
    refused(f"{database}?schema={schema}", UsageError)


def test_every_text_that_is_searched_for_is_compared_as_exact_text_whatever_the_database_language(database):
    open_state_store(database).close()
    with psycopg.connect(database) as raw:
        found = raw.execute("""
            SELECT count(*), count(*) FILTER (WHERE c.collname <> 'C')
            FROM pg_index AS i
            JOIN pg_attribute AS a ON a.attrelid = i.indexrelid
            JOIN pg_class AS t ON t.oid = i.indrelid
            JOIN pg_collation AS c ON c.oid = a.attcollation
            WHERE t.relnamespace = 'penstock_state'::regnamespace
        """).fetchone()
    assert found[0] > 15
    assert found[1] == 0


# URLs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{PASSWORD}%zz@host/db",
        f"postgresql://ann:{PASSWORD}@host/db?shema=typo",
        f"postgressql://ann:{PASSWORD}@host/db",
        f"mysql://ann:{PASSWORD}@host/db",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_showing_its_password(url):
    refused(url, UsageError)


def test_a_port_that_is_no_number_is_told_as_such():
    assert "names no port" in refused(f"postgresql://ann:{PASSWORD}@127.0.0.1:port/db").message


def test_the_short_scheme_opens_the_same_store(database):
    with closing(open_state_store(database.replace("postgresql://", "postgres://"))) as store:
        store.append_events([an_event()])
    with closing(open_state_store(database)) as store:
        assert len(store.read_events()) == 1


def test_without_the_driver_a_person_is_told_what_to_install():
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from penstock.engine.state.connect import open_state_store\n"
        "from penstock.errors import UsageError\n"
        "try: open_state_store('postgresql://host/db')\n"
        "except UsageError as error: print(error.message, error.hint, sep='; ')\n"
    )
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert told.stdout.strip() == (
        "a state store in PostgreSQL needs the library `psycopg`, which is not installed;"
        " pip install 'penstock[postgres]'"
    )
