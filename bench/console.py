"""Measures the console: pages of a run with 10,000 tasks and of one with 100,000 items, and what 50 open pages cost."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from urllib.request import Request, urlopen

from sitting import emptied
from websockets.sync.client import connect

SCRATCH = Path(__file__).resolve().parent / "scratch"
PENSTOCK = Path(sys.executable).with_name("penstock")
#: The goal: a page is there within a second.
GOAL_S = 1.0
TABS = ("graph", "timeline", "tasks", "items", "logs", "data", "events", "config")
PIPELINES = """
from penstock import Context, Item, Pipeline, task


def no_op(name: str):
    @task(name=name)
    def body(ctx: Context) -> None:
        pass

    return body


@task
def list_all(ctx: Context) -> list[Item]:
    return [Item(f"item-{{number}}") for number in range({items})]


@task(each=list_all)
def handle(ctx: Context, item: Item) -> int:
    return len(item.key)


many = Pipeline("many", tasks=[no_op(f"task.{{number}}") for number in range({tasks})])
wide = Pipeline("wide", tasks=[list_all, handle])
"""
SLOW = """
name: slow
steps:
  - name: count
    script: count.py
"""
COUNT = "import time\nfor n in range({ticks}):\n    print('tick', n, flush=True)\n    time.sleep(0.1)\n"


def prepared(tasks: int, items: int, seconds: int) -> Path:
    """Return a project whose big runs are over."""
    folder = emptied(SCRATCH / "console")
    scripts = folder / "pipelines" / "slow"
    scripts.mkdir(parents=True)
    (folder / "pipelines" / "big.py").write_text(PIPELINES.format(tasks=tasks, items=items), encoding="utf-8")
    (folder / "pipelines" / "slow.yaml").write_text(SLOW.lstrip(), encoding="utf-8")
    (scripts / "count.py").write_text(COUNT.format(ticks=seconds * 10), encoding="utf-8")
    for name in ("many", "wide"):
        subprocess.run([PENSTOCK, "run", name], cwd=folder, check=True, capture_output=True)
    return folder


def served(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Return the console's process and address."""
    process = subprocess.Popen(
        [PENSTOCK, "serve", "--port", "0"], cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    for line in process.stderr:
        found = re.search(r"http://[\d.]+:\d+", line)
        if found:
            Thread(target=process.stderr.read, daemon=True).start()
            return process, found.group()
    raise SystemExit("the console did not start")


def timed(address: str, times: int) -> tuple[float, int]:
    """Return the median seconds until a page is there, and its size in bytes."""
    taken, size = [], 0
    for _ in range(times):
        began = time.perf_counter()
        with urlopen(address) as answer:
            size = len(answer.read())
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), size


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def newest(address: str, pipeline: str) -> str:
    """Return the id of a pipeline's newest run."""
    with urlopen(f"{address}/api/runs?pipeline={pipeline}&limit=1") as answer:
        return str(json.load(answer)["runs"][0]["run_id"])


def follow_live(address: str, pid: int, pages: int, seconds: int) -> tuple[float, int]:
    """Return the server's processor time per second while so many pages follow a run, and the fewest updates of any."""
    order = json.dumps({"pipeline": "slow"}).encode()
    request = Request(f"{address}/api/runs", order, {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        run_id = json.load(answer)["run_id"]
    counts = [0] * pages
    with ExitStack() as opened:
        sockets = [opened.enter_context(connect(address.replace("http", "ws") + "/live")) for _ in range(pages)]
        for socket in sockets:
            socket.send(json.dumps({"page": f"/runs/{run_id}?tab=logs", "seq": 0}))
        began, used = time.perf_counter(), cpu_seconds(pid)
        until = began + seconds
        threads = [Thread(target=_count, args=(socket, counts, place, until)) for place, socket in enumerate(sockets)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = time.perf_counter() - began
        return (cpu_seconds(pid) - used) / spent, min(counts)


def _count(socket: object, counts: list[int], place: int, until: float) -> None:
    while (left := until - time.perf_counter()) > 0:
        try:
            message = json.loads(socket.recv(timeout=left))
        except TimeoutError:
            return
        counts[place] += "regions" in message


def main() -> None:
    """Print a line per page, and one for the open pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    folder = prepared(given.tasks, given.items, given.seconds + 5)
    process, address = served(folder)
    try:
        timed(f"{address}/pipelines", 1)  # everything is loaded from here on
        for name, count in (("many", f"{given.tasks:,} tasks"), ("wide", f"{given.items:,} items")):
            run_id = newest(address, name)
            pages = [f"/runs/{run_id}?tab={tab}" for tab in TABS]
            pages += [f"/runs/{run_id}/tasks/handle/items"] if name == "wide" else []
            for page in pages:
                taken, size = timed(address + page, given.times)
                told = page.removeprefix(f"/runs/{run_id}")
                print(f"{count:16} {told:24} {taken:7.3f} s {size / 1024:8.0f} KiB  {taken / GOAL_S:5.2f} of the goal")
        load, fewest = follow_live(address, process.pid, given.pages, given.seconds)
        told = f"{load:.2f} of a core, each updated {fewest} times or more"
        print(f"{given.pages} pages that follow a run for {given.seconds} s: {told}")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
