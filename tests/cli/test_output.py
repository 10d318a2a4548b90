"""What the verbs print, held against snapshots: text for people, and the JSON that scripts rely on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.shell import PIPELINE, a_project, assert_snapshot, penstock


def test_pipelines_are_listed_by_name_with_what_they_make(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    lines = [line.split(maxsplit=1) for line in penstock(project, "list", COLUMNS="200").out.splitlines()]
    assert ["letters", "Writes letters."] in lines
    listed = penstock(project, "list", "--json").json
    told = {"name": "letters", "title": "letters", "doc": "Writes letters.", "tasks": 3, "file": None}
    assert told in listed["pipelines"]
    assert listed["broken"] == []


@pytest.mark.parametrize("verb", ["show letters", "plan letters", "run letters --list-tasks"])
def test_what_exists_is_told_before_anything_ran(tmp_path: Path, verb: str) -> None:
    project = a_project(tmp_path / "project")
    assert_snapshot(f"before-{verb.replace(' ', '-')}.txt", penstock(project, *verb.split()).out, project)


def test_help_of_a_pipeline_tells_its_parameters(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    assert_snapshot("help-run-letters.txt", penstock(project, "run", "letters", "--help").out, project)
    assert_snapshot("help.txt", penstock(project, "--help").out, project)


def test_a_run_and_everything_that_reads_it_is_told_to_people(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")

    ran = penstock(project, "run", "letters")

    assert ran.exit_code == 0
    assert_snapshot("run.txt", ran.out, project)
    assert_snapshot("run.stderr.txt", ran.err, project)
    for verb in ("status", "history", "logs last", "items last", "why letters", "run letters", "plan letters"):
        assert_snapshot(f"after-{verb.replace(' ', '-')}.txt", penstock(project, *verb.split()).out, project)


def test_a_run_and_everything_that_reads_it_is_told_to_scripts(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")

    ran = penstock(project, "run", "letters", "--json")

    assert ran.exit_code == 0
    assert_snapshot("run.json", ran.out, project)
    assert ran.json == penstock(project, "status", "--json").json
    for verb in ("history", "logs last", "items last", "why letters", "plan letters", "show letters"):
        assert_snapshot(f"{verb.replace(' ', '-')}.json", penstock(project, *verb.split(), "--json").out, project)
    for verb in ("config show", "gc", "reset letters --yes", "list", "doctor"):
        assert penstock(project, *verb.split(), "--json").json


def test_a_failed_run_names_the_next_command_to_type(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")

    failed = penstock(project, "run", "letters", "--stranger", "bob")

    assert failed.exit_code == 1
    assert_snapshot("failed.txt", failed.out, project)
    assert_snapshot("failed.stderr.txt", failed.err, project)
    assert "nobody knows bob" in penstock(project, "items", "last", "--status", "failed").out
    assert penstock(project, "status", "--json").json["status"] == "failed"


def test_dry_run_is_the_plan(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    dry = penstock(project, "run", "letters", "--dry-run", "--force", "--tasks", "list_people", "--json")
    assert dry.json == penstock(project, "plan", "letters", "--force", "--tasks", "list_people", "--json").json
    assert penstock(project, "history").out == ""


def test_a_saved_plan_is_applied_once_and_then_stale(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    penstock(project, "plan", "letters", "-o", "letters.plan")

    applied = penstock(project, "apply", "letters.plan", "--json")
    again = penstock(project, "apply", "letters.plan")

    assert [task["status"] for task in applied.json["tasks"]] == ["completed"] * 3
    assert again.exit_code == 5
    assert "is stale" in again.err


def test_names_may_be_given_with_commas_or_one_by_one(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    by_comma = penstock(project, "plan", "letters", "--tasks", "list_people,write_letter", "--json").json
    one_by_one = penstock(
        project, "plan", "letters", "--tasks", "list_people", "--tasks", "write_letter", "--json"
    ).json
    skipped = penstock(project, "plan", "letters", "--skip", "count_letters", "--json").json
    assert by_comma["decisions"] == one_by_one["decisions"]
    assert [one["action"] for one in skipped["decisions"]] == ["run", "run", "skip"]


def test_switches_and_partitions_become_flags(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    ran = penstock(project, "run", "letters", "--no-polite", "--year", "2018", "--json").json
    assert ran["params"] == {"year": 2018, "stranger": None, "polite": False}
    assert ran["partition"] == "year=2018"
    assert penstock(project, "why", "letters", "--year", "2020", "--json").json["tasks"] == []


def test_retry_tries_the_failed_items_and_nothing_else(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", people="ann bob")
    penstock(project, "run", "letters", "--stranger", "bob")
    again = penstock(project, "retry", "last", "--items", "failed", "--json")
    assert again.exit_code == 1
    assert penstock(project, "items", "last", "--json").json["items"]["write_letter"]["completed"] == 1


def test_many_quiet_tasks_are_folded_into_one_line(tmp_path: Path) -> None:
    many = "from penstock import Pipeline, task\n" + "\n".join(
        f"@task\ndef task_{number}(ctx):\n    return {number}\n" for number in range(60)
    )
    tasks = ", ".join(f"task_{number}" for number in range(60))
    project = a_project(tmp_path / "project", f'{many}\npipeline = Pipeline("many", tasks=[{tasks}])\n')
    penstock(project, "run", "many")
    folded, whole = penstock(project, "run", "many").out, penstock(project, "run", "many", "-v").out
    assert "60 tasks fresh since run" in folded
    assert folded.count("task_") == 0
    assert whole.count("task_") == 60


def test_tasks_that_were_not_selected_are_told_in_one_line(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    chosen = ["run", "letters", "--tasks", "list_people"]
    assert "2 tasks not selected" in penstock(project, *chosen).out
    assert "write_letter" not in penstock(project, "plan", *chosen[1:]).out
    assert "write_letter" in penstock(project, *chosen, "-v").out


def test_why_tells_when_and_why_a_fresh_task_last_ran(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    first = penstock(project, "run", "letters", "--json").json["run_id"]
    penstock(project, "run", "letters")
    told = penstock(project, "why", "letters", "list_people", COLUMNS="120").out
    assert f"fresh since run {first}" in told
    assert f"last ran in run {first}: has not completed before" in told


def test_a_completed_run_with_tolerated_failures_names_them(tmp_path: Path) -> None:
    tolerant = PIPELINE.replace("each=list_people", "each=list_people, failure_tolerance=1")
    ran = penstock(a_project(tmp_path / "project", tolerant), "run", "letters", "--stranger", "bob")
    assert ran.exit_code == 0
    assert "hint: penstock items 01" in ran.err
    assert "--status failed" in ran.err


def test_a_narrow_screen_cuts_no_run_id(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    first = penstock(project, "run", "letters", "--json").json["run_id"]
    penstock(project, "run", "letters")
    for verb in ("history", "status", "why letters", "plan letters"):
        told = penstock(project, *verb.split(), COLUMNS="40").out
        assert first in told


def test_clear_cache_empties_what_can_be_fetched_again(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    download = project / ".penstock" / "downloads" / "letters" / "old.zip"
    download.parent.mkdir(parents=True)
    download.write_bytes(b"old")
    penstock(project, "run", "letters", "--clear-cache")
    assert not download.exists()


def test_colour_is_for_terminals_only(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    ran = penstock(project, "run", "letters")
    assert "\x1b" not in ran.out + ran.err


def test_a_reader_that_goes_away_hears_no_complaint(tmp_path: Path) -> None:
    import subprocess
    import sys

    from tests.cli.shell import environment

    project = a_project(tmp_path / "project")
    program = f"{sys.executable} -m penstock --help | true"
    done = subprocess.run(["bash", "-c", program], cwd=project, env=environment(), capture_output=True, check=False)
    assert done.stderr == b""


def test_items_are_read_page_by_page_fan_out_by_fan_out(tmp_path: Path) -> None:
    pipeline = (
        "from penstock import Pipeline, task\n"
        "@task\ndef names(ctx):\n    return ['a', 'b', 'c']\n"
        "@task(each=names)\ndef first(ctx, item): ...\n"
        "@task(each=names)\ndef second(ctx, item): ...\n"
        "pipeline = Pipeline('letters', tasks=[names, first, second])\n"
    )
    project = a_project(tmp_path, pipeline)
    assert penstock(project, "run", "letters").exit_code == 0
    read, ahead = set(), [["items", "last", "--limit", "2"]]
    while ahead:
        told = penstock(project, *ahead.pop(0))
        read |= set(re.findall(r"\b(first|second) +([abc])\b", told.out))
        ahead += [more.split() for more in re.findall(r"there may be more: penstock (.*)", told.err)]
    assert read == {(task, key) for task in ("first", "second") for key in "abc"}
    lost = penstock(project, "items", "last", "--after", "a")
    assert lost.exit_code == 2
    assert "--task" in lost.err
