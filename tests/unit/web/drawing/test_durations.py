"""How long a task took: bars, the median, and the small picture for tables."""

from __future__ import annotations

from datetime import timedelta

from penstock.web.drawing.durations import Point, draw_durations, sparkline
from tests.unit.web.drawing.parts import classes, hrefs, names, number, parse, parts, texts, told


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


RUNS = [
    Point("run 1", seconds(10), "completed", "/runs/1"),
    Point("run 2", seconds(20), "completed", "/runs/2"),
    Point("run 3", seconds(40), "failed", "/runs/3"),
    Point("run 4", None, "skipped", "/runs/4"),
    Point("run 5", seconds(30), "completed", "/runs/5"),
]


def test_bars_are_as_high_as_the_runs_were_long() -> None:
    bars = list(parts(parse(draw_durations(RUNS)), "rect", "bar"))
    heights = [number(bar, "height") for bar in bars]
    assert heights[2] == 4 * heights[0] == 2 * heights[1]
    assert heights[3] < heights[0]
    assert len({number(bar, "y") + number(bar, "height") for bar in bars}) == 1


def test_every_run_is_a_link_with_its_status_and_duration() -> None:
    root = parse(draw_durations(RUNS))
    assert hrefs(root) == [f"/runs/{i}" for i in range(1, 6)]
    assert names(root) == [
        "run 1: completed, 10s",
        "run 2: completed, 20s",
        "run 3: failed, 40s",
        "run 4: skipped, no duration",
        "run 5: completed, 30s",
    ]
    assert len(list(parts(root, "path", "sign"))) == 5


def test_the_median_is_that_of_completed_runs() -> None:
    root = parse(draw_durations(RUNS))
    assert "median 20s" in texts(root)
    assert "Median of the completed ones 20s, longest of all 40s." in told(root)[1]
    line = (next(parts(root, "path", "median")).get("d") or "").split()[1].partition("H")[0]
    assert int(line) == number(list(parts(root, "rect", "bar"))[1], "y")


def test_without_a_completed_run_there_is_no_median() -> None:
    root = parse(draw_durations([Point("run 1", seconds(5), "failed")]))
    assert "median" not in classes(root)
    assert told(root)[1] == "1 run, oldest first. 1 failed. Look at run 1."


def test_runs_that_took_no_time_are_still_to_be_seen() -> None:
    root = parse(draw_durations([Point("run 1", seconds(0), "completed"), Point("run 2", None, "pending")]))
    assert all(number(bar, "height") > 0 for bar in parts(root, "rect", "bar"))


def test_no_runs_say_so() -> None:
    assert texts(parse(draw_durations([]))) == ["no runs yet"]
    assert told(parse(sparkline([])))[1] == "0 runs, oldest first."


def test_a_sparkline_is_one_picture_with_a_notch_at_each_run_that_did_not_complete() -> None:
    root = parse(sparkline(RUNS, title="durations of load"))
    assert root.get("role") == "img"
    assert hrefs(root) == []
    assert told(root)[0] == "durations of load"
    assert len(list(parts(root, "rect", "bar"))) == 5
    assert len(list(parts(root, "path", "notch"))) == 2
