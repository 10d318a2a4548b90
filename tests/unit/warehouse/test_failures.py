"""What DuckDB says, in Penstock's words."""

from __future__ import annotations

import duckdb
import pytest

from penstock.errors import ConflictError, PenstockError, WarehouseError
from penstock.warehouse.duckdb.failures import translated


@pytest.mark.parametrize(
    ("said", "kind", "meaning"),
    [
        (
            'IO Error: Could not set lock on file "w.db": Conflicting lock is held in python3.11 (PID 4321).',
            ConflictError,
            "is in use by process PID 4321",
        ),
        (
            "IO Error: Trying to read a database file with version number 99, but we can only read versions 64 to 67.",
            WarehouseError,
            "was written by another version of DuckDB",
        ),
        ("IO Error: Could not write file: No space left on device", WarehouseError, "is out of disk space"),
        ("Out of Memory Error: failed to pin block of size 256.0 KiB", WarehouseError, "is out of memory"),
        ("Binder Error: no such column", WarehouseError, "refused a statement"),
    ],
)
def test_a_driver_s_error_becomes_ours(said: str, kind: type[PenstockError], meaning: str) -> None:
    with pytest.raises(kind, match=meaning) as caught, translated("w.db"):
        raise duckdb.IOException(said)
    assert caught.value.message.startswith("warehouse `w.db`")
    assert not caught.value.message.endswith(".")


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), translated("w.db"):
        raise KeyError("x")
