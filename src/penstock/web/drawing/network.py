"""The drawing that graphs of tasks and lineages share: nodes in columns, lines between them, arrows where they end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from penstock.errors import DefinitionError
from penstock.web.drawing.folding import group_nodes
from penstock.web.drawing.layout import Layout, Wire, place
from penstock.web.drawing.node import Node
from penstock.web.drawing.svg import element, picture, text

#: A drawing with more nodes helps nobody.
MOST_NODES = 300

Edge = tuple[str, str]


def draw_network(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    *,
    class_: str,
    title: str,
    desc: str,
    turned: Collection[Edge] = (),
    both_ways: Collection[Edge] = (),
    folded_href: Callable[[str], str] | None = None,
) -> str | None:
    """Return the drawing, or None where even folded it has too many nodes to be read.

    Args:
        edges: Pairs of the nodes' keys, without a cycle.
        turned: Of these, the ones that mean the other direction.
        both_ways: Of these, the ones that mean both directions.
    """
    _check(nodes, edges)
    if len(nodes) > MOST_NODES:
        nodes, edges = group_nodes(nodes, edges, folded_href=folded_href)
        turned, both_ways = (), ()
    if len(nodes) > MOST_NODES:
        return None
    layout = place([node.key for node in nodes], edges, {node.key: node.width for node in nodes})
    labels = {node.key: node.shown for node in nodes}
    upstream: dict[str, list[str]] = {key: [] for key in labels}
    for wire in layout.edges:
        upstream[wire.target].append(labels[wire.source])
    return picture(
        _draw_wires(layout.edges, turned, both_ways),
        *(node.draw(layout.nodes[node.key], upstream[node.key]) for node in nodes),
        _caption_if_empty(nodes),
        class_=class_,
        size=_size(layout),
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


def _caption_if_empty(nodes: Sequence[Node]) -> str:
    return "" if nodes else text("nothing to draw", 12, 28, "note")


def _size(layout: Layout) -> tuple[int, int]:
    """Return the drawing's size, with room for the shadow of a folded node."""
    return max(layout.width + 4, 140), max(layout.height + 4, 44)


def _draw_wires(wires: Sequence[Wire], turned: Collection[Edge], both_ways: Collection[Edge]) -> str:
    drawn: list[str] = []
    arrows: dict[str, None] = {}
    for wire in wires:
        edge = (wire.source, wire.target)
        drawn.append(element("path", class_="edge back" if edge in turned else "edge", d=wire.path))
        if edge not in turned:
            arrows[_arrow(wire.points[-1], -7)] = None
        if edge in turned or edge in both_ways:
            arrows[_arrow(wire.points[0], 7)] = None
    return element("g", *drawn, *arrows, class_="edges", aria_hidden="true") if drawn else ""


def _arrow(tip: tuple[int, int], back: int) -> str:
    x, y = tip
    return element("path", class_="arrow", d=f"M{x} {y}L{x + back} {y - 4}V{y + 4}Z")
