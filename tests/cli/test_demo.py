"""The demo: generated files, a whole run, results worth reading, nothing left behind unless asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.kit.sqlfile import load_statements
from tests.cli.shell import penstock


@pytest.mark.timeout(300)
def test_the_demo_runs_shows_results_and_can_be_continued(tmp_path: Path) -> None:
    shown = penstock(tmp_path, "demo", "--rows", "500", "--folder", "demo", PENSTOCK_STATE_URL="memory://")

    assert shown.exit_code == 0, shown.err
    for name in load_statements("penstock.pipelines.campaign_finance", "results.sql"):
        heading = name.replace("_", " ").capitalize()
        table = shown.out.partition(f"{heading} ")[2].strip().splitlines()
        assert len(table) > 2, f"{heading}: {table}"
    assert re.search(r"^yes +contribution +\d", shown.out, re.MULTILINE)
    assert "[" not in shown.out.partition("The cycle month by month")[2], "no markup is left in the tables"
    again = penstock(tmp_path / "demo", *["run", "campaign-finance", "--cycle", "2020", "--bulk-dir", "bulk", "--json"])
    assert {task["status"] for task in again.json["tasks"]} == {"skipped"}
    assert "hint: penstock results campaign-finance --cycle 2020" in again.err
    assert penstock(tmp_path / "demo", "results", "campaign-finance").out in shown.out
    results = penstock(tmp_path / "demo", "results", "campaign-finance", "--cycle", "2020", "--json").json["results"]
    assert list(results) == list(load_statements("penstock.pipelines.campaign_finance", "results.sql"))
    other = penstock(tmp_path / "demo", "results", "campaign-finance", "--cycle", "2018")
    assert other.exit_code == 2
    assert "no task of `campaign-finance` has completed in cycle=2018 yet" in other.err


@pytest.mark.timeout(300)
def test_the_demo_of_user_analytics_ends_with_one_late_event_and_the_way_to_the_console(tmp_path: Path) -> None:
    shown = penstock(tmp_path, "demo", "--only", "user-analytics", "--folder", "demo")
    assert shown.exit_code == 0, shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    assert "cd demo && penstock serve  # then http://127.0.0.1:5001/pipelines" in shown.err
    runs = penstock(tmp_path / "demo", "history", "user-analytics", "--json").json["runs"]
    results = [
        {
            task["name"]: task["result"]
            for task in penstock(tmp_path / "demo", "status", run["run_id"], "--json").json["tasks"]
        }
        for run in runs
    ]
    second, first = results
    assert first["download_update_data"]["inserted"]["raw_event"] > 400
    assert second["download_update_data"]["inserted"] == {"raw_event": 1}
    assert second["ingest_data"]["inserted"] == {"mixpanel_event": 1}
    assert second["estimate_value"]["changed"] == {"user_product_value": 1}


def test_a_narrow_screen_loses_whole_columns_and_no_digits(tmp_path: Path) -> None:
    penstock(tmp_path, "demo", "--rows", "300", "--folder", "demo")
    told = penstock(tmp_path / "demo", "results", "campaign-finance", COLUMNS="50").out
    assert "(no room for: " in told
    assert "…" not in told


@pytest.mark.timeout(300)
def test_the_demo_leaves_nothing_behind_unless_asked(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    shown = penstock(tmp_path, "demo", "--rows", "200", TMPDIR=str(temporary))
    assert shown.exit_code == 0, shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]
    assert list(temporary.iterdir()) == []


def test_generated_files_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for folder, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        written = penstock(tmp_path, "simulate", "fec-bulk", folder, "--cycle", "2018", "--rows", "300", "--seed", seed)
        assert written.exit_code == 0
        assert "penstock run campaign-finance --cycle 2018 --bulk-dir" in written.err
    one, two, three = (
        {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} for folder in ("one", "two", "three")
    )
    assert one == two
    assert one != three


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = penstock(tmp_path, "simulate", "fec-bulk", "file/folder")
    assert said.exit_code == 2
    assert "cannot write `file/folder`" in said.err
