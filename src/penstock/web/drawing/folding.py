"""Many nodes told as one: a matrix or numbered tasks that play the same part in the graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from penstock.engine.definition.graph import Graph
from penstock.web.drawing.node import Node
from penstock.web.drawing.status import count_statuses, gravest

#: A drawing with more nodes helps nobody.
MOST_NODES = 300

Edges = Sequence[tuple[str, str]]

_MATRIX = re.compile(r"([^.]+\.).+", re.DOTALL)
_NUMBERED = re.compile(r"(.*?\D)\d+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Folded:
    """A graph with like nodes folded.

    Args:
        keys: Of every node before, the key of the node that now stands for it.
    """

    nodes: Sequence[Node]
    keys: Mapping[str, str]

    def fold_edges(self, edges: Edges) -> list[tuple[str, str]]:
        """Return the edges as they run between the folded nodes, each once."""
        return list(dict.fromkeys((self.keys[source], self.keys[target]) for source, target in edges))


def group_nodes(
    nodes: Sequence[Node], edges: Edges, *, folded_href: Callable[[str], str] | None = None
) -> Folded | None:
    """Return the graph with like nodes folded, or None where still too many remain to be drawn.

    Alike are nodes that share the beginning of their names and their neighbours. Neighbours count as the same where
    they are folded into one themselves, so parallel chains fold link by link.

    Args:
        edges: Pairs of the nodes' keys, without a cycle.
        folded_href: Where a folded node leads, by its pattern, such as `load.*`.

    Raises:
        DefinitionError: The edges form a cycle.
    """
    groups = _refine(nodes, edges)
    if len(set(groups.values())) > MOST_NODES:
        return None
    members: dict[int, list[Node]] = {}
    for node in nodes:
        members.setdefault(groups[node.key], []).append(node)
    folded = {group: _fold(alike, folded_href) for group, alike in members.items()}
    return Folded(list(folded.values()), {key: folded[group].key for key, group in groups.items()})


def pattern_of(name: str) -> str:
    """Return the pattern of the names that are like this one, `load.*` for `load.md.2024`, or the name itself."""
    found = _MATRIX.fullmatch(name) or _NUMBERED.fullmatch(name)
    return f"{found[1]}*" if found else name


def _refine(nodes: Sequence[Node], edges: Edges) -> dict[str, int]:
    """Return each node's group: by pattern and rank, then split by the neighbours' groups while any splits.

    Splitting only ever adds groups, so it ends early where there are too many already.
    """
    above: dict[str, list[str]] = {node.key: [] for node in nodes}
    below: dict[str, list[str]] = {node.key: [] for node in nodes}
    for source, target in edges:
        above[target].append(source)
        below[source].append(target)
    ranks: dict[str, int] = {}
    for key in Graph(above).order:
        ranks[key] = max((ranks[other] + 1 for other in above[key]), default=0)
    groups = _number({node.key: (node.kind, pattern_of(node.name), ranks[node.key]) for node in nodes})
    while len(set(groups.values())) <= MOST_NODES:
        split = _number(
            {key: (group, _of(above[key], groups), _of(below[key], groups)) for key, group in groups.items()}
        )
        if len(set(split.values())) == len(set(groups.values())):
            break
        groups = split
    return groups


def _number(kinds: Mapping[str, tuple[object, ...]]) -> dict[str, int]:
    numbers: dict[tuple[object, ...], int] = {}
    return {key: numbers.setdefault(kind, len(numbers)) for key, kind in kinds.items()}


def _of(keys: Iterable[str], groups: Mapping[str, int]) -> frozenset[int]:
    return frozenset(groups[key] for key in keys)


def _fold(alike: Sequence[Node], folded_href: Callable[[str], str] | None) -> Node:
    first = alike[0]
    if len(alike) == 1:
        return first
    pattern = pattern_of(first.name)
    statuses = [node.status for node in alike for _ in range(node.members)]
    return replace(
        first,
        label=f"{pattern} ×{len(statuses)}",
        status=gravest(statuses),
        href=folded_href(pattern) if folded_href else "",
        note=count_statuses(statuses),
        members=len(statuses),
    )
