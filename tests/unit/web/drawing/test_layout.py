"""Layouts of graphs: nothing overlaps, everything points right, and the same graph always lies the same."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import DefinitionError
from penstock.web.drawing.layout import Box, Layout, place
from penstock.web.drawing.spacing import spread

Graph = tuple[list[str], list[tuple[str, str]], dict[str, int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"t{number}" for number in range(draw(st.integers(1, 24)))]
    pairs = [(a, b) for a, b in combinations(names, 2)]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=50)) if pairs else []
    order = draw(st.permutations(names))
    return list(order), edges, {name: draw(st.integers(40, 260)) for name in names}


def lay(graph: Graph) -> Layout:
    return place(*graph)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right and other.x < one.right and one.y < other.y + other.height and other.y < one.y + one.height
    )


@given(graphs())
def test_no_two_boxes_overlap_and_all_lie_inside(graph: Graph) -> None:
    layout = lay(graph)
    boxes = list(layout.nodes.values())
    assert list(layout.nodes) == graph[0]
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    assert all(box.x >= 0 and box.y >= 0 for box in boxes)
    assert all(box.right <= layout.width and box.y + box.height <= layout.height for box in boxes)


@given(graphs())
def test_every_edge_points_right_from_its_source_to_its_target(graph: Graph) -> None:
    layout = lay(graph)
    assert {(wire.source, wire.target) for wire in layout.edges} == set(graph[1])
    for wire in layout.edges:
        source, target = layout.nodes[wire.source], layout.nodes[wire.target]
        xs = [x for x, _ in wire.points]
        assert source.right < target.x
        assert wire.points[0] == (source.right, source.middle)
        assert wire.points[-1] == (target.x, target.middle)
        assert xs == sorted(xs)


@given(graphs())
def test_no_edge_crosses_the_box_of_another_node_or_leaves_the_drawing(graph: Graph) -> None:
    layout = lay(graph)
    for wire in layout.edges:
        others = [box for name, box in layout.nodes.items() if name not in (wire.source, wire.target)]
        for (x1, y1), (x2, y2) in pairwise(wire.points):
            around = Box(x1, min(y1, y2), x2 - x1, max(abs(y2 - y1), 1))
            assert not [box for box in others if overlap(around, box)], "a curve stays in the box around its ends"
            assert min(y1, y2) >= 0
            assert max(y1, y2) <= layout.height


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(graph: Graph, chance: Random) -> None:
    nodes, edges, widths = graph
    shuffled = [*edges, *edges[:3]]
    chance.shuffle(shuffled)
    assert place(nodes, shuffled, widths) == place(nodes, edges, widths)


def test_the_chain_is_a_straight_line() -> None:
    layout = place(["a", "b", "c"], [("a", "b"), ("b", "c")], {"a": 100, "b": 60, "c": 80})
    assert len({box.y for box in layout.nodes.values()}) == 1
    assert [wire.path.count("C") for wire in layout.edges] == [0, 0]


def test_edges_that_need_not_cross_do_not_cross() -> None:
    layout = place(list("abcxy"), [("a", "x"), ("c", "x"), ("b", "y")], dict.fromkeys("abcxy", 50))
    y = {name: box.y for name, box in layout.nodes.items()}
    assert (y["b"] < y["a"]) == (y["b"] < y["c"]) == (y["y"] < y["x"])


def test_a_node_stands_in_the_middle_of_what_it_leads_to() -> None:
    edges = [("a", "b"), ("a", "c"), ("a", "d"), ("y", "z")]
    layout = place(list("abcdyz"), edges, dict.fromkeys("abcdyz", 50))
    middles = sorted(layout.nodes[name].middle for name in "bcd")
    assert layout.nodes["a"].middle == middles[1]
    assert layout.nodes["y"].middle == layout.nodes["z"].middle


def test_a_long_edge_goes_around_what_lies_between() -> None:
    layout = place(["a", "b", "c"], [("a", "b"), ("b", "c"), ("a", "c")], dict.fromkeys("abc", 80))
    long = next(wire for wire in layout.edges if (wire.source, wire.target) == ("a", "c"))
    between = layout.nodes["b"]
    passing = [y for x, y in long.points if between.x <= x <= between.right]
    assert passing
    assert all(y < between.y or y > between.y + between.height for y in passing)


def test_a_graph_of_nothing_has_a_size() -> None:
    layout = place([], [], {})
    assert (layout.nodes, layout.edges) == ({}, ())
    assert layout.width > 0
    assert layout.height > 0


def test_an_edge_to_an_unknown_node_is_refused_by_name() -> None:
    with pytest.raises(DefinitionError, match="`lost`"):
        place(["a"], [("a", "lost")], {"a": 50})


@pytest.mark.parametrize("edges", [[("a", "a")], [("a", "b"), ("b", "a")]])
def test_a_circle_is_refused(edges: list[tuple[str, str]]) -> None:
    with pytest.raises(DefinitionError, match="circle"):
        place(["a", "b"], edges, {"a": 50, "b": 50})


wanted_and_gaps = st.integers(1, 20).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(-500, 500), min_size=size, max_size=size),
        st.lists(st.integers(1, 80), min_size=size - 1, max_size=size - 1),
    )
)


@given(wanted_and_gaps)
def test_positions_keep_their_gaps_and_move_only_where_they_must(given_: tuple[list[int], list[int]]) -> None:
    wanted, gaps = given_
    positions = spread(wanted, gaps)
    assert all(below - above >= gap for (above, below), gap in zip(pairwise(positions), gaps, strict=True))
    if all(below - above >= gap for (above, below), gap in zip(pairwise(wanted), gaps, strict=True)):
        assert positions == wanted


def test_positions_that_want_the_same_place_share_the_way_they_give() -> None:
    assert spread([100, 100], [50]) == [75, 125]
