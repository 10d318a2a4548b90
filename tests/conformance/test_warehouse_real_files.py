"""Files of the Federal Election Commission as published, kept alike by every engine."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from penstock.warehouse import Column, DelimitedFile, DelimitedFiles, Table
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import stored

FOLDER = Path(os.environ.get("PENSTOCK_REAL_DATA", Path(__file__).parents[3] / "shared" / "data")) / "fec"
FIELDS = tuple(f"f{place:02d}" for place in range(1, 22))
TABLE = Table("bronze.itcont", tuple(map(Column, FIELDS)), key=("f21",), lineage=True)

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real data folder is not there; set PENSTOCK_REAL_DATA"),
]


def _files(folder: Path) -> tuple[DelimitedFile, ...]:
    files = []
    for packed in sorted((FOLDER / "itcont_slices").glob("*.txt.gz")):
        path = folder / packed.stem
        path.write_bytes(gzip.decompress(packed.read_bytes()))
        files.append(DelimitedFile(path, packed.name, "latin-1"))
    return tuple(files)


def test_real_lines_are_kept_as_published(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    files = _files(tmp_path)
    table = warehouse.table(TABLE)
    result = table.upsert(DelimitedFiles(files, FIELDS), complete=True)
    lines = [
        (file.name, number, line.removesuffix(b"\r").decode("latin-1"))
        for file in files
        for number, line in enumerate(file.path.read_bytes().split(b"\n"), start=1)
        if line.removesuffix(b"\r")
    ]
    whole = {text.split("|")[20]: (name, number, text) for name, number, text in lines if text.count("|") == 20}
    kept = {row[20]: (row[21], row[22], "|".join(v or "" for v in row[:21])) for row in _rows(warehouse, scheme)}
    assert kept == whole
    assert result.inserted == len(whole)
    assert len(lines) == result.inserted + result.repeated + sum(result.rejected.values())
    again = table.upsert(DelimitedFiles(files, FIELDS), complete=True)
    assert (again.unchanged, again.is_change) == (len(whole), False)


def _rows(warehouse: Warehouse, scheme: str) -> list[tuple[str, ...]]:
    return stored(warehouse, scheme, TABLE, *FIELDS, "_file", "_line")
