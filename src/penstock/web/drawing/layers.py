"""A graph cut into columns, where every link leads to the next column and long edges pass through bends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int]


@dataclass(slots=True)
class Layers:
    """Vertices by column: the nodes keep their numbers, bends get the numbers after them.

    Args:
        left: Of each vertex, what it is linked with in the column before.
        right: Of each vertex, what it is linked with in the column after.
        trails: Of each node, the bends its long edges share on their way, nearest first.
    """

    nodes: int
    columns: list[list[int]]
    left: list[list[int]] = field(default_factory=list)
    right: list[list[int]] = field(default_factory=list)
    trails: dict[int, list[int]] = field(default_factory=dict)

    def add_vertex(self) -> int:
        """Add a vertex without links and return its number."""
        self.left.append([])
        self.right.append([])
        return len(self.left) - 1

    def link(self, source: int, target: int) -> None:
        """Link two vertices of neighbouring columns."""
        self.right[source].append(target)
        self.left[target].append(source)


def rank_nodes(order: Sequence[int], upstream: Sequence[Sequence[int]]) -> list[int]:
    """Return each node's column: the length of the longest path that leads to it."""
    ranks = [0] * len(order)
    for node in order:
        ranks[node] = max((ranks[above] + 1 for above in upstream[node]), default=0)
    return ranks


def build_layers(order: Sequence[int], ranks: Sequence[int], downstream: Sequence[Sequence[int]]) -> Layers:
    """Return the columns of a graph, edges longer than one column led through bends."""
    layers = Layers(len(order), [[] for _ in range(max(ranks, default=-1) + 1)])
    for _ in order:
        layers.add_vertex()
    for node in order:
        layers.columns[ranks[node]].append(node)
    for node in order:
        _lead_out(layers, node, ranks, downstream[node])
    return layers


def _lead_out(layers: Layers, source: int, ranks: Sequence[int], targets: Sequence[int]) -> None:
    """Link a node with its targets; its long edges share one trail, which halves the bends and calms the picture."""
    trail = [source]
    for rank in range(ranks[source] + 1, max((ranks[target] for target in targets), default=0)):
        bend = layers.add_vertex()
        layers.columns[rank].append(bend)
        layers.link(trail[-1], bend)
        trail.append(bend)
    for target in targets:
        layers.link(trail[ranks[target] - ranks[source] - 1], target)
    layers.trails[source] = trail[1:]
