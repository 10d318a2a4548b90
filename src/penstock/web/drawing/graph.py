"""The graph of a pipeline's tasks, with the status of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from penstock.web.drawing.network import draw_network
from penstock.web.drawing.node import Node
from penstock.web.drawing.status import counted, tell_statuses


def draw_graph(
    tasks: Sequence[Node],
    edges: Sequence[tuple[str, str]],
    *,
    title: str = "graph of tasks",
    folded_href: Callable[[str], str] | None = None,
) -> str | None:
    """Return the tasks from left to right as SVG, or None where they are too many to be drawn.

    Args:
        edges: Pairs of names: the second task waits for the first.
        folded_href: Where a node that stands for many leads, by its pattern, such as `load.*`.

    Raises:
        DefinitionError: An edge names an unknown task, or the tasks depend on each other in a circle.
        UsageError: There is no such status, or an address is not one of this console.
    """
    waits = list(dict.fromkeys(edges))
    count = f"{counted(len(tasks), 'task')}, from left to right in the order they run."
    return draw_network(
        tasks,
        [(Node(source).key, Node(target).key) for source, target in waits],
        class_="graph",
        title=title,
        desc=f"{count} {tell_statuses((task.shown, task.status) for task in tasks)}".strip(),
        folded_href=folded_href,
    )
