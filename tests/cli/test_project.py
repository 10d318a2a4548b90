"""A project from nothing: init, doctor, settings."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import a_project, penstock


def test_a_new_project_runs_at_once_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    made = penstock(tmp_path, "init", "guests")
    project = tmp_path / "guests"

    first, second = penstock(project, "run", "hello", "--json").json, penstock(project, "run", "hello", "--json").json

    assert made.exit_code == 0
    assert "cd guests && penstock run hello" in made.err
    assert {task["status"] for task in first["tasks"]} == {"completed"}
    assert {task["status"] for task in second["tasks"]} == {"skipped"}
    assert (project / "letters" / "Ada.txt").read_text(encoding="utf-8").startswith("Dear Ada,")


def test_one_changed_guest_gets_one_new_letter(tmp_path: Path) -> None:
    penstock(tmp_path, "init", "guests")
    project, guests = tmp_path / "guests", tmp_path / "guests" / "data" / "guests.csv"
    penstock(project, "run", "hello")

    guests.write_text(guests.read_text(encoding="utf-8").replace("Ada,1", "Ada,9"), encoding="utf-8")
    again = penstock(project, "run", "hello", "--json").json

    assert again["tasks"][1]["items"] == {
        "discovered": 4, "completed": 1, "failed": 0, "skipped": 3, "pending": 0, "running": 0
    }  # fmt: skip


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    assert penstock(tmp_path, "init", ".").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_the_doctor_finds_a_new_project_well(tmp_path: Path) -> None:
    penstock(tmp_path, "init", "guests")
    told = penstock(tmp_path / "guests", "doctor", "--json")
    assert told.exit_code == 0, told.out
    names = [check["name"] for check in told.json["checks"]]
    assert names == ["python", "sqlite", "duckdb", "home", "disk", "state", "warehouse", "pipelines"]


def test_the_doctor_names_each_ailment_and_ends_with_4(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", "import nowhere_to_be_found\n")
    told = penstock(project, "doctor", PENSTOCK_HOME=str(project / "people.txt" / "home"))
    assert told.exit_code == 4
    for ailment in ("home: ", "state: ", "pipelines: ", "nowhere_to_be_found"):
        assert ailment in told.err


def test_settings_come_from_the_last_place_that_has_one(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    (project / "penstock.toml").write_text("[penstock]\nlease = '20s'\nworkers = 2\nexecutor = 'threads'\n")
    shown = penstock(
        project, "--set", "workers=4", "config", "show", "--json", PENSTOCK_WORKERS="3", PENSTOCK_LEASE="9s"
    ).json
    places = {name: (knob["value"], knob["source"]) for name, knob in shown.items()}
    assert places["workers"] == (4, "--set workers")
    assert places["lease"] == ("9.00s", "PENSTOCK_LEASE")
    assert places["executor"] == ("threads", "penstock.toml:4")
    assert places["durability"] == ("process", "default")


def test_the_home_folder_is_chosen_by_variable_or_flag(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project")
    penstock(project, "run", "letters", PENSTOCK_HOME="elsewhere")
    penstock(project, "--home", "third", "run", "letters")
    assert (project / "elsewhere" / "state.db").exists()
    assert (project / "third" / "state.db").exists()
    assert not (project / ".penstock").exists()


def test_a_subfolder_belongs_to_the_project_above_it(tmp_path: Path) -> None:
    penstock(tmp_path, "init", "guests")
    project, below = tmp_path / "guests", tmp_path / "guests" / "notes" / "old"
    below.mkdir(parents=True)

    ran = penstock(below, "run", "hello")
    saved = penstock(below, "plan", "hello", "-o", "hello.plan")

    assert ran.exit_code == 0, ran.err
    assert f"in project `{project}`" in ran.err
    assert penstock(project, "history").out.startswith("01")
    assert saved.exit_code == 0
    assert [path.name for path in below.iterdir()] == ["hello.plan"]
    assert penstock(below, "apply", "hello.plan").exit_code == 0


def test_a_place_is_seen_from_where_it_was_typed(tmp_path: Path) -> None:
    penstock(tmp_path, "init", "guests")
    below = tmp_path / "guests" / "notes"
    below.mkdir()
    told = penstock(below, "run", "campaign-finance", "--cycle", "2020", "--bulk-dir", "files")
    assert told.exit_code == 3
    assert str(below / "files") in told.err


def test_where_there_is_no_project_that_is_told(tmp_path: Path) -> None:
    for verb in ("status", "run hello", "history hello"):
        folder = tmp_path / verb.split()[0]
        folder.mkdir()
        told = penstock(folder, *verb.split())
        assert told.exit_code == 2
        assert "hint: no project here" in told.err
