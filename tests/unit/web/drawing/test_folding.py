"""Many like tasks told as one, so that large graphs stay readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penstock.web.drawing.folding import group_nodes, pattern_of
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.lineage import draw_lineage
from penstock.web.drawing.node import Node
from tests.unit.web.drawing.parts import hrefs, names, parse, parts, texts, told

MANY = 200


def matrix(statuses: dict[int, str]) -> tuple[list[Node], list[tuple[str, str]]]:
    """`setup`, then a load and a clean for each of many, then `merge`."""
    loads = [Node(f"load.{i}", status=statuses.get(i, "completed")) for i in range(MANY)]
    cleans = [Node(f"clean.{i}", status="completed") for i in range(MANY)]
    edges = [edge for i in range(MANY) for edge in chain(i)]
    return [Node("setup", href="/setup"), *loads, *cleans, Node("merge", status="pending")], edges


def chain(i: int) -> list[tuple[str, str]]:
    return [("setup", f"load.{i}"), (f"load.{i}", f"clean.{i}"), (f"clean.{i}", "merge")]


def test_a_matrix_too_large_to_draw_is_one_node_with_counts() -> None:
    tasks, edges = matrix({7: "failed", 8: "failed", 9: "running"})
    drawing = draw_graph(tasks, edges, folded_href=lambda pattern: f"/tasks?name={pattern}")
    root = parse(drawing)
    assert names(root) == [
        "setup",
        "load.* ×200: 2 failed, 1 running, 197 completed; follows setup",
        "clean.* ×200: 200 completed; follows load.* ×200",
        "merge: pending; follows clean.* ×200",
    ]
    assert hrefs(root) == ["/setup", "/tasks?name=load.*", "/tasks?name=clean.*"]
    assert [part.get("class") for part in parts(root, "a", "node")][1] == "node kind-task status-failed"


def test_the_description_counts_the_tasks_behind_a_folded_node() -> None:
    tasks, edges = matrix({7: "failed"})
    _, desc = told(parse(draw_graph(tasks, edges)))
    assert "402 tasks" in desc
    assert "1 failed, 1 pending, 399 completed" in desc
    assert "Look at load.7." in desc


def test_a_graph_that_can_be_read_is_not_folded() -> None:
    tasks = [Node(f"load.{i}") for i in range(300)]
    root = parse(draw_graph(tasks, []))
    assert len(list(parts(root, "rect", "box"))) == 300


def test_a_graph_that_stays_too_large_is_not_drawn() -> None:
    tasks = [Node(f"load_{i}_rows") for i in range(301)]
    assert draw_graph(tasks, []) is None


def test_a_numbered_chain_is_not_folded_into_itself() -> None:
    tasks = [Node(f"step_{i}") for i in range(301)]
    assert draw_graph(tasks, [(f"step_{i}", f"step_{i + 1}") for i in range(300)]) is None


def test_tasks_with_other_neighbours_stay_apart() -> None:
    nodes = [Node(name) for name in ("a", "b", "load.1", "load.2", "load.3")]
    edges = [(Node(above).key, Node(below).key) for above, below in (("a", "load.1"), ("a", "load.2"), ("b", "load.3"))]
    folded = group_nodes(nodes, edges)
    assert folded is not None
    assert [node.shown for node in folded.nodes] == ["a", "b", "load.* ×2", "load.3"]
    assert folded.fold_edges(edges) == [("task a", "task load.1"), ("task b", "task load.3")]


def test_names_are_alike_up_to_their_matrix_or_number() -> None:
    assert pattern_of("load.md.2024") == pattern_of("load.va.2022") == "load.*"
    assert pattern_of("part_12") == "part_*"
    assert pattern_of("merge") == "merge"
    assert pattern_of("2024") == "2024"


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.sampled_from(["completed", "failed"])),
        unique_by=lambda task: task[:2],
    )
)
def test_no_task_gets_lost_by_folding(made: list[tuple[str, int, str]]) -> None:
    nodes = [Node(f"{name}.{i}", status=status) for name, i, status in made]
    folded = group_nodes(nodes, [])
    assert folded is not None
    assert sum(node.members for node in folded.nodes) == len(nodes)
    assert set(folded.keys) == {node.key for node in nodes}
    assert set(folded.keys.values()) == {node.key for node in folded.nodes}
    assert sum("failed" in node.status for node in folded.nodes) == len({name for name, _, s in made if s == "failed"})


def test_a_large_lineage_is_folded_with_its_ways_back() -> None:
    tasks = [Node(f"load.{i}") for i in range(MANY)]
    datasets = [Node(f"table_{i}") for i in range(MANY)]
    pairs = [(f"load.{i}", f"table_{i}") for i in range(MANY)]
    root = parse(draw_lineage(tasks, datasets, reads=pairs, writes=pairs))
    assert texts(root, "label") == ["load.* ×200", "table_* ×200"]
    assert len(list(parts(root, "path", "arrow"))) == 2
