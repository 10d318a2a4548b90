"""Pipelines of scripts, from a new project to a second run that has nothing to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.engine.definition.yaml.schema import pipeline_schema
from tests.cli.shell import Typed, penstock, penstock_here

TWO_STEPS = """
name: Two steps
description: Copies a word.
params: {word: hello}
steps:
  - name: Write it
    script: write.py
    args: ["{word}"]
    inputs: []
    outputs: word.txt
  - name: read
    script: read.sh
    needs: Write it
    inputs: word.txt
    continue_on_error: true
"""


def a_project(folder: Path, text: str = TWO_STEPS) -> Path:
    """A project with one pipeline of scripts."""
    scripts = folder / "pipelines" / "two_steps"
    scripts.mkdir(parents=True)
    (folder / "pipelines" / "two_steps.yaml").write_text(text, encoding="utf-8")
    (scripts / "write.py").write_text(
        "import sys, pathlib\npathlib.Path('word.txt').write_text(sys.argv[1])\nprint('wrote', sys.argv[1])\n"
    )
    (scripts / "read.sh").write_text("#!/bin/sh\ncat word.txt\n")
    (scripts / "read.sh").chmod(0o755)
    return folder


def statuses(typed: Typed) -> dict[str, str]:
    return {task["task"] if "task" in task else task["name"]: task["status"] for task in typed.json["tasks"]}


def test_the_examples_of_a_new_project_run_at_once_and_then_have_nothing_to_do(tmp_path: Path) -> None:
    penstock(tmp_path, "init", "new")
    project = tmp_path / "new"

    first = penstock(project, "run", "example_pipeline", "--json")
    second = penstock(project, "run", "example-pipeline", "--json")
    other = penstock(project, "run", "example-pipeline", "--at-least", "10", "--json")

    assert statuses(first) == {"fetch": "completed", "clean": "completed", "report": "completed"}
    assert statuses(second) == {"fetch": "skipped", "clean": "skipped", "report": "skipped"}
    assert (project / "data/example/report.txt").read_text(encoding="utf-8") == (
        "Ada: 19.90 dollars\nKatherine: 120.00 dollars\n"
    )
    assert set(statuses(other).values()) <= {"completed", "skipped"}
    assert statuses(other)["report"] == "completed"


def test_the_example_in_a_folder_of_its_own_runs_every_time(tmp_path: Path) -> None:
    penstock(tmp_path, "init", "new")
    project = tmp_path / "new"
    for _ in range(2):
        ran = penstock(project, "run", "my-first-pipeline", "--json")
        assert statuses(ran) == {"setup": "completed", "analyze": "completed", "report": "completed"}
    assert "sum: 385" in penstock(project, "logs", "last").out
    assert "declares no inputs, so it runs whenever it is asked" in penstock(project, "why", "my-first-pipeline").out


def test_a_new_project_holds_the_schema_that_its_files_name(tmp_path: Path) -> None:
    penstock_here(tmp_path, "init", "new")
    pipelines = tmp_path / "new" / "pipelines"
    for file in (pipelines / "example_pipeline.yaml", pipelines / "my_first_pipeline" / "pipeline.yaml"):
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        schema = file.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert json.loads(schema.read_text(encoding="utf-8")) == pipeline_schema()


def test_the_schema_is_printed_for_editors(tmp_path: Path) -> None:
    typed = penstock_here(tmp_path, "schema")
    assert typed.exit_code == 0
    assert typed.json == pipeline_schema()


def test_list_and_show_tell_titles_scripts_and_files(tmp_path: Path) -> None:
    project = a_project(tmp_path / "p")

    listed = penstock_here(project, "list")
    shown = penstock_here(project, "show", "two_steps")
    values = penstock_here(project, "show", "two-steps", "--json").json

    assert "two-steps" in listed.out
    assert "Two steps: Copies a word." in listed.out
    assert "from `pipelines/two_steps.yaml`" in shown.out
    assert "Write-it  Write it [runs `pipelines/two_steps/write.py`]" in shown.out
    assert "may fail" in shown.out
    assert [(task["name"], task["title"], task["script"]) for task in values["tasks"]] == [
        ("Write-it", "Write it", "pipelines/two_steps/write.py"), ("read", "read", "pipelines/two_steps/read.sh")
    ]  # fmt: skip
    assert values["title"] == "Two steps"


@pytest.mark.parametrize("verb", ["plan", "run", "why", "show"])
def test_either_spelling_of_a_name_is_one_pipeline(tmp_path: Path, verb: str) -> None:
    project = a_project(tmp_path / "p")
    penstock(project, "run", "two_steps")
    one, other = (penstock(project, verb, name, "--json") for name in ("two_steps", "two-steps"))
    assert one.exit_code == other.exit_code == 0
    assert penstock(project, "run", "two-steps", "--json").json["pipeline"] == "two-steps"
    assert statuses(penstock(project, "run", "two_steps", "--json")) == {"Write-it": "skipped", "read": "skipped"}


def test_a_changed_parameter_runs_the_step_that_is_handed_it(tmp_path: Path) -> None:
    project = a_project(tmp_path / "p")
    penstock(project, "run", "two-steps")
    ran = penstock(project, "run", "two-steps", "--word", "bye", "--json")
    assert statuses(ran)["Write-it"] == "completed"
    assert (project / "word.txt").read_text() == "bye"


def test_a_bad_file_is_told_with_its_place_and_leaves_the_others_alone(tmp_path: Path) -> None:
    project = a_project(tmp_path / "p")
    (project / "pipelines" / "bad.yaml").write_text("steps:\n  - nmae: a\n    script: a.py\n", encoding="utf-8")

    listed, bad, good = (penstock_here(project, *args) for args in (["list"], ["run", "bad"], ["plan", "two-steps"]))
    doctor = penstock_here(project, "doctor")

    assert listed.exit_code == 2
    assert "two-steps" in listed.out
    for typed in (listed, bad):
        assert "pipelines/bad.yaml:2:5: there is no key `nmae`" in typed.err
        assert "did you mean `name`?" in typed.err
    assert bad.exit_code == 2
    assert good.exit_code == 0
    assert "pipelines/bad.yaml:2:5" in doctor.err
    assert "Traceback" not in listed.err + bad.err + doctor.err


def test_a_missing_script_fails_its_step_and_leaves_the_rest_unharmed(tmp_path: Path) -> None:
    project = a_project(tmp_path / "p", TWO_STEPS + "  - {name: other, script: nowhere.py}\n")
    ran = penstock(project, "run", "two-steps", "--continue-on-failure", "--json")
    assert ran.exit_code == 2
    assert "`pipelines/two_steps/nowhere.py` does not exist" in ran.err
    assert statuses(ran) == {"Write-it": "completed", "read": "completed", "other": "failed"}


def test_a_table_of_an_sqlite_file_is_an_input_like_a_file(tmp_path: Path) -> None:
    text = """
steps:
  - {name: make, script: make.py, inputs: [], outputs: "sqlite:db.sqlite#t"}
  - {name: count, script: count.py, inputs: "sqlite:db.sqlite#t"}
"""
    project = a_project(tmp_path / "p", text)
    scripts = project / "pipelines" / "two_steps"
    (scripts / "make.py").write_text(
        "import sqlite3\nc = sqlite3.connect('db.sqlite')\n"
        "c.executescript('drop table if exists t; create table t (a); insert into t values (1)')\n"
    )
    (scripts / "count.py").write_text("print('counted')\n")

    first = penstock(project, "run", "two-steps", "--json")
    forced = penstock(project, "run", "two-steps", "--tasks", "make", "--force", "--json")
    again = penstock(project, "run", "two-steps", "--json")

    assert statuses(first) == {"make": "completed", "count": "completed"}
    assert statuses(forced)["make"] == "completed"
    # Made anew with the same rows: nothing that reads it is stale.
    assert statuses(again) == {"make": "skipped", "count": "skipped"}


def test_a_file_that_is_damaged_while_its_run_goes_on_does_not_fail_the_run(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    spoil = "import pathlib\npathlib.Path('pipelines/two_steps.yaml').write_text('steps: [')\n"
    (project / "pipelines" / "two_steps" / "write.py").write_text(spoil + "pathlib.Path('word.txt').write_text('x')\n")
    ran = penstock(project, "run", "two-steps")
    assert (ran.exit_code, "completed" in ran.out) == (0, True), ran.err
    assert penstock(project, "run", "two-steps").exit_code == 2
