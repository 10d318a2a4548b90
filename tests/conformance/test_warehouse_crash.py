"""A killed writer leaves the old content or the new one, entirely, with everything that belongs to it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouse_writer import ROWS, write
from tests.conformance.warehouses import LINES, open_at, sql_name

KILLS = 8


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_one_whole_state(scheme: str, tmp_path: Path) -> None:
    values = _values(scheme, tmp_path)
    open_at(scheme, tmp_path).close()  # a server that the writer started would end with it
    chance = random.Random(20240229)
    seen = set()
    for _ in range(KILLS):
        _kill_a_writer(scheme, tmp_path, after=chance.uniform(0.0, 0.4))
        warehouse = open_at(scheme, tmp_path)
        table = warehouse.table(LINES, "2024")
        state = table.cursor()
        assert table.fingerprint().value == table.content_hash() == values[state]
        assert _loads(warehouse, scheme) == table.fingerprint().version
        seen.add(state)
        warehouse.close()
    assert list(tmp_path.glob("*.spill")) == []
    assert seen <= {None, 0, 1}


def _values(scheme: str, folder: Path) -> dict[int | None, str]:
    values: dict[int | None, str] = {None: "empty"}
    (folder / "expected").mkdir()
    for state in (0, 1):
        warehouse = open_at(scheme, folder / "expected", f"state-{state}")
        table = warehouse.table(LINES, "2024")
        write(table, folder / "expected", state, as_rows=False)
        assert table.fingerprint().value.endswith(f"-{ROWS}")
        values[state] = table.fingerprint().value
        warehouse.close()
    return values


def _kill_a_writer(scheme: str, folder: Path, after: float) -> None:
    command = [sys.executable, "-m", "tests.conformance.warehouse_writer", scheme, str(folder)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(after)
        writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL


def _loads(warehouse: Warehouse, scheme: str) -> int:
    loads = sql_name(scheme, "_penstock.loads")
    return int(warehouse.query(f"select coalesce(max(version), 0) from {loads}").rows[0][0])
