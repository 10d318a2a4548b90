"""What every warehouse tells those who only look, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.errors import WarehouseError
from penstock.kit.tablelook import DatasetReader
from penstock.warehouse.connect import open_warehouse
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import GIFTS, LINES, NAMES, a_file, a_gift, lines_of


@pytest.fixture
def reader(warehouse: Warehouse) -> Iterator[DatasetReader]:
    """A reader of a warehouse with two partitions of gifts, changed by two runs, and names."""
    warehouse.table(GIFTS, "2022", load="run-1").upsert([a_gift("g9", amount=9)])
    warehouse.table(GIFTS, "2024", load="run-1").upsert([a_gift("g1"), a_gift("g2"), a_gift("g3")])
    warehouse.table(GIFTS, "2024", load="run-2").replace([a_gift("g1"), a_gift("g2", amount=1), a_gift("g4")])
    warehouse.table(NAMES, load="run-2").upsert([{"id": "1", "name": "Å"}])
    with warehouse.look() as reader:
        yield reader


def test_the_overview_tells_every_partition_and_the_run_that_made_its_version(
    warehouse: Warehouse, reader: DatasetReader
) -> None:
    states = {(one.table, one.partition): one for one in reader.overview()}
    assert {key: (one.version, one.rows, one.run_id) for key, one in states.items()} == {
        ("gold.names", ""): (1, 1, "run-2"),
        ("silver.gifts", "2022"): (1, 1, "run-1"),
        ("silver.gifts", "2024"): (2, 3, "run-2"),
    }
    gifts = states[("silver.gifts", "2024")]
    assert gifts.fingerprint == warehouse.table(GIFTS, "2024").fingerprint().value
    assert gifts.changed_at is not None
    assert abs(gifts.changed_at - datetime.now(UTC)) < timedelta(hours=1)


def test_a_write_that_only_rejects_rows_does_not_move_when_a_partition_changed(warehouse: Warehouse) -> None:
    warehouse.table(NAMES, load="run-1").upsert([{"id": "1"}])
    warehouse.table(NAMES, load="run-2").upsert([{"id": "1"}, {"id": " "}])
    with warehouse.look() as reader:
        assert [(one.version, one.run_id) for one in reader.overview()] == [(1, "run-1")]
        assert [(one.run_id, dict(one.rejected)) for one in reader.loads(NAMES.name)] == [
            ("run-2", {"blank key": 1}),
            ("run-1", {}),
        ]


def test_writes_are_told_with_their_counts_the_newest_first(reader: DatasetReader) -> None:
    newest, oldest = reader.loads(GIFTS.name, "2024")
    assert (newest.run_id, newest.version, newest.partition) == ("run-2", 2, "2024")
    assert {name: newest.counts[name] for name in ("inserted", "changed", "unchanged", "vanished")} == {
        "inserted": 1,
        "changed": 1,
        "unchanged": 1,
        "vanished": 1,
    }
    assert (oldest.run_id, oldest.counts["inserted"]) == ("run-1", 3)
    assert len(reader.loads(GIFTS.name)) == 3
    assert len(reader.loads(GIFTS.name, limit=1)) == 1


def test_files_are_told_by_name(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.table(LINES, "2024", load="run-1").upsert(lines_of(a_file(tmp_path, b"1|2|k1\nshort\n")))
    with warehouse.look() as reader:
        (load,) = reader.loads(LINES.name)
        assert (load.files, dict(load.rejected)) == (("lines.txt",), {"field count": 1})


def test_changed_rows_come_with_old_and_new_values(reader: DatasetReader) -> None:
    told = {one.kind: one for one in reader.changes(GIFTS.name)}
    assert set(told) == {"inserted", "changed", "vanished"}
    changed = told["changed"]
    assert (changed.key, changed.columns) == ({"cycle": "2024", "id": "g2"}, ("amount",))
    assert changed.old is not None
    assert changed.new is not None
    assert (changed.old["amount"], changed.new["amount"]) == ("12.50", "1.00")
    assert (told["inserted"].old, told["vanished"].new) == (None, None)
    assert told["inserted"].key["id"] == "g4"
    assert told["vanished"].key["id"] == "g3"


def test_changed_rows_can_be_asked_for_by_run_and_partition(warehouse: Warehouse, reader: DatasetReader) -> None:
    assert len(reader.changes(GIFTS.name, run_id="run-2")) == 3
    assert reader.changes(GIFTS.name, run_id="run-1") == ()
    assert reader.changes(GIFTS.name, "2022") == ()
    assert len(reader.changes(GIFTS.name, limit=2)) == 2


def test_rows_come_in_the_order_of_their_key_with_their_types(reader: DatasetReader) -> None:
    page = reader.rows(GIFTS.name, "2024")
    assert page.columns[:2] == ("cycle", "id")
    assert set(page.columns) == {column.name for column in GIFTS.columns}
    place = {name: index for index, name in enumerate(page.columns)}
    assert [row[place["id"]] for row in page.rows] == ["g1", "g2", "g4"]
    assert page.rows[1][place["amount"]] == Decimal("1.00")
    assert page.rows[0][place["loaded_at"]] == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert not page.is_more


def test_rows_of_all_partitions_come_together(reader: DatasetReader) -> None:
    assert [row[1] for row in reader.rows(GIFTS.name).rows] == ["g9", "g1", "g2", "g4"]


def test_pages_of_rows_hold_every_row_once(warehouse: Warehouse) -> None:
    ids = [f"n{number:03}" for number in range(23)]
    warehouse.table(NAMES).upsert([{"id": one} for one in reversed(ids)])
    with warehouse.look() as reader:
        pages = [reader.rows(NAMES.name, offset=offset, limit=10) for offset in range(0, 30, 10)]
    assert [row[0] for page in pages for row in page.rows] == ids
    assert [page.is_more for page in pages] == [True, True, False]


@pytest.mark.parametrize("name", ["gold.nothing", 'gold.names"; drop table x; --', "_penstock.loads", "", "é🙂"])
def test_a_name_that_is_no_table_has_nothing(reader: DatasetReader, name: str) -> None:
    assert (reader.loads(name), reader.changes(name), reader.rows(name).rows) == ((), (), ())
    assert len(reader.overview()) == 3


@given(partition=st.text(max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_partition_nobody_wrote_holds_nothing_whatever_it_is_called(partition: str) -> None:
    for scheme in ("duckdb", "sqlite"):
        warehouse = _one_gift(scheme)
        with warehouse.look() as reader:
            if partition != "2024":
                assert (reader.loads(GIFTS.name, partition), reader.changes(GIFTS.name, partition)) == ((), ())
                assert reader.rows(GIFTS.name, partition).rows == ()


_OPENED: dict[str, Warehouse] = {}


def _one_gift(scheme: str) -> Warehouse:
    if scheme not in _OPENED:
        _OPENED[scheme] = open_warehouse(f"{scheme}://")
        _OPENED[scheme].table(GIFTS, "2024").upsert([a_gift("g1")])
    return _OPENED[scheme]


def test_a_partition_that_does_not_fit_its_column_is_refused(warehouse: Warehouse) -> None:
    from dataclasses import replace

    from penstock.warehouse.table import Column, ColumnType

    years = replace(
        NAMES, name="gold.years", columns=(*NAMES.columns, Column("year", ColumnType.INTEGER)), partition="year"
    )
    warehouse.table(years, "2024").upsert([{"id": "1", "year": 2024}])
    with warehouse.look() as reader:
        assert len(reader.rows("gold.years", "2024").rows) == 1
        with pytest.raises(WarehouseError, match="`year`"):
            reader.rows("gold.years", "many")


def test_looking_writes_nothing(warehouse: Warehouse, reader: DatasetReader) -> None:
    before = warehouse.table(GIFTS, "2024").fingerprint()
    reader.overview(), reader.rows(GIFTS.name)
    assert warehouse.table(GIFTS, "2024").fingerprint() == before


def test_a_warehouse_nobody_wrote_to_has_nothing(warehouse: Warehouse) -> None:
    with warehouse.look() as reader:
        assert (reader.overview(), reader.loads("gold.names"), reader.rows("gold.names").rows) == ((), (), ())
