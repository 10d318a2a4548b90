"""Memory limits of DuckDB."""

from __future__ import annotations

import duckdb
import pytest

from penstock.warehouse.duckdb.memory import streaming


def _limit(connection: duckdb.DuckDBPyConnection) -> str:
    found = connection.execute("select current_setting('memory_limit')").fetchall()
    return str(found[0][0])


@pytest.mark.parametrize(("usual", "meanwhile"), [("2GB", "762.9 MiB"), ("600MB", "572.2 MiB"), ("1 GiB", "762.9 MiB")])
def test_streaming_lowers_a_higher_limit_and_puts_it_back(usual: str, meanwhile: str) -> None:
    connection = duckdb.connect(config={"memory_limit": usual})
    before = _limit(connection)
    with streaming(connection, usual):
        assert _limit(connection) == meanwhile
    assert _limit(connection) == before
    connection.close()
