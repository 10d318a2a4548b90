"""Those who look at tables never stand in the way of runs, and are told when a run stands in theirs."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from penstock.errors import ConflictError, WarehouseError
from tests.engines import an_engine
from tests.web.shop import shop

ROOT = Path(__file__).parents[2]
_RUNS = """
import sys
from pathlib import Path
from tests.engines import an_engine, run
from tests.web.shop import shop
folder = Path(sys.argv[1])
for price in range(int(sys.argv[2])):
    with an_engine(folder, shop(folder)) as engine:
        view = run(engine, "shop", params={"price": price + 1})
        print(view.status.value, *(task.failure.message for task in view.failed), flush=True)
"""
_HOLD = """
import sys
from pathlib import Path
from tests.engines import an_engine
from tests.web.shop import shop
folder = Path(sys.argv[1])
with an_engine(folder, shop(folder)) as engine:
    engine.data.warehouse.query("select 1")
    print("held", flush=True)
    sys.stdin.read()
"""


def a_process(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_runs_of_another_process_never_fail_because_somebody_looks(tmp_path: Path) -> None:
    looks, over = list[str](), threading.Event()
    with an_engine(tmp_path, shop(tmp_path)) as engine:
        engine.data.share(timedelta(seconds=1))

        def look() -> None:
            while not over.is_set():
                try:
                    with engine.data.look() as reader:
                        reader.overview()
                        reader.rows("bronze.orders")
                    looks.append("seen")
                except ConflictError as error:
                    looks.append(error.message)

        lookers = [threading.Thread(target=look) for _ in range(4)]
        for looker in lookers:
            looker.start()
        running = a_process(_RUNS, str(tmp_path), "5")
        told, _ = running.communicate(timeout=120)
        over.set()
        for looker in lookers:
            looker.join()
    assert told.splitlines() == ["completed"] * 5
    assert looks.count("seen") > 5
    assert set(looks) <= {"seen", "a run is writing to the warehouse", "the warehouse is being looked at"}


def test_a_held_warehouse_is_told_and_free_again_afterwards(tmp_path: Path) -> None:
    with an_engine(tmp_path, shop(tmp_path)) as engine:
        engine.data.share(timedelta(milliseconds=100))
        holder = a_process(_HOLD, str(tmp_path))
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(ConflictError, match="a run is writing to the warehouse") as caught,
            engine.data.look() as reader,
        ):
            reader.overview()
        assert caught.value.hint == "try again in a moment"
        holder.communicate("")
        with engine.data.look() as reader:
            assert reader.overview() == ()


def test_a_look_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    from penstock.kit.clock import SystemClock
    from penstock.warehouse import turns

    with an_engine(tmp_path, shop(tmp_path)) as engine:
        warehouse, endless = engine.data.warehouse, "with recursive n(i) as (select 1 union all select i + 1 from n) "
        with (
            pytest.raises(WarehouseError, match="was interrupted"),
            turns.Turns(SystemClock(), longest=timedelta(milliseconds=300)).take(
                warehouse.interrupt, warehouse.release
            ),
        ):
            warehouse.query(endless + "select max(i) from n")
        assert list(warehouse.query("select 1").rows) == [(1,)]
