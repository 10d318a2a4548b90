"""What a complete set of files may not do to a table, and what becomes of lines that were repaired, on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import SourceError
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import LINES, a_file, lines_of, rejected


def test_a_file_none_of_whose_lines_is_a_row_is_refused(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    with pytest.raises(SourceError, match=r"no line of `lines\.txt` is a row of 3 fields: 2 × field count"):
        lines.upsert(lines_of(a_file(tmp_path, b"too|few\nfar|too|many|fields\n")), complete=True)
    assert lines.fingerprint().value == "empty"
    assert rejected(warehouse, scheme) == []


def test_a_damaged_file_takes_no_stored_row_away(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n3|4|k2\n")), complete=True)
    before = lines.fingerprint()
    with pytest.raises(SourceError):
        lines.upsert(lines_of(a_file(tmp_path, b"too|few\n")), complete=True)
    assert lines.fingerprint() == before


def test_a_repaired_line_is_not_listed_as_rejected_any_more(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\ntoo|few\nbad\n")), complete=True)
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n3|4|k2\nbad\n")), complete=True)
    assert [row["raw"] for row in rejected(warehouse, scheme)] == ["bad"]
