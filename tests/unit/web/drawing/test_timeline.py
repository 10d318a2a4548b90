"""Timelines: rows, bars and round ticks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.web.drawing.axis import Axis
from penstock.web.drawing.timeline import Bar, draw_timeline
from tests.unit.web.drawing.parts import classes, hrefs, names, number, parse, parts, texts, told

AT = datetime(2026, 11, 21, 14, 5, 3, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_bars_lie_in_proportion_to_their_times() -> None:
    bars = [Bar("fetch", "", AT, after(50), "completed"), Bar("load", "", after(50), after(100), "completed")]
    fetch, load = parts(parse(draw_timeline(bars, after(900))), "rect", "bar")
    assert number(fetch, "width") == number(load, "width")
    assert number(fetch, "x") + number(fetch, "width") == number(load, "x")
    assert number(fetch, "y") < number(load, "y")


def test_an_open_bar_runs_to_now() -> None:
    bars = [Bar("fetch", "", AT, after(50), "completed"), Bar("load", "/load", after(50), None, "running")]
    root = parse(draw_timeline(bars, after(100)))
    fetch, load = parts(root, "rect", "bar")
    assert number(load, "width") == number(fetch, "width")
    assert "open" in classes(root)
    assert "now" in classes(root)
    assert names(root)[1] == "load: running, 50s, from 2026-11-21 14:05:53 to now UTC"
    assert "running 50s" in texts(root, "note")


def test_a_finished_run_has_no_line_of_now() -> None:
    root = parse(draw_timeline([Bar("fetch", "", AT, after(5), "completed")], after(500)))
    assert "now" not in classes(root)


def test_attempts_of_a_task_share_a_row_and_each_is_a_link() -> None:
    bars = [
        Bar("load", "/load/1", AT, after(20), "failed", 1),
        Bar("load", "/load/2", after(30), after(60), "completed", 2),
    ]
    root = parse(draw_timeline(bars, after(60)))
    first, second = parts(root, "rect", "bar")
    assert number(first, "y") == number(second, "y")
    assert texts(root, "label") == ["load"]
    assert hrefs(root) == ["/load/1", "/load/2"]
    assert [name.partition(",")[0] for name in names(root)] == ["load: failed", "load"]


def test_attempts_that_overlap_get_rows_of_their_own() -> None:
    bars = [Bar("load", "", AT, None, "abandoned", 1), Bar("load", "", after(30), after(60), "completed", 2)]
    root = parse(draw_timeline(bars, after(90)))
    first, second = parts(root, "rect", "bar")
    assert number(first, "y") < number(second, "y")
    assert texts(root, "label") == ["load", "load · attempt 2"]


def test_a_task_that_has_not_started_is_a_row_that_says_so() -> None:
    bars = [Bar("fetch", "", AT, after(5), "completed"), Bar("load", "/load", None, None, "pending")]
    root = parse(draw_timeline(bars, after(5)))
    assert len(list(parts(root, "rect", "bar"))) == 1
    assert names(root)[1] == "load: pending, not started"
    assert "pending" in texts(root, "note")


def test_a_run_where_nothing_started_still_names_its_tasks() -> None:
    root = parse(draw_timeline([Bar("load", "", None, None, "pending")], AT))
    assert texts(root, "label") == ["load"]


def test_a_timeline_of_nothing_says_so() -> None:
    assert texts(parse(draw_timeline([], AT))) == ["nothing has started yet"]


@pytest.mark.parametrize("now", [after(-60), AT])
def test_clocks_that_disagree_never_draw_backwards(now: datetime) -> None:
    bars = [Bar("fetch", "", AT, after(-5), "completed"), Bar("load", "", AT, None, "running")]
    root = parse(draw_timeline(bars, now))
    assert all(number(bar, "width") > 0 for bar in parts(root, "rect", "bar"))
    assert ["0.00s" in name for name in names(root)] == [True, True]


def test_rows_are_as_wide_and_high_for_few_as_for_many() -> None:
    def size(rows: int) -> tuple[int, int]:
        root = parse(draw_timeline([Bar(f"t{i}", "", AT, after(i + 1), "completed") for i in range(rows)], AT))
        return number(root, "width"), number(root, "height")

    (narrow, low), (wide, high) = size(1), size(300)
    assert narrow == wide
    assert (high - low) % 299 == 0
    assert (high - low) // 299 >= 24, "a row stays large enough to be pointed at"


def test_the_drawing_tells_when_how_long_and_what_failed() -> None:
    bars = [Bar("fetch", "", AT, after(5), "completed"), Bar("load", "", after(5), after(65), "failed")]
    _, desc = told(parse(draw_timeline(bars, after(900))))
    assert desc == (
        "2 rows from 2026-11-21 14:05:03 to 2026-11-21 14:06:08 UTC, 1m05s. 1 failed, 1 completed. Look at load."
    )


def test_instants_of_other_zones_are_told_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    there = [Bar("fetch", "", AT.astimezone(east), after(65).astimezone(east), "completed")]
    here = [Bar("fetch", "", AT, after(65), "completed")]
    assert draw_timeline(there, AT) == draw_timeline(here, AT)


def ticks(seconds: float, start: datetime = AT) -> list[str]:
    return [label for _, label in Axis(start, start + timedelta(seconds=seconds), 0, 640).ticks()]


def test_ticks_are_round() -> None:
    assert ticks(60) == ["14:05:10", "14:05:20", "14:05:30", "14:05:40", "14:05:50", "14:06:00"]
    assert ticks(3600 * 5) == ["15:00", "16:00", "17:00", "18:00", "19:00"]
    assert ticks(0.9) == ["14:05:03.000", "14:05:03.200", "14:05:03.400", "14:05:03.600", "14:05:03.800"]


def test_midnight_names_the_new_day() -> None:
    assert "2026-11-22" in ticks(3600 * 15)
    assert ticks(86400 * 5) == [f"2026-11-{day}" for day in range(22, 27)]


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=20_000)))
def test_any_stretch_of_time_has_few_ticks_far_enough_apart_for_their_labels(span: timedelta) -> None:
    axis = Axis(AT, AT + span, 208, 640)
    xs = [x for x, _ in axis.ticks()]
    assert len(xs) <= 7
    assert all(208 <= x <= 848 for x in xs)
    assert all(right - left >= 90 for left, right in pairwise(xs))
