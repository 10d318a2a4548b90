"""Measures the engine beside its floors, in one sitting: the ratios count, the times are of this machine and hour."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import floors
from sitting import Measure, emptied, measure

HERE = Path(__file__).resolve().parent
SCRATCH = HERE / "scratch"
PENSTOCK = Path(sys.executable).with_name("penstock")
OURS = HERE / "peers" / "penstock_peer.py"
HEADER = (
    f"{'workload':30} {'unit':14} {'floor':>11} {'ours':>11} {'spread':26} {'ratio':>7}"
    f" {'goal':18} {'memory':>9} {'other':>5}"
)


@dataclass(frozen=True)
class Workload:
    """One line of the table: what is done, the floor for it, and how often; values are seconds per unit."""

    name: str
    unit: str
    count: int
    floor: Callable[[], float]
    ours: Callable[[], tuple[float, Measure]]
    goal_s: float | None = None


def peer(program: Path, kind: str, count: int, *, variant: str = "", python: str = sys.executable) -> Measure:
    """Return one run of a peer program on an empty state."""
    state = emptied(SCRATCH / f"{program.stem}-{kind}-{count}")
    return measure([python, program, kind, str(count), state], state, BENCH_VARIANT=variant)


def per_task(kind: str, count: int, variant: str = "") -> Callable[[], tuple[float, Measure]]:
    """Return a measurement of the seconds per task, from 'go' to 'result in hand'."""

    def once() -> tuple[float, Measure]:
        taken = peer(OURS, kind, count, variant=variant)
        return taken.told["run_s"] / count, taken

    return once


def first_task() -> tuple[float, Measure]:
    """Return the seconds from the start of the process to the first task body."""
    taken = peer(OURS, "chain", 1)
    return taken.told["first_s"], taken


def project(count: int) -> Path:
    """Return a project folder with a pipeline of so many tasks, all of them run once."""
    folder = emptied(SCRATCH / f"project-{count}")
    (folder / "pipelines").mkdir()
    text = f"""
        from penstock import Context, Pipeline, task


        def no_op(name: str):
            @task(name=name)
            def body(ctx: Context) -> None:
                pass

            return body


        pipeline = Pipeline("many", tasks=[no_op(f"t{{i}}") for i in range({count})])
    """
    (folder / "pipelines" / "many.py").write_text(textwrap.dedent(text), encoding="utf-8")
    measure([PENSTOCK, "run", "many"], folder)
    return folder


def fresh_command(count: int) -> Callable[[], tuple[float, Measure]]:
    """Return a measurement of the whole command when every task is fresh."""
    folders: list[Path] = []

    def once() -> tuple[float, Measure]:
        if not folders:
            folders.append(project(count))
        taken = measure([PENSTOCK, "run", "many"], folders[0])
        return taken.wall_s, taken

    return once


def workloads() -> list[Workload]:
    """Return the table's lines."""

    def durable(count: int) -> Callable[[], float]:
        return lambda: floors.two_transactions_per_task(SCRATCH, count) / count

    return [
        Workload("fan of 1,000 durable tasks", "per task", 1000, durable(1000), per_task("fan", 1000), 150e-6),
        Workload("chain of 1,000 durable tasks", "per task", 1000, durable(1000), per_task("chain", 1000)),
        Workload("fan of 10,000 durable tasks", "per task", 10000, durable(10000), per_task("fan", 10000)),
        Workload(
            "fan-out over 100,000 items",
            "per item",
            100000,
            lambda: floors.batched_items(SCRATCH, 100000) / 100000,
            per_task("fan", 100000, "items"),
            40e-6,
        ),
        Workload(
            "10,000 fresh tasks",
            "whole command",
            10000,
            lambda: floors.read_all(SCRATCH, 10000),
            fresh_command(10000),
            0.5,
        ),
        Workload("start to first task", "process", 1, floors.start_python, first_task, 0.2),
    ]


def shown(seconds: float) -> str:
    """Return a time in the unit that reads best."""
    return (
        f"{seconds * 1e6:8.1f} us"
        if seconds < 1e-3
        else f"{seconds * 1e3:8.1f} ms"
        if seconds < 1
        else f"{seconds:8.2f} s "
    )


def line(workload: Workload, times: int) -> str:
    """Measure floor and ours by turns and return the table's line."""
    floor_s, ours = [], []
    for _ in range(times):
        floor_s.append(workload.floor())
        ours.append(workload.ours())
    floor, mine = statistics.median(floor_s), statistics.median(seconds for seconds, _ in ours)
    spread = f"[{shown(min(s for s, _ in ours)).strip()} to {shown(max(s for s, _ in ours)).strip()}]"
    verdict = (
        ""
        if workload.goal_s is None
        else f"{shown(workload.goal_s).strip()}: {'met' if mine <= workload.goal_s else 'missed'}"
    )
    rss = max(taken.rss_mb for _, taken in ours)
    other = statistics.median(taken.other for _, taken in ours)
    return (
        f"{workload.name:30} {workload.unit:14} {shown(floor)} {shown(mine)} {spread:26} {mine / floor:6.1f}x"
        f" {verdict:18} {rss:6.0f} MB {other:5.2f}"
    )


def doit_line(times: int, python: str) -> str:
    """Return the line of doit's fan, which is durable only at its end."""
    taken = [peer(HERE / "peers" / "doit_peer.py", "fan", 1000, python=python) for _ in range(times)]
    middle = statistics.median(one.told["run_s"] / 1000 for one in taken)
    return f"{'  (doit, fan of 1,000)':30} {'per task':14} {'':11} {shown(middle)}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=5, help="how often each line is measured")
    options.add_argument("--only", default="", help="lines whose name contains this")
    options.add_argument("--engine-only", action="store_true", help="leave the warehouse out")
    given = options.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    print(HEADER)
    for workload in workloads():
        if given.only in workload.name:
            print(line(workload, given.times), flush=True)
    doit = os.environ.get("BENCH_DOIT_PYTHON")
    if doit and given.only in "doit fan":
        print(doit_line(given.times, doit), flush=True)
    print("`other` is the load of the rest of the machine in cores; above 1 the line had one core of two")
    if not given.only or given.only in "scripts":
        subprocess.run([sys.executable, HERE / "scripts.py"], check=True)
    warehouse = HERE / "warehouse_bulk.py"
    if warehouse.exists() and not given.engine_only and not given.only:
        subprocess.run([sys.executable, warehouse], check=True)


if __name__ == "__main__":
    main()
