"""Penstock as a peer: every no-op a durable task, or with BENCH_VARIANT=items an item of one fan-out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from _contract import KIND, STATE, VARIANT, N, done, tick

began = time.time()
from penstock import Context, Item, Pipeline, Task, open_engine, task  # noqa: E402
from penstock.engine.planning.request import RunRequest  # noqa: E402
from penstock.settings import Settings  # noqa: E402

import_s = time.time() - began


def no_op(name: str, *depends_on: str) -> Task:
    """Return a task that only proves it ran."""

    def body(ctx: Context) -> None:
        tick(name)

    return task(name=name, depends_on=depends_on)(body)


def chain() -> list[Task]:
    """Return N tasks, each after the one before."""
    return [no_op(f"t{i}", *([f"t{i - 1}"] if i else [])) for i in range(N)]


def fan() -> list[Task]:
    """Return a source, N tasks and a sink."""
    middle = [no_op(f"t{i}", "source") for i in range(N)]
    return [no_op("source"), *middle, no_op("sink", *(each.name for each in middle))]


def fan_of_items() -> list[Task]:
    """Return a source that lists N items, the fan-out over them and a sink."""

    @task
    def source(ctx: Context) -> list[Item]:
        tick("source")
        return [Item(f"i{i}") for i in range(N)]

    @task(each="source")
    def handle(ctx: Context, item: Item) -> None:
        tick(item.key)

    return [source, handle, no_op("sink", "handle")]


WORKLOADS: dict[tuple[str, str], Callable[[], list[Task]]] = {
    ("chain", ""): chain,
    ("fan", ""): fan,
    ("fan", "items"): fan_of_items,
}


def main() -> None:
    """Run the workload once and print the result line."""
    began = time.time()
    pipeline = Pipeline("bench", tasks=WORKLOADS[KIND, VARIANT]())
    declare_s = time.time() - began
    began = time.time()
    with open_engine(Settings(home=STATE), pipelines=[pipeline]) as engine:
        view: Any = engine.run(RunRequest(pipeline="bench"))
        run_s = time.time() - began
    assert view.status == "completed", view
    done(run_s, import_s=import_s, declare_s=declare_s)


main()
