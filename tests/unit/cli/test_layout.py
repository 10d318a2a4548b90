"""Aligned columns, folded lines and small bars."""

from __future__ import annotations

import click

from penstock.cli.lines import items_text, plural, result_text
from penstock.cli.output import columns
from penstock.cli.render import sparkline
from penstock.engine.state.records import ItemCounts


def test_columns_are_aligned_and_the_last_one_is_wrapped() -> None:
    text = columns([("a", "one"), ("longer", "two three four five six seven eight nine ten")], indent=0, width=32)
    assert text.splitlines() == [
        "a       one",
        "longer  two three four five six",
        "        seven eight nine ten",
    ]


def test_colour_takes_no_room() -> None:
    plain = columns([("ok", "x"), ("wrong", "y")])
    coloured = columns([(click.style("ok", fg="green"), "x"), (click.style("wrong", fg="red"), "y")])
    assert click.unstyle(coloured) == plain


def test_nothing_makes_no_lines() -> None:
    assert columns([]) == ""


def test_results_are_told_in_short() -> None:
    assert (
        result_text({"inserted": 11603, "table": "bronze.cm", "rejected": {"field count": 1}, "none": {}})
        == "inserted 11,603 · table bronze.cm · rejected 1 (field count)"
    )
    assert result_text({"inserted": 3, "changed": 0, "cycle": 2020}) == "inserted 3 · cycle 2020"
    assert result_text({"inserted": 0, "changed": 0}) == "no rows"
    assert result_text({"letters": 0}) == "letters 0"
    assert result_text(None) == ""
    assert len(result_text("x" * 1000)) == 400


def test_ledgers_are_told_in_short() -> None:
    assert items_text(ItemCounts(completed=2, failed=1)) == "3 items: 2 completed, 1 failed"
    assert items_text(None) == ""
    assert plural(1, "item") == "1 item"


def test_a_sparkline_has_its_greatest_bar_full() -> None:
    assert sparkline([0, 1, 2, 4]) == "▁▃▅█"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
