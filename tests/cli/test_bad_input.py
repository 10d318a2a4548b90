"""Bad input, and what it gets: one clear message, the next step, the documented exit code."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from tests.cli.shell import Typed, a_project, penstock, penstock_here

CASES = [
    ("runn letters", 2, "there is no command `runn`", "did you mean `penstock run`?"),
    ("run leters", 2, "there is no pipeline `leters`", "did you mean `letters`?"),
    ("run /etc/passwd", 2, "there is no pipeline `/etc/passwd`", "penstock list"),
    ("run ../../letters", 2, "there is no pipeline `../../letters`", "did you mean `letters`?"),
    (f"run {'l' * 300}", 2, "there is no pipeline `llll", "penstock list"),
    ("run", 2, "missing argument `PIPELINE`", "penstock run --help"),
    ("run letters --forse", 2, "there is no option `--forse`", "did you mean `--force`?"),
    ("run letters --yaer 2020", 2, "there is no option `--yaer`", "did you mean `--year`?"),
    ("run letters --year soon", 2, "`--year` takes a value of type int, not `soon`", ""),
    ("run letters --year 1900", 2, "`--year` must be at least 1980, not 1900", ""),
    ("run letters --year", 2, "option `--year` requires an argument", ""),
    ("run letters --executor rocket", 2, "`rocket` is not one of", ""),
    ("run letters --workers 0", 2, "invalid value for `--workers`", ""),
    ("run letters --tasks list_poeple", 2, "list_poeple", "list_people"),
    ("run letters --tasks ''", 2, "`--tasks` names no task", "leave `--tasks` out"),
    ("plan letters --skip ,", 2, "`--skip` names no task", "leave `--skip` out"),
    ("results letters", 2, "pipeline `letters` has no result tables", "penstock show letters"),
    ("show leters", 2, "there is no pipeline `leters`", "did you mean `letters`?"),
    ("why letters write_leter", 2, "no task `write_leter`", "did you mean `write_letter`?"),
    ("why letters", 2, "no run has decided about `letters` yet", "penstock plan letters"),
    ("status", 2, "there are no runs yet", "penstock run PIPELINE"),
    ("status 01ABC", 2, "there is no run `01ABC`", "penstock history"),
    ("logs 01ABC", 2, "there is no run `01ABC`", "penstock history"),
    ("retry 01ABC", 2, "there is no run `01ABC`", "penstock history"),
    ("apply missing.plan", 2, "cannot read plan `missing.plan`", "penstock plan PIPELINE -o FILE"),
    ("apply people.txt", 2, "`people.txt` is not a plan", "penstock plan PIPELINE -o FILE"),
    ("plan letters -o missing/letters.plan", 2, "cannot write plan `missing/letters.plan`", "choose another place"),
    ("reset letters", 2, "nobody to ask", "--yes"),
    ("init pipelines", 2, "`pipelines` is not an empty folder", "nothing was changed"),
    ("--set lease list", 2, "`--set lease` gives no value", "--set lease=VALUE"),
    ("--set leese=3s list", 2, "there is no setting `leese`", "did you mean `lease`?"),
    ("--set lease=soon list", 2, "`lease` takes a duration", ""),
    ("--set state_url=redis://x run letters", 2, "names no state store", ""),
]


@pytest.mark.parametrize(("typed", "code", "message", "hint"), CASES, ids=[case[0] for case in CASES])
def test_a_wrong_command_line_is_told_with_its_next_step(
    tmp_path: Path, typed: str, code: int, message: str, hint: str
) -> None:
    said = penstock_here(a_project(tmp_path / "project"), *shlex.split(typed))
    assert_told(said, code, message, hint)


@pytest.mark.parametrize("typed", ["", "config", "simulate"])
def test_a_command_that_says_nothing_gets_help(tmp_path: Path, typed: str) -> None:
    said = penstock_here(tmp_path, *typed.split())
    assert said.exit_code == 2
    assert said.err.startswith(f"Usage: penstock {typed}".rstrip())
    assert said.out == ""


def assert_told(said: Typed, code: int, message: str, hint: str = "") -> None:
    assert said.exit_code == code, said
    assert said.out == ""
    assert message in said.err
    assert hint in said.err
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err


def test_a_missing_input_file_ends_with_3_and_starts_nothing(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    (project / "people.txt").unlink()
    assert_told(penstock(project, "run", "letters"), 3, "people.txt")
    assert penstock(project, "history").out == ""


def test_a_pipeline_that_cannot_be_imported_is_told_with_file_and_line(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", "import penstock\n\n1 / 0\n")
    said = penstock(project, "run", "letters")
    assert_told(said, 2, "line 3")
    assert "ZeroDivisionError" in said.err
    assert penstock(project, "list").exit_code == 2


def test_a_parameter_may_not_take_the_name_of_a_flag(tmp_path: Path) -> None:
    text = 'from penstock import Param, Pipeline\npipeline = Pipeline("letters", tasks=[], params=[Param("force")])\n'
    said = penstock(a_project(tmp_path / "project", text), "run", "letters")
    assert_told(said, 2, "parameter `force` of pipeline `letters` has the name of a flag of `run`", "another name")


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("[penstock]\n\nleese = '3s'\n", "penstock.toml:3", "there is no setting `leese`", "did you mean `lease`?"),
        ("[penstock]\nlease = 3\n", "penstock.toml:2", "`lease` takes a duration", ""),
        ("[penstock]\nworkers = true\n", "penstock.toml:2", "`workers` takes a whole number", ""),
        ("[penstok]\n", "penstock.toml:1", "there is no table `penstok`", "`[penstock]`"),
        ("[penstock\n", "penstock.toml", "line 1", "`[penstock]`"),
    ],
)
def test_a_wrong_project_file_is_told_with_its_line(
    tmp_path: Path, text: str, place: str, message: str, hint: str
) -> None:
    project = a_project(tmp_path / "project")
    (project / "penstock.toml").write_text(text, encoding="utf-8")
    said = penstock_here(project, "list")
    assert_told(said, 2, message, hint)
    assert place in said.err


def test_a_home_that_cannot_be_made_ends_with_4(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    said = penstock(project, "run", "letters", PENSTOCK_HOME=str(project / "people.txt" / "home"))
    assert_told(said, 4, "cannot make the folder", "PENSTOCK_HOME")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_ends_with_4(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    home = project / "home"
    home.mkdir(mode=0o500)
    assert_told(penstock(project, "run", "letters", PENSTOCK_HOME=str(home)), 4, "home")


def test_a_state_file_that_is_none_ends_with_4(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    (project / ".penstock").mkdir()
    (project / ".penstock" / "state.db").write_text("this is no database, and long enough to be seen as none\n" * 50)
    assert_told(penstock(project, "run", "letters"), 4, "state.db")


def test_a_defect_leaves_its_traceback_in_the_home_folder(tmp_path: Path) -> None:
    text = "from penstock import Pipeline\n\nclass Odd(Pipeline):\n    doc = property(lambda self: 1 / 0)\n"
    text += '    def __init__(self):\n        self.name = self.title = "odd"\n\npipeline = Odd()\n'
    project = a_project(tmp_path / "project", text)

    said = penstock(project, "list")

    (log,) = (project / ".penstock" / "crashes").iterdir()
    assert_told(said, 70, "ZeroDivisionError", f"the traceback is in `{log}`")
    assert "penstock list" in log.read_text(encoding="utf-8")
    assert "Traceback" in penstock(project, "list", "-v").err or "Traceback" in penstock(project, "-v", "list").err


def test_cancelling_a_run_that_is_over_is_refused(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    penstock(project, "run", "letters")
    assert_told(
        penstock(project, "cancel", "last", "--yes"),
        2,
        "is already over (completed); nothing to cancel",
        "penstock status",
    )
    assert_told(penstock(project, "resume"), 2, "there is nothing to resume")
