"""How much memory DuckDB may use, now and while it streams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

# A bulk load streams: what it has written stays in memory up to the limit, and is not read again.
_STREAMING = "800MB"
_UNITS = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_SIZE = re.compile(r"([0-9.]+) *([a-z]+)")


@contextmanager
def streaming(root: duckdb.DuckDBPyConnection, usual: str) -> Iterator[None]:
    """Hold the memory limit at what streaming needs, where the usual one is higher."""
    if _bytes(usual) <= _bytes(_STREAMING):
        yield
        return
    with suppress(duckdb.OutOfMemoryException):  # other threads hold more at the moment: then nothing is limited
        _limit(root, _STREAMING)
    try:
        yield
    finally:
        _limit(root, usual)


def _limit(root: duckdb.DuckDBPyConnection, size: str) -> None:
    cursor = root.cursor()
    cursor.execute("set global memory_limit = $size", {"size": size})
    cursor.close()


def _bytes(size: str) -> float:
    found = _SIZE.fullmatch(size.strip().lower())
    # What is written another way, as a share of the machine's memory, is taken for more than streaming needs.
    return float(found.group(1)) * _UNITS.get(found.group(2), 1e12) if found else 1e12
