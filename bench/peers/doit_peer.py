"""doit as a peer: every no-op a task that is up to date once it ran; its state is written when it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from _contract import KIND, STATE, N, done, tick

began = time.time()
from doit.cmd_base import ModuleTaskLoader  # noqa: E402
from doit.doit_cmd import DoitMain  # noqa: E402
from doit.tools import run_once  # noqa: E402

import_s = time.time() - began


def no_op(name: str, *after: str) -> dict[str, Any]:
    """Return doit's declaration of a task that only proves it ran."""
    return {
        "name": name,
        "actions": [(lambda: tick(name) or True,)],
        "uptodate": [run_once],
        "task_dep": [f"bench:{other}" for other in after],
    }


def task_bench() -> Iterator[dict[str, Any]]:
    """Yield the tasks of the workload."""
    if KIND == "chain":
        yield from (no_op(str(i), *([str(i - 1)] if i else [])) for i in range(N))
        return
    yield no_op("source")
    yield from (no_op(str(i), "source") for i in range(N))
    yield no_op("sink", *map(str, range(N)))


config = {"dep_file": f"{STATE}/doit.db", "backend": "sqlite3", "verbosity": 0}
began = time.time()
code = DoitMain(ModuleTaskLoader({"task_bench": task_bench, "DOIT_CONFIG": config})).run(
    ["run", "-o", f"{STATE}/out.txt"]
)
assert code == 0, code
done(time.time() - began, import_s=import_s)
