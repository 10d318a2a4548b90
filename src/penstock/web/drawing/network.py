"""The drawing that graphs of tasks and lineages share: nodes in columns, lines between them, arrows where they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

from penstock.errors import DefinitionError
from penstock.web.drawing.folding import MOST_NODES, group_nodes
from penstock.web.drawing.layout import Layout, Wire, place
from penstock.web.drawing.node import SHADOW, Node
from penstock.web.drawing.svg import blank, element, picture

_LEAST_WIDTH = 140

Edge = tuple[str, str]


def draw_network(
    nodes: Sequence[Node],
    ahead: Sequence[Edge],
    back: Sequence[Edge] = (),
    *,
    class_: str,
    title: str,
    desc: str,
    folded_href: Callable[[str], str] | None = None,
) -> str | None:
    """Return the drawing, or None where even folded it has too many nodes to be read.

    Args:
        ahead: Pairs of the nodes' keys, from left to right.
        back: Pairs of the nodes' keys, from left to right as they are placed: what flows runs from right to left.
        folded_href: Where a folded node leads, by its pattern.

    Raises:
        DefinitionError: A node is there twice, an edge names an unknown one, or the edges form a cycle.
        UsageError: There is no such status, or an address is not one of this console.
    """
    _check(nodes, [*ahead, *back])
    if not nodes:
        return blank("nothing to draw", class_=class_, title=title)
    if len(nodes) > MOST_NODES:
        folded = group_nodes(nodes, [*ahead, *back], folded_href=folded_href)
        if folded is None:
            return None
        nodes, ahead, back = folded.nodes, folded.fold_edges(ahead), folded.fold_edges(back)
    layout = place([node.key for node in nodes], [*ahead, *back], {node.key: node.width for node in nodes})
    follows = _follows(nodes, layout, set(ahead), set(back))
    return picture(
        _draw_wires(layout.edges, set(ahead), set(back)),
        *(node.draw(layout.nodes[node.key], follows[node.key]) for node in nodes),
        class_=class_,
        size=(max(layout.width, _LEAST_WIDTH) + SHADOW, layout.height + SHADOW),
        title=title,
        desc=desc,
    )


def _check(nodes: Sequence[Node], edges: Iterable[Edge]) -> None:
    known = {node.key: node for node in nodes}
    twice = next((key for node in nodes if known[key := node.key] is not node), None)
    if twice is not None:
        raise DefinitionError(f"two nodes of one drawing are `{twice}`", hint="pass every node once")
    unknown = next((name for edge in edges for name in edge if name not in known), None)
    if unknown is not None:
        raise DefinitionError(f"an edge names `{unknown}`, which is not drawn", hint="pass it as a node, too")


def _follows(
    nodes: Sequence[Node], layout: Layout, ahead: AbstractSet[Edge], back: AbstractSet[Edge]
) -> dict[str, list[str]]:
    """Return the labels of what each node follows, for those who hear the drawing."""
    labels = {node.key: node.shown for node in nodes}
    follows: dict[str, list[str]] = {key: [] for key in labels}
    for wire in layout.edges:
        if (wire.source, wire.target) in ahead:
            follows[wire.target].append(labels[wire.source])
        if (wire.source, wire.target) in back:
            follows[wire.source].append(labels[wire.target])
    return follows


def _draw_wires(wires: Sequence[Wire], ahead: AbstractSet[Edge], back: AbstractSet[Edge]) -> str:
    drawn: list[str] = []
    arrows: dict[str, None] = {}
    for wire in wires:
        edge = (wire.source, wire.target)
        drawn.append(element("path", class_="edge" if edge in ahead else "edge back", d=wire.path))
        if edge in ahead:
            arrows[_arrow(wire.points[-1], -7)] = None
        if edge in back:
            arrows[_arrow(wire.points[0], 7)] = None
    return element("g", *drawn, *arrows, class_="edges", aria_hidden="true") if drawn else ""


def _arrow(tip: tuple[int, int], back: int) -> str:
    x, y = tip
    return element("path", class_="arrow", d=f"M{x} {y}L{x + back} {y - 4}V{y + 4}Z")
