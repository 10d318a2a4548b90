"""What every warehouse promises of declarations and queries, on every engine."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from penstock.errors import DefinitionError, WarehouseError
from penstock.warehouse import Column, ColumnType, Table
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import (
    GIFTS,
    NAMES,
    a_gift,
    a_query,
    sql_name,
    stored,
)


def test_a_new_column_is_added_and_counts_as_content(warehouse: Warehouse, scheme: str) -> None:
    warehouse.table(NAMES).upsert([{"id": "1", "name": "a"}])
    wider = replace(NAMES, columns=(Column("party"), *NAMES.columns))
    names = warehouse.table(wider)
    assert names.fingerprint().value == names.content_hash()
    assert names.fingerprint().version == 2
    assert names.upsert([{"id": "1", "name": "a"}]).unchanged == 1
    assert names.upsert([{"id": "1", "name": "a", "party": "p"}]).changed == 1
    assert stored(warehouse, scheme, wider) == [("p", "1", "a")]


def test_the_order_of_columns_is_not_content(warehouse: Warehouse) -> None:
    before = warehouse.table(NAMES)
    before.upsert([{"id": "1", "name": "a"}])
    turned = warehouse.table(replace(NAMES, columns=NAMES.columns[::-1]))
    assert turned.fingerprint() == before.fingerprint()
    assert turned.upsert([{"id": "1", "name": "a"}]).unchanged == 1


OTHER_NAMES = [
    (replace(NAMES, columns=(Column("id"),)), "`name` is gone"),
    (replace(NAMES, columns=(Column("id"), Column("name", ColumnType.REAL))), "`name` is real, stored as text"),
    (replace(NAMES, key=("name",)), "its key is another"),
    (replace(NAMES, partition="name"), "its partition column is another"),
]


@pytest.mark.parametrize(("other", "message"), OTHER_NAMES)
def test_a_declaration_that_does_not_fit_the_stored_table_is_refused(
    warehouse: Warehouse, other: Table, message: str
) -> None:
    warehouse.table(NAMES).upsert([{"id": "1", "name": "a"}])
    with pytest.raises(WarehouseError, match=message) as caught:
        warehouse.table(other, "p")
    assert "`penstock reset PIPELINE --data`" in str(caught.value.hint)


@pytest.mark.parametrize("other", [other for other, _ in OTHER_NAMES])
def test_a_table_whose_rows_were_removed_may_be_declared_differently(
    warehouse: Warehouse, scheme: str, other: Table
) -> None:
    warehouse.table(NAMES).upsert([{"id": "1", "name": "a"}])
    assert warehouse.drop_partition(NAMES.name, "") == 1
    partition = None if other.partition is None else "p"
    columns = [column.name for column in other.columns if column.name != other.partition]
    made = warehouse.table(other, partition)
    assert made.upsert([dict.fromkeys(columns, 7)]).inserted == 1
    assert len(stored(warehouse, scheme, other)) == 1
    assert made.fingerprint().value == made.content_hash()
    assert made.fingerprint().version == 1


def test_a_column_may_go_once_the_rows_of_every_partition_were_removed(warehouse: Warehouse, scheme: str) -> None:
    for cycle in ("2022", "2024"):
        warehouse.table(GIFTS, cycle).upsert([a_gift()])
    narrow = replace(GIFTS, columns=tuple(column for column in GIFTS.columns if column.name != "share"))
    warehouse.drop_partition(GIFTS.name, "2024")
    with pytest.raises(WarehouseError, match="`share` is gone") as caught:
        warehouse.table(narrow, "2024")
    assert "(`2022`)" in str(caught.value.hint)
    warehouse.drop_partition(GIFTS.name, "2022")
    row = a_gift()
    del row["share"]
    assert warehouse.table(narrow, "2024").upsert([row]).inserted == 1
    assert stored(warehouse, scheme, narrow, "cycle") == [("2024",)]


def test_a_table_that_lost_its_partitions_is_removed_as_a_whole(warehouse: Warehouse) -> None:
    for cycle in ("2022", "2024"):
        warehouse.table(GIFTS, cycle).upsert([a_gift()], cursor=cycle)
    assert warehouse.drop_partition(GIFTS.name, "") == 2
    whole = warehouse.table(replace(GIFTS, partition=None))
    assert whole.cursor() is None
    assert whole.upsert([a_gift(cycle="2024")]).inserted == 1


@pytest.mark.parametrize("name", ["_hash", "_x", "rowid"])
def test_names_of_the_warehouse_s_own_are_refused(warehouse: Warehouse, name: str) -> None:
    with pytest.raises(DefinitionError, match=f"column `{name}`"):
        warehouse.table(Table("gold.x", (Column("id"), Column(name)), key=("id",)))


def test_names_that_are_words_of_sql_are_allowed(warehouse: Warehouse) -> None:
    table = Table("gold.order", (Column("select"), Column("group")), key=("select",), partition="group")
    order = warehouse.table(table, "where")
    assert order.upsert([{"select": "a"}, {"select": "b"}]).inserted == 2
    assert order.replace([{"select": "b"}]).vanished == 1


def test_a_query_is_written_like_rows_are(warehouse: Warehouse, scheme: str) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1", donor="a"), a_gift("g2", donor="b"), a_gift("g3", donor="a")])
    names = warehouse.table(NAMES)
    source = sql_name(scheme, GIFTS.name)
    donors = a_query(
        f"select donor as id, max(id) as name from {source} where cycle = $cycle group by donor;", cycle="2024"
    )
    assert names.replace(donors).inserted == 2
    assert not names.replace(donors).is_change
    gifts.upsert([a_gift("g4", donor="b"), a_gift("g5", donor="c")])
    again = names.replace(donors)
    assert (again.inserted, again.changed, again.unchanged) == (1, 1, 1)
    assert stored(warehouse, scheme, NAMES) == [("a", "g3"), ("b", "g4"), ("c", "g5")]
    assert names.content_hash() == names.fingerprint().value


def test_a_query_may_read_the_table_it_is_written_to(warehouse: Warehouse, scheme: str) -> None:
    names = warehouse.table(NAMES)
    names.upsert([{"id": "1", "name": "a"}, {"id": "2", "name": "b"}])
    result = names.replace(
        a_query(f"select id, name || '!' as name from {sql_name(scheme, NAMES.name)} where id = '1'")
    )
    assert (result.changed, result.vanished) == (1, 1)


def test_a_query_fills_the_partition_and_may_not_name_another(warehouse: Warehouse, scheme: str) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert(a_query("select 'g1' as id, 'x' as donor"))
    assert stored(warehouse, scheme, GIFTS, "cycle", "id") == [("2024", "g1")]
    with pytest.raises(WarehouseError, match="partition `2022` was given"):
        gifts.upsert(a_query("select 'g1' as id, '2022' as cycle, 'x' as donor"))


def test_a_query_and_rows_of_equal_content_have_one_fingerprint(warehouse: Warehouse, scheme: str) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1"), a_gift("g2", amount=5, share=3.0, is_memo=True)])
    columns = [column.name for column in GIFTS.columns if column.name != "cycle"]
    copy = a_query(f"select '2022' as cycle, {', '.join(columns)} from {sql_name(scheme, GIFTS.name)}")
    other = warehouse.table(GIFTS, "2022")
    assert other.replace(copy).inserted == 2
    assert other.replace([a_gift("g1"), a_gift("g2", amount=5, share=3.0, is_memo=True)]).unchanged == 2


@pytest.mark.parametrize(
    "sql", ["select 1 as id, 2 as nam", "select nope as id", "selec", "select 'a' as id, 'b' as memos"]
)
def test_a_wrong_query_writes_nothing(warehouse: Warehouse, sql: str) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    with pytest.raises(WarehouseError):
        gifts.upsert(a_query(sql))
    assert gifts.fingerprint().version == 0


def test_reading_binds_parameters_and_names_columns(warehouse: Warehouse, scheme: str) -> None:
    warehouse.table(GIFTS, "2024").upsert([a_gift("g1"), a_gift("g2")])
    found = warehouse.query(f"select id, amount from {sql_name(scheme, GIFTS.name)} where id = $id", {"id": "g2"})
    assert list(found.dicts()) == [{"id": "g2", "amount": Decimal("12.50")}]
    assert list(warehouse.query(a_query("select $x as x", x=1), {"x": 2}).rows) == [(2,)]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from {table}",
        "drop table {table}",
        "update {table} set name = 'x'",
        "insert into {table} select * from {table}",
        "create table x (a int)",
        "create temp table x (a int)",
        "select 1; delete from {table}",
        "attach 'other.db' as other",
        "begin",
        "",
    ],
)
def test_a_query_cannot_write(warehouse: Warehouse, scheme: str, sql: str) -> None:
    names = warehouse.table(NAMES)
    names.upsert([{"id": "1"}])
    with pytest.raises(WarehouseError):
        warehouse.query(sql.format(table=sql_name(scheme, NAMES.name)))
    assert names.upsert([{"id": "1"}, {"id": "2"}]).inserted == 1
