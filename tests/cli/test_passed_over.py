"""A task that fails and stops nothing is told as what it is, wherever a run is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import penstock, penstock_here

STEPS = """
steps:
  - name: shaky
    script: shaky.py
    continue_on_error: true
  - name: after
    script: after.py
    needs: shaky
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose first step failed and was passed over."""
    scripts = tmp_path / "pipelines" / "odd"
    scripts.mkdir(parents=True)
    (tmp_path / "pipelines" / "odd.yaml").write_text(STEPS, encoding="utf-8")
    (scripts / "shaky.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    (scripts / "after.py").write_text("print('here')\n", encoding="utf-8")
    assert penstock(tmp_path, "run", "odd").exit_code == 0
    return tmp_path


def test_a_run_names_and_counts_what_was_passed_over(project: Path) -> None:
    told = penstock(project, "status", COLUMNS="200").out
    (line,) = [line for line in told.splitlines() if line.strip().startswith("shaky")]
    assert "passed over" in line
    assert "exit code 3" in line
    assert "2 tasks: 1 completed, 1 failed and passed over" in told
    assert "skipped" not in told


@pytest.mark.parametrize("verb", [("why", "odd"), ("compare", "last", "last", "-v"), ("logs", "last", "-v")])
def test_other_verbs_use_the_same_word(project: Path, verb: tuple[str, ...]) -> None:
    told = penstock(project, *verb, COLUMNS="200").out
    assert "passed over" in told
    assert "skipped" not in told


def test_a_line_of_the_history_counts_it_apart(project: Path) -> None:
    assert "1 completed, 1 failed and passed over" in penstock(project, "history", COLUMNS="200").out


def test_the_json_keeps_the_status_and_says_so_beside_it(project: Path) -> None:
    tasks = {task["name"]: task for task in penstock_here(project, "status", "--json").json["tasks"]}
    assert (tasks["shaky"]["status"], tasks["shaky"]["passed_over"]) == ("skipped", True)
    assert "passed_over" not in tasks["after"]
