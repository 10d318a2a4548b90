"""Values of the warehouse's books."""

from __future__ import annotations

import pytest

from penstock.warehouse import Column, ColumnType, Layer, Table
from penstock.warehouse.sql.catalog import BOOKKEEPING, REJECTED_ROWS, Catalog, fingerprint_value, hash_sum
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.sql.evolve import from_stored_form, stored_form
from penstock.warehouse.sqlite.dialect import SqliteDialect, row_hash, row_json


def test_a_hash_sum_wraps_at_64_bits() -> None:
    hashes = [2**64 - 1, 2**63, 5]
    low, high = sum(value & 0xFFFFFFFF for value in hashes), sum(value >> 32 for value in hashes)
    assert hash_sum(low, high) == sum(hashes) % 2**64


def test_no_rows_are_empty_whatever_their_sum() -> None:
    assert fingerprint_value(0, 0) == "empty"
    assert fingerprint_value(3, 255) == "00000000000000ff-3"


def test_a_declaration_survives_the_books() -> None:
    table = Table("gold.x", (Column("a"), Column("b", ColumnType.MONEY)), key=("a",), partition="b", lineage=True)
    assert from_stored_form(stored_form(table)) == table


def test_every_book_is_told() -> None:
    assert {*BOOKKEEPING, "rejected_rows"} == set(Catalog(SqliteDialect()).names)
    assert REJECTED_ROWS.layer is Layer.BRONZE
    assert all(column.doc for column in REJECTED_ROWS.columns)


@pytest.mark.parametrize(("name", "quoted"), [("a", '"a"'), ('a"b', '"a""b"')])
def test_identifiers_are_quoted(name: str, quoted: str) -> None:
    assert quote(name) == quoted


def test_the_hash_of_sqlite_tells_values_and_places_apart() -> None:
    rows = [(1, None), (None, 1), ("1", None), ("", None), (1.5, None), (b"1", None), ("1,None", None)]
    assert len({row_hash(*row) for row in rows}) == len(rows)
    assert row_hash(5) == row_hash(5.0)


def test_the_json_of_sqlite_writes_exact_types_as_text() -> None:
    told = row_json("a:money_numeric,b:boolean_numeric,c:instant_text,d:text", 5, 1, "2024-01-02 03:04:05.000006", None)
    assert told == '{"a":"5.00","b":true,"c":"2024-01-02T03:04:05.000006+00:00","d":null}'
