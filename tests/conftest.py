"""The servers that every suite may ask for."""

from __future__ import annotations

import pytest

from tests.servers.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """The PostgreSQL server of this test process."""
    return postgres_server()
