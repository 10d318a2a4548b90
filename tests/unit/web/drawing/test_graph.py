"""Graphs of tasks as people see, point at and hear them."""

from __future__ import annotations

import pytest

from penstock.engine.state.records import Outcome, RunStatus, TaskStatus
from penstock.errors import DefinitionError
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.node import Node
from tests.unit.web.drawing.parts import classes, hrefs, names, number, parse, parts, texts, told

TASKS = [
    Node("fetch", "", "completed", "/fetch", "1m20s"),
    Node("load", "load rows", "failed", "/load"),
    Node("report", "", "upstream_failed", "/report"),
]
EDGES = [("fetch", "load"), ("load", "report"), ("fetch", "report")]


def test_every_task_is_a_link_in_the_order_given() -> None:
    root = parse(draw_graph(TASKS, EDGES))
    assert hrefs(root) == ["/fetch", "/load", "/report"]
    assert names(root) == [
        "fetch: completed · 1m20s",
        "load rows: failed; follows fetch",
        "report: upstream failed; follows fetch, load rows",
    ]


def test_the_drawing_tells_how_many_have_which_status_and_what_failed() -> None:
    title, desc = told(parse(draw_graph(TASKS, EDGES, title="graph of run 7")))
    assert title == "graph of run 7"
    assert "3 tasks" in desc
    assert "1 failed, 1 upstream failed, 1 completed" in desc
    assert "Look at load rows." in desc


def test_links_are_not_hidden_from_screen_readers_inside_a_picture() -> None:
    assert parse(draw_graph(TASKS, EDGES)).get("role") == "group"
    assert parse(draw_graph([], [])).get("role") == "img"


def test_a_task_without_an_address_is_named_but_no_link() -> None:
    root = parse(draw_graph([Node("fetch", status="running")], []))
    assert hrefs(root) == []
    assert names(root) == ["fetch: running"]


@pytest.mark.parametrize("status", [*RunStatus, *TaskStatus, *Outcome, "fresh", "stale"])
def test_every_status_has_a_class_a_word_and_a_sign(status: str) -> None:
    root = parse(draw_graph([Node("fetch", status=status)], []))
    assert f"status-{status}" in classes(root)
    assert texts(root, "note") == [str(status).replace("_", " ")]
    assert [part.get("d") for part in parts(root, "path", "sign")] != [None]
    assert len(list(parts(root, "path", "sign"))) == 1


def test_no_two_statuses_share_a_sign() -> None:
    statuses = [*TaskStatus, RunStatus.ABANDONED, Outcome.TIMED_OUT, "fresh", "stale"]
    root = parse(draw_graph([Node(f"task_{status}", status=status) for status in statuses], []))
    signs = [part.get("d") for part in parts(root, "path", "sign")]
    assert len(set(signs)) == len(statuses)


def test_a_task_without_a_status_has_no_sign() -> None:
    root = parse(draw_graph([Node("fetch")], []))
    assert not list(parts(root, "path", "sign"))
    assert "status-none" in classes(root)


def test_a_long_label_is_cut_and_told_whole() -> None:
    name = "summarize_contributions_by_state_and_cycle_and_committee_type"
    root = parse(draw_graph([Node(name)], []))
    assert name in names(root)[0]
    assert "…" in texts(root, "label")[0]
    box = next(parts(root, "rect", "box"))
    assert number(box, "width") < 260


def test_the_drawing_keeps_its_size_and_holds_every_box() -> None:
    root = parse(draw_graph(TASKS, EDGES))
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    for box in parts(root, "rect", "box"):
        assert number(box, "x") + number(box, "width") < number(root, "width")
        assert number(box, "y") + number(box, "height") < number(root, "height")


def test_a_graph_of_nothing_says_so() -> None:
    assert texts(parse(draw_graph([], []))) == ["nothing to draw"]


def test_the_order_of_the_edges_does_not_change_a_byte() -> None:
    assert draw_graph(TASKS, EDGES) == draw_graph(TASKS, [*EDGES[::-1], EDGES[0]])


def test_a_task_given_twice_is_refused() -> None:
    with pytest.raises(DefinitionError, match="`task fetch`"):
        draw_graph([Node("fetch"), Node("fetch")], [])


def test_an_edge_to_an_unknown_task_is_refused() -> None:
    with pytest.raises(DefinitionError, match="`task lost`"):
        draw_graph([Node("fetch")], [("fetch", "lost")])
