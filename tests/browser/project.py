"""A project with something on every page: scripts, items, failures, schedules, tables."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import Typed, a_project, penstock

NIGHTLY = """
name: Nightly <b>numbers</b> 🌙
description: Fetches, cleans and reports.
params:
  days: 3
schedule: daily 02:00 UTC
steps:
  - name: fetch
    script: fetch.py
    description: Fetch the numbers
    args: ["{days}"]
    outputs: [data/numbers.txt]
  - name: clean up
    script: clean.py
    description: Clean them
    inputs: [data/numbers.txt]
    outputs: [data/clean.txt]
  - name: report
    script: report.py
    depends_on: [clean up]
    inputs: [data/clean.txt]
    retries: 1
    retry_delay: 1ms
"""

FETCH = """
import pathlib, sys
days = int(sys.argv[1])
print("fetching", days, "days")
print("a line with <script>alert('x')</script> in it")
pathlib.Path("data").mkdir(exist_ok=True)
pathlib.Path("data/numbers.txt").write_text("\\n".join(map(str, range(days))))
print('::penstock {"result": {"days": %d}}' % days)
"""

CLEAN = """
import pathlib
pathlib.Path("data/clean.txt").write_text(pathlib.Path("data/numbers.txt").read_text())
"""

REPORT = """
import pathlib, sys
print("reading the numbers")
if len(pathlib.Path("data/clean.txt").read_text().split()) > 5:
    sys.exit("too many numbers: at most 5 can be told")
print("all is well")
"""

SLOW = """
name: Slow
steps:
  - name: count
    script: count.py
    args: ["{seconds}"]
  - name: finish
    script: finish.py
    depends_on: [count]
params:
  seconds: 6
"""

COUNT = """
import sys, time
seconds = int(sys.argv[1])
for number in range(seconds * 5):
    print("tick", number)
    print('::penstock {"progress": %d, "total": %d, "unit": "ticks"}' % (number + 1, seconds * 5))
    time.sleep(0.2)
"""


def write_project(folder: Path) -> Path:
    """Write the project and give it a history: runs that completed, failed, and were told of items."""
    a_project(folder)
    scripts = {
        "nightly": {"fetch": FETCH, "clean": CLEAN, "report": REPORT},
        "slow": {"count": COUNT, "finish": "print(1)"},
    }
    for name, text in (("nightly", NIGHTLY), ("slow", SLOW)):
        (folder / "pipelines" / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
        (folder / "pipelines" / name).mkdir()
        for script, body in scripts[name].items():
            (folder / "pipelines" / name / f"{script}.py").write_text(body.lstrip(), encoding="utf-8")
    for command in (
        ["run", "nightly"],
        ["run", "nightly", "--days", "9"],
        ["run", "letters", "--stranger", "bob"],
        ["run", "letters", "--year", "2021"],
        ["deploy", "nightly", "--all"],
    ):
        done = penstock(folder, *command)
        _require(done, command)
    return folder


def _require(done: Typed, command: list[str]) -> None:
    if done.exit_code not in (0, 1):
        raise AssertionError(f"{command} ended with {done.exit_code}: {done.err}")
