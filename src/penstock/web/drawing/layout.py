"""Where the boxes and lines of a graph go: in columns from left to right, the same for the same graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from penstock.engine.definition.graph import Graph
from penstock.errors import DefinitionError
from penstock.web.drawing.layers import Layers, build_layers, rank_nodes
from penstock.web.drawing.ordering import order_columns
from penstock.web.drawing.spacing import settle

_MARGIN = 12
_LEAST_GAP = 44
_MOST_GAP = 132
#: A gap widens by a pixel for so many pixels that its steepest line climbs.
_STEEPNESS = 5

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A node's rectangle."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Where it ends."""
        return self.x + self.width

    @property
    def middle(self) -> int:
        """Where lines reach it."""
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Wire:
    """The way of one edge: level within columns, a curve in the gaps between them."""

    source: str
    target: str
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """The way as a path's data."""
        (x, y), *_ = self.points
        return f"M{x} {y}" + "".join(_stroke(start, end) for start, end in pairwise(self.points) if start != end)


def _stroke(start: Point, end: Point) -> str:
    if start[1] == end[1]:
        return f"H{end[0]}"
    half = (start[0] + end[0]) // 2
    return f"C{half} {start[1]} {half} {end[1]} {end[0]} {end[1]}"


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph's boxes by name and its edges, in a rectangle that begins at 0, 0."""

    nodes: Mapping[str, Box]
    edges: tuple[Wire, ...]
    width: int
    height: int


def place(
    nodes: Sequence[str], edges: Iterable[tuple[str, str]], widths: Mapping[str, int], *, height: int = 44
) -> Layout:
    """Return where everything goes; the order of the edges does not matter.

    Raises:
        DefinitionError: An edge names an unknown node, or the edges form a cycle.
    """
    numbers = {name: number for number, name in enumerate(nodes)}
    linked = sorted({(_number(numbers, source), _number(numbers, target)) for source, target in edges})
    upstream: list[list[int]] = [[] for _ in numbers]
    downstream: list[list[int]] = [[] for _ in numbers]
    for source, target in linked:
        upstream[target].append(source)
        downstream[source].append(target)
    names = list(numbers)
    graph = Graph({name: [names[above] for above in upstream[number]] for name, number in numbers.items()})
    order = [numbers[name] for name in graph.order]
    ranks = rank_nodes(order, upstream)
    layers = build_layers(order, ranks, downstream)
    return _Board(names, layers, ranks, [widths[name] for name in names], height).lay_out(linked)


def _number(numbers: Mapping[str, int], name: str) -> int:
    if name not in numbers:
        raise DefinitionError(f"an edge names `{name}`, which is not among the nodes", hint="pass it as a node, too")
    return numbers[name]


class _Board:
    def __init__(self, names: list[str], layers: Layers, ranks: list[int], widths: list[int], height: int) -> None:
        self._names, self._ranks, self._widths, self._height = names, ranks, widths, height
        self._layers = layers
        self._columns = order_columns(layers)
        self._middles = settle(layers, self._columns, height)
        self._starts, self._ends = self._verticals()

    def _verticals(self) -> tuple[list[int], list[int]]:
        starts, ends, x = [], [], _MARGIN
        for column in self._columns:
            starts.append(x)
            ends.append(x + max([self._widths[vertex] for vertex in column if vertex < self._layers.nodes]))
            x = ends[-1] + self._gap_after(column)
        return starts, ends

    def _gap_after(self, column: list[int]) -> int:
        middles, right = self._middles, self._layers.right
        climb = max([abs(middles[vertex] - middles[other]) for vertex in column for other in right[vertex]], default=0)
        return min(max(climb // _STEEPNESS, _LEAST_GAP), _MOST_GAP)

    def lay_out(self, edges: list[tuple[int, int]]) -> Layout:
        boxes = [self._box(number) for number in range(len(self._names))]
        lowest = max([*self._middles, *(box.y + box.height - _MARGIN for box in boxes)], default=0)
        return Layout(
            dict(zip(self._names, boxes, strict=True)),
            tuple(self._wire(source, target, boxes) for source, target in edges),
            max(self._ends, default=_MARGIN) + _MARGIN,
            lowest + 2 * _MARGIN,
        )

    def _box(self, number: int) -> Box:
        top = self._middles[number] - self._height // 2 + _MARGIN
        return Box(self._starts[self._ranks[number]], top, self._widths[number], self._height)

    def _wire(self, source: int, target: int, boxes: list[Box]) -> Wire:
        first, last = self._ranks[source], self._ranks[target]
        start, end = boxes[source], boxes[target]
        points = [(start.right, start.middle), (self._ends[first], start.middle)]
        for rank, bend in zip(range(first + 1, last), self._layers.trails[source], strict=False):
            y = self._middles[bend] + _MARGIN
            points += [(self._starts[rank], y), (self._ends[rank], y)]
        return Wire(self._names[source], self._names[target], (*points, (end.x, end.middle)))
