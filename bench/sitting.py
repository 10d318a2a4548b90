"""One measurement of one program: its times, its memory, and what the rest of the machine did meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """One run of a program: the whole process in seconds, resident memory in MB, other load in cores."""

    wall_s: float
    rss_mb: float
    other: float
    told: dict[str, float] = field(default_factory=dict)


def busy_s() -> float:
    """Return the seconds of CPU this machine has spent since it started."""
    jiffies = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return (sum(jiffies) - jiffies[3] - jiffies[4]) / os.sysconf("SC_CLK_TCK")


def measure(argv: Sequence[str | Path], cwd: Path, **environment: str) -> Measure:
    """Run a program to its end and return what it cost; a JSON object on its last line is returned as told."""
    before, began = busy_s(), time.time()
    env = {**os.environ, **environment, "BENCH_T0": repr(began)}
    with (cwd / "stderr.txt").open("wb") as errors:
        child = subprocess.Popen([*map(str, argv)], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=errors)
        assert child.stdout is not None
        out = child.stdout.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.time() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(
            f"{' '.join(map(str, argv))} ended with {child.returncode}:\n{(cwd / 'stderr.txt').read_text()}{out}"
        )
    lines = [line for line in out.splitlines() if line.startswith("{") and line.endswith("}")]
    other = (busy_s() - before - usage.ru_utime - usage.ru_stime) / wall
    return Measure(wall, usage.ru_maxrss / 1024, max(0.0, other), json.loads(lines[-1]) if lines else {})


def emptied(folder: Path) -> Path:
    """Return the folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def median_of(times: int, once: Callable[[], float]) -> tuple[float, float, float]:
    """Return median, least and greatest of so many values."""
    values = [once() for _ in range(times)]
    return statistics.median(values), min(values), max(values)
