"""The servers that every suite may ask for."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.servers.postgres import PostgresServer, postgres_server

_NUMBERS = itertools.count(1)

# Rules are tried on forty examples each, on other ones every time; `HYPOTHESIS_PROFILE=thorough` tries many more.
settings.register_profile("quick", max_examples=40)
settings.register_profile("thorough", max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


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
