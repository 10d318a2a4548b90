"""What the machine itself needs: the least that a workload could cost, measured in the same sitting."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

SCHEMA = """
CREATE TABLE work (key TEXT PRIMARY KEY, status TEXT, seen TEXT, began REAL, ended REAL, result TEXT) WITHOUT ROWID
"""
WRITE = """
INSERT INTO work VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET status = excluded.status, ended = excluded.ended, result = excluded.result
"""


def database(folder: Path) -> sqlite3.Connection:
    """Return a new database in WAL mode that survives a kill of the process."""
    for old in folder.glob("floor.db*"):
        old.unlink()
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(SCHEMA)
    return connection


def row(number: int, status: str) -> tuple[object, ...]:
    """Return one row of the size of a task run."""
    return (f"task-{number:06d}", status, "0123456789abcdef", 1.0, 2.0, "{}")


def two_transactions_per_task(folder: Path, count: int) -> float:
    """Return the seconds for writing `running`, then `completed`, each in a transaction of its own."""
    connection = database(folder)
    began = time.perf_counter()
    for number in range(count):
        for status in ("running", "completed"):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(WRITE, row(number, status))
            connection.execute("COMMIT")
    spent = time.perf_counter() - began
    connection.close()
    return spent


def batched_items(folder: Path, count: int, batch: int = 100) -> float:
    """Return the seconds for writing items once, then claiming and finishing them in batches, a transaction each."""
    connection = database(folder)
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(WRITE, (row(number, "pending") for number in range(count)))
    connection.execute("COMMIT")
    for start in range(0, count, batch):
        for status in ("running", "completed"):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(WRITE, [row(number, status) for number in range(start, start + batch)])
            connection.execute("COMMIT")
    spent = time.perf_counter() - began
    connection.close()
    return spent


def start_python(imports: str = "json, sqlite3, subprocess") -> float:
    """Return the seconds of an interpreter that imports what no engine can do without, and ends."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {imports}"], check=True)
    return time.perf_counter() - began


def read_all(folder: Path, count: int) -> float:
    """Return the seconds of a new interpreter and one read of every key's state."""
    connection = database(folder)
    connection.execute("BEGIN")
    connection.executemany(WRITE, (row(number, "completed") for number in range(count)))
    connection.execute("COMMIT")
    began = time.perf_counter()
    states = {key: seen for key, seen in connection.execute("SELECT key, seen FROM work")}  # noqa: C416 - as an engine would
    spent = time.perf_counter() - began
    assert len(states) == count
    connection.close()
    return spent + start_python()
