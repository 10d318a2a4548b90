"""Measures script steps beside bare subprocesses of the same argument list, by turns in one sitting."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sitting import emptied

from penstock import Pipeline, Task, open_engine
from penstock.engine.definition.script import Script
from penstock.engine.planning.request import RunRequest
from penstock.settings import Settings

SCRATCH = Path(__file__).resolve().parent / "scratch"
#: The goal: a step takes at most this many times a bare subprocess.
GOAL = 1.15
BODIES = {"start.py": "print('done')\n", "start.sh": "#!/bin/sh\necho done\n"}


def written(name: str) -> Path:
    """Return a new folder with one script of this name."""
    folder = emptied(SCRATCH / f"scripts-{name}")
    (folder / name).write_text(BODIES[name], encoding="utf-8")
    (folder / name).chmod(0o755)
    return folder


def bare(argv: list[str], count: int) -> float:
    """Return the seconds of one subprocess whose output nobody reads."""
    began = time.perf_counter()
    for _ in range(count):
        subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) / count


def captured(argv: list[str], count: int) -> float:
    """Return the seconds of one subprocess whose output is read, and forgotten."""
    began = time.perf_counter()
    for _ in range(count):
        subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return (time.perf_counter() - began) / count


def steps(folder: Path, name: str, count: int) -> float:
    """Return the seconds of one step of a pipeline of so many, one after the other."""
    script = Script(folder / name, folder, folder)
    chain = [Task(f"step{n}", script, depends_on=(f"step{n - 1}",) if n else ()) for n in range(count)]
    with open_engine(Settings(home=emptied(folder / "home")), pipelines=[Pipeline("bench", tasks=chain)]) as engine:
        began = time.perf_counter()
        view = engine.run(RunRequest(pipeline="bench"))
        spent = time.perf_counter() - began
        said = sum(len(engine.store.read_events(run_id=view.run.run_id, task=task.name)) for task in view.tasks)
    assert view.status == "completed", view
    assert said == 3 * count, "every step starts, says one line and ends"
    return spent / count


def line(name: str, count: int, times: int) -> str:
    """Return the table's line for one kind of script."""
    folder = written(name)
    argv = [sys.executable, str(folder / name)] if name.endswith(".py") else [str(folder / name)]
    ways: tuple[Callable[[], float], ...] = (
        lambda: bare(argv, count),
        lambda: captured(argv, count),
        lambda: steps(folder, name, count),
    )
    taken = [[way() for way in ways] for _ in range(times)]
    columns = list(zip(*taken, strict=True))
    floor, read, mine = map(statistics.median, columns)
    least, _, ours = map(min, columns)
    ratios = sorted(row[2] / row[0] for row in taken)
    ratio = statistics.median(ratios)
    verdict = f"{GOAL}x: {'met' if ratio <= GOAL else 'missed'}"
    return (
        f"{name:10} {count:5} {floor * 1e3:9.2f} ms {read * 1e3:9.2f} ms {mine * 1e3:9.2f} ms {ratio:6.2f}x"
        f" [{ratios[0]:.2f} to {ratios[-1]:.2f}] {verdict:13}"
        f" {least * 1e3:6.2f} to {ours * 1e3:.2f} ms: {ours / least:.2f}x"
    )


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=200, help="steps of one pipeline")
    options.add_argument("--times", type=int, default=5, help="how often each way is measured")
    given = options.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    print(f"{'script':10} {'steps':>5} {'bare':>12} {'output read':>12} {'step':>12} {'ratio':>7} {'':30} quietest")
    for name in BODIES:
        print(line(name, given.count, given.times), flush=True)


if __name__ == "__main__":
    main()
