"""What `compare` and `mark` print, for people and for scripts."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import a_project, assert_snapshot, penstock


def test_two_runs_are_compared_for_people_and_for_scripts(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    first = penstock(project, "run", "letters", "--json").json["run_id"]
    (project / "people.txt").write_text("ann bob", encoding="utf-8")
    penstock(project, "run", "letters", "--no-polite")

    assert_snapshot("compare.txt", penstock(project, "compare", first, "last").out, project)
    assert_snapshot("compare-verbose.txt", penstock(project, "compare", first, first, "-v").out, project)
    told = penstock(project, "compare", first, "last", "--json").json
    assert told["params"] == [{"name": "polite", "first": True, "second": False}]
    tasks = {task["name"]: task for task in told["tasks"]}
    assert [tasks[name]["outputs_differ"] for name in ("list_people", "count_letters")] == [True, True]
    assert tasks["count_letters"]["second"]["result"] == {"letters": 2}


def test_a_run_that_is_not_there_cannot_be_compared(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    penstock(project, "run", "letters")
    refused = penstock(project, "compare", "last", "nobody")
    assert refused.exit_code == 2
    assert "there is no run `nobody`" in refused.err


def test_a_task_is_marked_as_tested_and_as_not(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    assert penstock(project, "mark", "letters", "list_people").out == "`list_people` of letters is not tested\n"
    assert penstock(project, "mark", "letters", "list_people", "--tested").out == "`list_people` of letters is tested\n"
    asked = penstock(project, "mark", "letters", "list_people", "--json").json
    assert asked == {"pipeline": "letters", "task": "list_people", "tested": True}
    penstock(project, "run", "letters")
    assert penstock(project, "mark", "letters", "list_people", "--json").json["tested"] is True
    assert penstock(project, "mark", "letters", "list_people", "--not-tested", "--json").json["tested"] is False


def test_a_task_that_is_not_there_cannot_be_marked(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    refused = penstock(project, "mark", "letters", "list_peple", "--tested")
    assert refused.exit_code == 2
    assert "has no task `list_peple`" in refused.err
    assert "list_people" in refused.err
