"""The servers that every suite may ask for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.servers.postgres import PostgresServer, postgres_server

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """The PostgreSQL server of this test process."""
    return postgres_server()


@pytest.fixture(scope="session")
def state_database(postgres: PostgresServer) -> str:
    """The URL of the database that state stores of this test process share, each in a schema of its own."""
    return postgres.new_database()


@pytest.fixture
def postgres_state_url(postgres: PostgresServer, state_database: str) -> Iterator[str]:
    """The URL of a state store in PostgreSQL that is not there yet."""
    schema = f"state_{next(_NUMBERS)}"
    yield f"{state_database}?schema={schema}"
    postgres.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE", state_database.rpartition("/")[2])
