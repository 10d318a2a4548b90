"""The pipeline answers the same on DuckDB and on PostgreSQL, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from penstock.engine.engine import Engine
from penstock.engine.view import RunView
from penstock.kit.sqlfile import load_statements
from penstock.pipelines.campaign_finance.pipeline import pipeline
from penstock.simulators.fec_bulk import write_bulk_files
from penstock.warehouse import Query, Table
from penstock.warehouse.warehouse import Warehouse
from tests.engines import an_engine, by_name, executed
from tests.pipelines.campaign import REAL, REAL_DATA, run_bulk, warehouse_of
from tests.servers.postgres import postgres_database

PACKAGE = "penstock.pipelines.campaign_finance"
REFINED = [table for table in pipeline.datasets.values() if isinstance(table, Table) and table.layer != "bronze"]
RESULTS = list(load_statements(PACKAGE, "results.sql"))
_ROWS = 8000


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    yield from postgres_database()


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[tuple[Engine, Engine]]:
    place = tmp_path_factory.mktemp("engines")
    pair = (an_engine(place / "duckdb"), an_engine(place / "postgres", warehouse_url=database))
    yield pair
    for engine in pair:
        engine.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engines: tuple[Engine, Engine]) -> tuple[Warehouse, Warehouse]:
    """Both warehouses after two snapshots of a generated world and a third run with nothing new."""
    place = tmp_path_factory.mktemp("world")
    for snapshot in (1, 2):
        bulk = place / f"{snapshot}"
        write_bulk_files(bulk, 2020, _ROWS, seed=3, snapshot=snapshot)
        one, other = (run_bulk(engine, bulk) for engine in engines)
        assert one.run.status == other.run.status == "completed", failures(one) + failures(other)
        assert counts(one) == counts(other)
    assert [executed(run_bulk(engine, place / "2")) for engine in engines] == [set(), set()]
    return warehouse_of(engines[0]), warehouse_of(engines[1])


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Warehouse]]:
    place = tmp_path_factory.mktemp("real")
    for url in postgres_database():
        pair = (an_engine(place / "duckdb"), an_engine(place / "postgres", warehouse_url=url))
        one, other = (run_bulk(engine, REAL_DATA / "fec" / "cycle2020_early") for engine in pair)
        assert one.run.status == other.run.status == "completed", failures(one) + failures(other)
        assert counts(one) == counts(other)
        yield warehouse_of(pair[0]), warehouse_of(pair[1])
        for engine in pair:
            engine.close()


def failures(view: RunView) -> list[str]:
    return [f"{task.name}: {task.failure.message}" for task in view.tasks if task.failure]


def counts(view: RunView) -> dict[str, Any]:
    return {name: task.result for name, task in by_name(view).items()}


def rows_of(warehouse: Warehouse, table: Table) -> list[tuple[Any, ...]]:
    warehouse.table(table, "2020" if table.partition else None)  # what the run had no source for is there, and empty
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    keys = ", ".join(f'"{name}"' for name in table.identity)
    return list(warehouse.query(f"select {columns} from {table.name} order by {keys}").rows)


def assert_same_rows(pair: tuple[Warehouse, Warehouse], table: Table) -> None:
    one, other = (rows_of(warehouse, table) for warehouse in pair)
    assert len(one) == len(other)
    assert [(left, right) for left, right in zip(one, other, strict=True) if left != right][:3] == []


def assert_same_answers(pair: tuple[Warehouse, Warehouse], statement: str) -> None:
    one, other = (warehouse.query(Query(PACKAGE, "results.sql", statement, {"cycle": 2020})) for warehouse in pair)
    assert one.columns == other.columns
    assert one.rows
    assert list(one.rows) == list(other.rows)
    assert [[type(value) for value in row] for row in one.rows] == [
        [type(value) for value in row] for row in other.rows
    ]


@pytest.mark.parametrize("table", REFINED, ids=lambda table: table.name)
def test_a_table_of_a_generated_world_holds_the_same_rows(world: tuple[Warehouse, Warehouse], table: Table) -> None:
    assert_same_rows(world, table)


@pytest.mark.parametrize("statement", RESULTS)
def test_a_result_of_a_generated_world_is_the_same(world: tuple[Warehouse, Warehouse], statement: str) -> None:
    assert_same_answers(world, statement)


@REAL
@pytest.mark.real_data
@pytest.mark.parametrize("table", REFINED, ids=lambda table: table.name)
def test_a_table_of_real_files_holds_the_same_rows(real: tuple[Warehouse, Warehouse], table: Table) -> None:
    assert_same_rows(real, table)


@REAL
@pytest.mark.real_data
@pytest.mark.parametrize("statement", RESULTS)
def test_a_result_of_real_files_is_the_same(real: tuple[Warehouse, Warehouse], statement: str) -> None:
    assert_same_answers(real, statement)
