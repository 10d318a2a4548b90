"""What every warehouse promises of rows, counts, fingerprints, cursors and the change log, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from penstock.errors import ConflictError, ExpectationError, SourceError, WarehouseError
from penstock.kit.jsonable import from_json
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import (
    GIFTS,
    NAMES,
    a_gift,
    changes,
    open_at,
    rejected,
    sql_name,
    stored,
)


def test_every_type_comes_back_as_it_was_given(warehouse: Warehouse, scheme: str) -> None:
    given = a_gift(cycle="2024")
    warehouse.table(GIFTS, "2024").upsert([given, {"id": "g2", "donor": "x"}])
    full, sparse = stored(warehouse, scheme, GIFTS)
    assert dict(zip([column.name for column in GIFTS.columns], full, strict=True)) == given
    assert sparse == ("2024", "g2", "x", None, None, None, None, None, None)
    assert isinstance(full[3], Decimal)


def test_instants_of_other_zones_are_kept_in_utc(warehouse: Warehouse, scheme: str) -> None:
    warehouse.table(GIFTS, "2024").upsert([a_gift(loaded_at="2026-01-01T00:30:00+05:30")])
    assert stored(warehouse, scheme, GIFTS, "loaded_at") == [(datetime(2025, 12, 31, 19, tzinfo=UTC),)]


def test_amounts_stay_exact_to_the_cent(warehouse: Warehouse, scheme: str) -> None:
    amounts = [Decimal("0.01"), Decimal("-0.10"), Decimal("999999.99"), Decimal("4503599627370.49") * -1]
    rows = [a_gift(f"g{place}", amount=amount) for place, amount in enumerate(amounts)]
    warehouse.table(GIFTS, "2024").upsert(rows)
    assert [row[0] for row in stored(warehouse, scheme, GIFTS, "amount")] == amounts


def test_a_write_says_what_became_of_each_row(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    first = gifts.upsert([a_gift("g1"), a_gift("g2"), a_gift("g3")])
    second = gifts.upsert([a_gift("g1"), a_gift("g2", amount=1), a_gift("g4")])
    third = gifts.replace([a_gift("g4")])
    assert (first.inserted, first.changed, first.unchanged, first.vanished) == (3, 0, 0, 0)
    assert (second.inserted, second.changed, second.unchanged, second.vanished) == (1, 1, 1, 0)
    assert (third.inserted, third.changed, third.unchanged, third.vanished) == (0, 0, 1, 3)
    assert third.is_change


def test_a_write_that_changes_nothing_leaves_the_fingerprint(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1"), a_gift("g2")])
    before = gifts.fingerprint()
    again = gifts.replace([a_gift("g2"), a_gift("g1")])
    assert not again.is_change
    assert gifts.fingerprint() == before
    assert again.fingerprint == before.value


def test_every_change_raises_the_version_by_one(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    versions = [gifts.fingerprint().version]
    for rows in ([a_gift("g1")], [a_gift("g1", amount=1)], [a_gift("g1", amount=1)], [a_gift("g2")]):
        gifts.upsert(rows)
        versions.append(gifts.fingerprint().version)
    assert versions == [0, 1, 2, 2, 3]


def test_equal_content_has_an_equal_fingerprint_whatever_its_history(
    warehouse: Warehouse, scheme: str, tmp_path: Path
) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    for rows in ([a_gift("g1", amount=9), a_gift("g2")], [a_gift("g3")], [a_gift("g1")]):
        gifts.upsert(rows)
    gifts.replace([a_gift("g3"), a_gift("g1")])
    fresh = open_at(scheme, tmp_path, "other")
    other = fresh.table(GIFTS, "2024")
    other.upsert([a_gift("g1"), a_gift("g3")])
    assert gifts.fingerprint().value == other.fingerprint().value == gifts.content_hash() == other.content_hash()
    fresh.close()


def test_swapping_values_between_rows_changes_the_fingerprint(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1", donor="x", memos=1), a_gift("g2", donor="y", memos=2)])
    before = gifts.fingerprint().value
    gifts.upsert([a_gift("g1", donor="x", memos=2), a_gift("g2", donor="y", memos=1)])
    assert gifts.fingerprint().value != before


def test_a_null_and_an_empty_text_are_different_content(warehouse: Warehouse) -> None:
    names = warehouse.table(NAMES)
    names.upsert([{"id": "1", "name": ""}])
    assert names.upsert([{"id": "1", "name": None}]).changed == 1
    assert names.upsert([{"id": "1"}]).unchanged == 1


def test_a_table_without_rows_is_empty(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    assert gifts.fingerprint().value == gifts.content_hash() == "empty"
    gifts.upsert([a_gift()])
    gifts.replace([])
    assert gifts.fingerprint().value == gifts.content_hash() == "empty"
    assert gifts.fingerprint().version == 2


def test_a_row_given_twice_in_full_is_stored_once(warehouse: Warehouse) -> None:
    result = warehouse.table(GIFTS, "2024").upsert([a_gift("g1"), a_gift("g2"), a_gift("g1"), a_gift("g1")])
    assert (result.inserted, result.repeated, dict(result.rejected)) == (2, 2, {})


def test_of_rows_with_one_key_the_last_given_is_stored(warehouse: Warehouse, scheme: str) -> None:
    rows = [a_gift("g1", amount=1), a_gift("g2"), a_gift("g1", amount=2), a_gift("g1", amount=3)]
    result = warehouse.table(GIFTS, "2024", load="R1").upsert(rows)
    assert (result.inserted, result.rejected) == (2, {"duplicate key": 2})
    assert stored(warehouse, scheme, GIFTS, "id", "amount") == [("g1", Decimal(3)), ("g2", Decimal("12.50"))]
    kept = rejected(warehouse, scheme)
    assert sorted(from_json(row["raw"])["amount"] for row in kept) == ["1.00", "2.00"]
    assert {row["load"] for row in kept} == {"R1"}


@pytest.mark.parametrize("key", [None, "", "   "])
def test_a_row_with_a_blank_key_is_rejected(warehouse: Warehouse, scheme: str, key: str | None) -> None:
    result = warehouse.table(GIFTS, "2024").upsert([a_gift("g1"), {**a_gift(), "id": key}])
    assert (result.inserted, result.rejected) == (1, {"blank key": 1})
    assert [row["reason"] for row in rejected(warehouse, scheme)] == ["blank key"]


def test_a_row_rejected_again_is_kept_once(warehouse: Warehouse, scheme: str) -> None:
    for load in ("R1", "R2"):
        warehouse.table(GIFTS, "2024", load=load).upsert([a_gift("g1"), {**a_gift(), "id": None}])
    assert [row["load"] for row in rejected(warehouse, scheme)] == ["R1"]


def test_the_counts_add_up_to_the_distinct_rows_given(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift(f"g{i}") for i in range(10)])
    rows = [a_gift(f"g{i}", amount=i % 3) for i in range(5, 15)]
    result = gifts.upsert([*rows, *rows[:4]])
    assert result.inserted + result.changed + result.unchanged == 10
    assert result.repeated == 4


def test_an_unknown_column_is_refused_with_a_suggestion(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match=r"`silver\.gifts` has no column `dono`") as caught:
        warehouse.table(GIFTS, "2024").upsert([{"id": "g1", "dono": "x"}])
    assert caught.value.hint == "did you mean `donor`?"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", "1.005"),
        ("amount", "many"),
        ("amount", Decimal("NaN")),
        ("amount", 10**17),
        ("memos", 2**63),
        ("memos", 1.5),
        ("share", float("inf")),
        ("is_memo", "perhaps"),
        ("given_on", "2024-02-30"),
        ("given_on", datetime(2024, 1, 1, tzinfo=UTC)),
        ("loaded_at", "2024-01-01T00:00:00"),
    ],
)
def test_a_value_that_would_lose_something_is_refused(warehouse: Warehouse, column: str, value: object) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    with pytest.raises(WarehouseError, match=f"`{column}` of table `silver.gifts`"):
        gifts.upsert([a_gift("g0"), a_gift("g1", **{column: value})])
    assert gifts.fingerprint().version == 0


def test_a_missing_required_value_writes_nothing(warehouse: Warehouse, scheme: str) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    with pytest.raises(ExpectationError, match=r"`silver.gifts` expects `donor` to be there, which 2 rows") as caught:
        gifts.upsert([a_gift("g1"), a_gift("g2", donor=None), a_gift("g3", donor=None)], cursor=7)
    assert '"id":"g' in str(caught.value)
    assert stored(warehouse, scheme, GIFTS) == []
    assert gifts.cursor() is None


def test_a_broken_expectation_writes_nothing(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1")])
    before = gifts.fingerprint()
    with pytest.raises(ExpectationError, match="amounts below a million"):
        gifts.upsert([a_gift("g2", amount=1_000_000), a_gift("g3")])
    with pytest.raises(ExpectationError, match="at most 500 gifts"):
        gifts.upsert([a_gift(f"n{i}") for i in range(500)])
    assert gifts.fingerprint() == before
    assert gifts.content_hash() == before.value


def test_an_expectation_that_is_null_holds(warehouse: Warehouse) -> None:
    assert warehouse.table(GIFTS, "2024").upsert([a_gift(amount=None)]).inserted == 1


def test_what_the_guard_raises_undoes_the_write(warehouse: Warehouse, scheme: str) -> None:
    def refuse() -> None:
        raise ConflictError("the lease was taken over")

    warehouse.table(GIFTS, "2024").upsert([a_gift("g1")], cursor=1)
    guarded = warehouse.table(GIFTS, "2024", guard=refuse)
    with pytest.raises(ConflictError, match="taken over"):
        guarded.upsert([a_gift("g1", amount=1), a_gift("g2"), {"donor": "x"}], cursor=2)
    assert stored(warehouse, scheme, GIFTS, "id", "amount") == [("g1", Decimal("12.50"))]
    assert guarded.cursor() == 1
    assert rejected(warehouse, scheme) == []


def test_rows_that_fail_half_way_write_nothing(warehouse: Warehouse) -> None:
    def broken() -> Iterator[dict[str, object]]:
        yield from (a_gift(f"g{i}") for i in range(300))
        raise SourceError("the page was cut off")

    gifts = warehouse.table(GIFTS, "2024")
    with pytest.raises(SourceError, match="cut off"):
        gifts.upsert(broken())
    assert gifts.fingerprint().version == 0
    assert gifts.upsert([a_gift()]).inserted == 1


def test_a_cursor_is_kept_for_each_scope(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift()], cursor={"page": 3, "last": ["a", None]}, scope="C1")
    gifts.upsert([], cursor="x", scope="C2")
    gifts.upsert([a_gift()], scope="C1")
    assert gifts.cursor("C1") == {"page": 3, "last": ["a", None]}
    assert gifts.cursor("C2") == "x"
    assert gifts.cursor() is None
    assert warehouse.table(GIFTS, "2022").cursor("C1") is None


def test_partitions_do_not_touch_each_other(warehouse: Warehouse, scheme: str) -> None:
    old, new = warehouse.table(GIFTS, "2022"), warehouse.table(GIFTS, "2024")
    old.upsert([a_gift("g1"), a_gift("g2")])
    before = old.fingerprint()
    new.upsert([a_gift("g1", amount=1)])
    new.replace([a_gift("g3")])
    assert old.fingerprint() == before
    assert [row[:2] for row in stored(warehouse, scheme, GIFTS)] == [("2022", "g1"), ("2022", "g2"), ("2024", "g3")]


def test_a_row_of_another_partition_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="partition `2022` was given to partition `2024`"):
        warehouse.table(GIFTS, "2024").upsert([a_gift(cycle="2022")])
    with pytest.raises(WarehouseError, match="none is named"):
        warehouse.table(GIFTS)


def test_a_table_without_partitions_ignores_the_run_s(warehouse: Warehouse) -> None:
    warehouse.table(NAMES, "2022").upsert([{"id": "1"}])
    assert warehouse.table(NAMES, "2024").upsert([{"id": "1"}]).unchanged == 1
    assert warehouse.fingerprints([NAMES.name], "1999")[NAMES.name].version == 1


def test_fingerprints_are_read_by_name(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift()])
    found = warehouse.fingerprints([GIFTS.name, "gold.nothing"], "2024")
    assert found[GIFTS.name] == gifts.fingerprint()
    assert (found["gold.nothing"].value, found["gold.nothing"].version) == ("empty", 0)
    assert warehouse.fingerprints([GIFTS.name], "2022")[GIFTS.name].version == 0


def test_a_dropped_partition_leaves_nothing(warehouse: Warehouse, scheme: str) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1"), a_gift("g2"), {"donor": "x"}], cursor=1)
    gifts.upsert([a_gift("g1", amount=1)])
    warehouse.table(GIFTS, "2022").upsert([a_gift("g1")])
    assert warehouse.drop_partition(GIFTS.name, "2024") == 2
    assert warehouse.drop_partition(GIFTS.name, "2024") == 0
    assert warehouse.drop_partition("gold.nothing", "2024") == 0
    assert (gifts.cursor(), gifts.fingerprint().version) == (None, 0)
    assert changes(warehouse, scheme) == rejected(warehouse, scheme) == []
    assert stored(warehouse, scheme, GIFTS, "cycle") == [("2022",)]


def test_the_first_write_is_one_load_and_later_ones_are_logged_row_by_row(warehouse: Warehouse, scheme: str) -> None:
    warehouse.table(GIFTS, "2024", load="R1").upsert([a_gift("g1"), a_gift("g2")])
    assert changes(warehouse, scheme) == []
    warehouse.table(GIFTS, "2024", load="R2").replace([a_gift("g1", amount=1, donor="y"), a_gift("g3")])
    log = changes(warehouse, scheme)
    assert [(row["kind"], from_json(row["key"])["id"], row["load"], row["version"]) for row in log] == [
        ("changed", "g1", "R2", 2),
        ("vanished", "g2", "R2", 2),
        ("inserted", "g3", "R2", 2),
    ]
    assert set(log[0]["changed"].split(",")) == {"donor", "amount"}
    assert (from_json(log[0]["old"])["amount"], from_json(log[0]["new"])["amount"]) == ("12.50", "1.00")
    assert from_json(log[2]["new"])["loaded_at"] == "2026-01-02T03:04:05.678901+00:00"
    assert from_json(log[2]["new"])["is_memo"] is False
    loads = warehouse.query(f"select load, version from {sql_name(scheme, '_penstock.loads')} order by version").rows
    assert list(loads) == [("R1", 1), ("R2", 2)]
