"""Nothing that a name holds gets out of its place: not into markup, attributes, addresses or the reading direction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import UsageError
from penstock.web.drawing.durations import Point, draw_durations, sparkline
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.lineage import draw_lineage
from penstock.web.drawing.node import Node
from penstock.web.drawing.timeline import Bar, draw_timeline
from tests.unit.web.drawing.parts import hrefs, names, parse, texts

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Drawer = Callable[[str, str], "str | None"]

DRAWERS: dict[str, Drawer] = {
    "graph": lambda name, href: draw_graph([Node(name, name, "failed", href, name)], [], title=name),
    "lineage": lambda name, href: draw_lineage(
        [Node(name, href=href)], [Node(name)], reads=[(name, name)], writes=[(name, name)], title=name
    ),
    "timeline": lambda name, href: draw_timeline([Bar(name, href, AT, AT + MINUTE, "failed", 2)], AT, title=name),
    "durations": lambda name, href: draw_durations([Point(name, MINUTE, "failed", href)], title=name),
    "sparkline": lambda name, href: sparkline([Point(name, MINUTE, "failed", href)], title=name),
}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "</title></svg><script>alert(1)</script>",
    "&lt;&amp;&#x3c;",
    "]]><!--",
    "日本語 \N{PILE OF POO} e\N{COMBINING ACUTE ACCENT}",
    "{{ 7 * 7 }}",
]

every_drawing = pytest.mark.parametrize("draw", DRAWERS.values(), ids=DRAWERS)


@every_drawing
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text(draw: Drawer, name: str) -> None:
    drawing = draw(name, "/tasks")
    root = parse(drawing)
    assert name in "".join(root.itertext())
    assert drawing is not None
    assert "<script" not in drawing
    assert "<img" not in drawing


@every_drawing
@given(name=st.text(min_size=1, max_size=40))
def test_any_name_gives_markup_that_can_be_sent(draw: Drawer, name: str) -> None:
    drawing = draw(name, "")
    assert drawing is not None
    parse(drawing.encode().decode())


@every_drawing
def test_the_same_input_gives_the_same_bytes(draw: Drawer) -> None:
    assert draw("load", "/tasks/load") == draw("load", "/tasks/load")


def test_characters_that_turn_the_reading_direction_are_shown_as_unknown() -> None:
    root = parse(draw_graph([Node("load\N{RIGHT-TO-LEFT OVERRIDE}gpj.\x1b[31m\x00")], []))
    assert texts(root, "label") == [
        "load\N{REPLACEMENT CHARACTER}gpj.\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    ]


@pytest.mark.parametrize("kind", ["graph", "lineage", "timeline", "durations"])
@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "https://evil.example", "x"]
)
def test_an_address_outside_the_console_is_refused(kind: str, href: str) -> None:
    with pytest.raises(UsageError, match="cannot link"):
        DRAWERS[kind]("load", href)


@pytest.mark.parametrize("kind", ["graph", "lineage", "timeline", "durations"])
def test_an_address_is_escaped_and_its_link_has_a_name(kind: str) -> None:
    root = parse(DRAWERS[kind]("load", '/tasks?a=1&b="2"'))
    assert set(hrefs(root)) == {'/tasks?a=1&b="2"'}
    assert all("load" in name for name in names(root))


def test_a_status_nobody_knows_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="`succeeded`") as refused:
        draw_graph([Node("load", status="succeeded")], [])
    assert "completed" in (refused.value.hint or "")
