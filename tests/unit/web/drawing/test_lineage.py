"""Lineages: two kinds of nodes, and ways back that do not lie about their direction."""

from __future__ import annotations

import pytest

from penstock.errors import DefinitionError
from penstock.web.drawing.lineage import draw_lineage
from penstock.web.drawing.node import Node
from tests.unit.web.drawing.parts import names, number, parse, parts, told


def boxes(drawing: str | None) -> dict[str, tuple[int, str | None]]:
    """Where each node begins and how round it is, by its spoken name."""
    root = parse(drawing)
    found = [part for part in root.iter() if "node" in part.get("class", "").split()]
    rects = [next(parts(part, "rect", "box")) for part in found]
    return {
        part.get("aria-label", ""): (number(rect, "x"), rect.get("rx")) for part, rect in zip(found, rects, strict=True)
    }


def test_tasks_are_round_datasets_are_square_and_a_shared_name_confuses_nobody() -> None:
    found = boxes(
        draw_lineage(
            [Node("ingest"), Node("report")],
            [Node("events"), Node("report", status="fresh")],
            reads=[("report", "events")],
            writes=[("ingest", "events"), ("report", "report")],
        )
    )
    assert {name: rounding for name, (_, rounding) in found.items()} == {
        "ingest": "8",
        "report; follows events": "8",
        "dataset events; follows ingest": None,
        "dataset report: fresh; follows report": None,
    }
    places = [place for place, _ in found.values()]
    assert len(set(places)) == 4


def test_what_is_read_stands_left_of_its_reader() -> None:
    found = boxes(draw_lineage([Node("ingest")], [Node("raw")], reads=[("ingest", "raw")], writes=[]))
    assert found["dataset raw"][0] < found["ingest; follows raw"][0]


def test_a_task_that_reads_what_it_writes_has_arrows_at_both_ends() -> None:
    root = parse(
        draw_lineage([Node("merge")], [Node("users")], reads=[("merge", "users")], writes=[("merge", "users")])
    )
    (edge,) = [part for part in parts(root, "path") if "edge" in part.get("class", "").split()]
    assert edge.get("class") == "edge"
    assert len(list(parts(root, "path", "arrow"))) == 2
    assert names(root) == ["merge; follows users", "dataset users; follows merge"]


def test_a_longer_way_back_is_dashed_and_its_arrow_points_left() -> None:
    root = parse(
        draw_lineage(
            [Node("load"), Node("report")],
            [Node("rows"), Node("notes")],
            reads=[("report", "rows"), ("load", "notes")],
            writes=[("load", "rows"), ("report", "notes")],
        )
    )
    (back,) = parts(root, "path", "back")
    start = (back.get("d") or "").partition("H")[0].partition("C")[0]
    assert f"{start}L" in " ".join(part.get("d", "") for part in parts(root, "path", "arrow"))
    assert names(root)[0] == "load; follows notes"


def test_the_drawing_tells_both_kinds() -> None:
    _, desc = told(
        parse(draw_lineage([Node("load")], [Node("rows", status="fresh")], reads=[], writes=[("load", "rows")]))
    )
    assert desc == "1 task in rounded boxes and 1 dataset in square ones, from left to right. 1 fresh."


def test_an_unknown_dataset_is_refused_by_name() -> None:
    with pytest.raises(DefinitionError, match="`dataset lost`"):
        draw_lineage([Node("load")], [], reads=[], writes=[("load", "lost")])
