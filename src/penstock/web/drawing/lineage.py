"""Which tasks read and write which datasets, as one graph of two kinds of nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from penstock.web.drawing.network import Edge, draw_network
from penstock.web.drawing.node import Kind, Node
from penstock.web.drawing.status import counted, tell_statuses


def draw_lineage(
    tasks: Sequence[Node],
    datasets: Sequence[Node],
    *,
    reads: Sequence[tuple[str, str]],
    writes: Sequence[tuple[str, str]],
    title: str = "lineage",
) -> str | None:
    """Return tasks and datasets from left to right as SVG, or None where they are too many to be drawn.

    A task may read what it writes, or what a later task writes: such a way back is a dashed line.

    Args:
        reads: Pairs of a task's and a dataset's name.
        writes: Pairs of a task's and a dataset's name.

    Raises:
        DefinitionError: A pair names an unknown task or dataset.
        UsageError: There is no such status, or an address is not one of this console.
    """
    nodes = [
        *(replace(node, kind=Kind.TASK) for node in tasks),
        *(replace(node, kind=Kind.DATASET) for node in datasets),
    ]
    written = [(Node(task).key, Node(dataset, kind=Kind.DATASET).key) for task, dataset in writes]
    read = [(Node(dataset, kind=Kind.DATASET).key, Node(task).key) for task, dataset in reads]
    flows = list(dict.fromkeys([*written, *read]))
    back = dict.fromkeys(_ways_back([node.key for node in nodes], flows))
    return draw_network(
        nodes,
        [edge for edge in flows if edge not in back],
        [(left, right) for right, left in back],
        class_="lineage",
        title=title,
        desc=_tell(tasks, datasets),
    )


def _tell(tasks: Sequence[Node], datasets: Sequence[Node]) -> str:
    rounded, square = counted(len(tasks), "task"), counted(len(datasets), "dataset")
    told = f"{rounded} in rounded boxes and {square} in square ones, from left to right."
    return f"{told} {tell_statuses((node.shown, node.status) for node in (*tasks, *datasets))}".strip()


def _ways_back(keys: Sequence[str], flows: Sequence[Edge]) -> Iterator[Edge]:
    """Yield the edges that close a circle when the graph is walked in depth, tasks first and in their order."""
    below: dict[str, list[str]] = {key: [] for key in keys}
    for source, reached in flows:
        below.setdefault(source, []).append(reached)
    open_: dict[str, Iterator[str]] = {}
    closed: set[str] = set()
    for start in keys:
        if start not in closed:
            open_[start] = iter(below[start])
        while open_:
            key = next(reversed(open_))
            if (target := next(open_[key], None)) is None:
                closed.add(key)
                del open_[key]
            elif target in open_:
                yield key, target
            elif target not in closed:
                open_[target] = iter(below.get(target, ()))
