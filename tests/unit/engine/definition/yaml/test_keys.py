"""What every key of a pipeline's file becomes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from penstock import After, Cron, Exponential, File
from penstock.engine.definition.script import Script
from penstock.engine.definition.yaml.layout import Layout
from penstock.errors import DefinitionError
from tests.unit.engine.definition.yaml.files import ONE_STEP, loaded, write


def script_of(pipeline, task: str) -> Script:
    script = pipeline.tasks[task].script
    assert script is not None
    return script


def test_a_file_beside_a_folder_of_scripts_is_a_pipeline(tmp_path: Path) -> None:
    pipeline = loaded(tmp_path, "name: My numbers\ndescription: Adds\nworkers: 3\n" + ONE_STEP, "my_numbers")

    assert (pipeline.name, pipeline.title, pipeline.doc, pipeline.workers) == ("my-numbers", "My numbers", "Adds", 3)
    assert pipeline.file == tmp_path / "pipelines/my_numbers.yaml"
    assert pipeline.status_file == tmp_path / "pipelines/.my_numbers.status.json"
    assert script_of(pipeline, "a") == Script(
        tmp_path / "pipelines/my_numbers/a.py", tmp_path / "pipelines/my_numbers", tmp_path
    )


def test_a_pipeline_file_in_a_folder_of_its_own_has_its_scripts_beside_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "pipelines/first_one/pipeline.yml", tmp_path)

    assert layout.name == "first-one"
    assert layout.scripts == tmp_path / "pipelines/first_one"
    assert layout.status_file == tmp_path / "pipelines/first_one/.first_one.status.json"
    assert Layout(tmp_path / "pipelines/pipeline.yaml", tmp_path).name == "pipeline"


@pytest.mark.parametrize("stem", ["two words", "a.b", "-x", "ü!", "a,b"])
def test_a_file_whose_name_cannot_be_typed_names_no_pipeline(tmp_path: Path, stem: str) -> None:
    with pytest.raises(DefinitionError, match="cannot name a pipeline"):
        loaded(tmp_path, ONE_STEP, stem)


def test_steps_keep_the_order_of_the_file_and_depend_by_either_spelling(tmp_path: Path) -> None:
    pipeline = loaded(
        tmp_path,
        """
        steps:
          - {id: c, file: c.py}
          - {name: b, script: b.sh, needs: c}
          - {name: a, script: a, depends_on: [c, b]}
        """,
    )
    assert pipeline.graph.order == ("c", "b", "a")
    assert pipeline.tasks["a"].depends_on == ("c", "b")
    assert script_of(pipeline, "b").path.name == "b.sh"


def test_every_key_of_a_step_reaches_its_task(tmp_path: Path) -> None:
    task = loaded(
        tmp_path,
        """
        version: 2
        env: {MODE: dry, LEVEL: "1"}
        params: {days: 90, other: x}
        steps:
          - name: list
            script: list.py
          - name: one
            script: sub/one.py
            description: |
              Does one
              thing.
            each: list
            args: [--days, "{days}", 7, true, ""]
            env: {LEVEL: 2}
            params: days
            retries: 3
            retry_delay: 30s
            timeout: 1m30s
            continue_on_error: true
            failure_tolerance: 0.25
            tags: [slow, net]
            version: b
        """,
    ).tasks["one"]

    assert task.script is not None
    assert task.script.args == ("--days", "{days}", "7", "true", "")
    assert dict(task.script.env) == {"MODE": "dry", "LEVEL": "2"}
    assert task.script.params == ("days",)
    assert task.doc == "Does one thing."
    assert task.each == "list"
    assert (task.retries, task.backoff(1), task.backoff(9)) == (3, timedelta(seconds=30), timedelta(seconds=30))
    assert task.timeout == timedelta(seconds=90)
    assert (task.may_fail, task.failure_tolerance, task.version) == (True, 0.25, "2-b")
    assert task.tags == {"slow", "net"}


def test_steps_that_do_not_say_take_what_the_file_says_of_all(tmp_path: Path) -> None:
    tasks = loaded(
        tmp_path,
        """
        retries: 2
        timeout: 5m
        steps:
          - {name: a, script: a.py}
          - {name: b, script: b.py, retries: 0, timeout: 1h}
        """,
    ).tasks
    assert (tasks["a"].retries, tasks["a"].timeout) == (2, timedelta(minutes=5))
    assert (tasks["b"].retries, tasks["b"].timeout) == (0, timedelta(hours=1))
    assert tasks["a"].backoff == Exponential()


def test_a_step_that_does_not_say_what_it_reads_always_runs(tmp_path: Path) -> None:
    tasks = loaded(
        tmp_path,
        """
        steps:
          - {name: silent, script: a.py}
          - {name: reads nothing, script: a.py, inputs: []}
          - {name: reads, script: a.py, inputs: in.csv}
        """,
    ).tasks
    assert {name: task.runs_always for name, task in tasks.items()} == {
        "silent": True, "reads-nothing": False, "reads": False
    }  # fmt: skip


def test_files_and_tables_are_named_from_the_project_folder(tmp_path: Path) -> None:
    task = loaded(
        tmp_path,
        """
        params: {year: 2020}
        steps:
          - name: a
            script: a.py
            inputs: ["./data/*.csv", "data/{year}/extra.csv?"]
            outputs: ["sqlite:db/x.db#t", {sqlite: db/x.db, table: "u {year}"}]
        """,
    ).tasks["a"]
    assert task.inputs == (
        File("data/*.csv", folder=tmp_path), File("data/{year}/extra.csv", optional=True, folder=tmp_path)
    )  # fmt: skip
    assert [dataset.name for dataset in task.outputs] == ["sqlite:db/x.db#t", "sqlite:db/x.db#u {year}"]


@pytest.mark.parametrize(
    ("made", "read", "is_fed"),
    [
        ("data/a.csv", "data/a.csv", True),
        ("data/a.csv", "./data//a.csv", True),
        ("data/a.csv", "data/*.csv", True),
        ("data/*.csv", "data/a.csv", True),
        ("data/deep/er/a.csv", "data/**/*.csv", True),
        ("data/a.csv", "data/**/*.csv", True),
        ("data/deep/a.csv", "data/*.csv", False),
        ("data/a.csv", "data/b*", False),
        ("out/a.csv", "data/**", False),
    ],
)
def test_a_step_comes_after_those_whose_files_it_reads(tmp_path: Path, made: str, read: str, is_fed: bool) -> None:
    pipeline = loaded(
        tmp_path,
        f"""
        steps:
          - {{name: reader, script: a.py, inputs: "{read}"}}
          - {{name: maker, script: b.py, inputs: [], outputs: "{made}"}}
        """,
    )
    assert (pipeline.graph.upstream("reader") == ("maker",)) is is_fed


def test_a_pattern_that_an_earlier_step_fills_may_be_empty_before(tmp_path: Path) -> None:
    pipeline = loaded(
        tmp_path,
        """
        steps:
          - {name: maker, script: b.py, inputs: [], outputs: data/a.csv}
          - {name: reader, script: a.py, inputs: "data/*.csv"}
        """,
    )
    (read,) = pipeline.tasks["reader"].inputs
    assert isinstance(read, File)
    assert read.fingerprint({}, None).label.endswith("(0 files)")


@pytest.mark.parametrize(
    ("written", "kind", "default"),
    [
        ("90", int, 90),
        ("0x1f", int, 31),
        ("-1.5", float, -1.5),
        ("true", bool, True),
        ("yes", str, "yes"),
        ("2026-01-31", date, date(2026, 1, 31)),
        ("2026-02-31", str, "2026-02-31"),
        ('"90"', str, "90"),
        ("word", str, "word"),
        ("", str, None),
        ("{default: 5}", int, 5),
        ("{type: decimal, default: 0.10}", Decimal, Decimal("0.10")),
        ("{type: text, default: 007x}", str, "007x"),
        ("{type: text, default: 1.50}", str, "1.50"),
        ("{type: float, default: 3}", float, 3.0),
        ("{choices: [1, 2]}", int, None),
        ("{minimum: 2026-01-01}", date, None),
    ],
)
def test_a_parameter_has_the_type_of_its_value(tmp_path: Path, written: str, kind: type, default: object) -> None:
    (param,) = loaded(tmp_path, f"params:\n  p: {written}\n{ONE_STEP}").params
    assert (param.type, param.default, type(param.default)) == (kind, default, type(default))


def test_a_parameter_says_all_that_a_parameter_of_python_says(tmp_path: Path) -> None:
    (param,) = loaded(
        tmp_path,
        "params:\n  year: {type: int, description: Of the list, choices: [2020, 2022], minimum: 1980, required: true,"
        f" partition: true}}\n{ONE_STEP}",
    ).params
    assert (param.type, param.doc, param.choices, param.minimum) == (int, "Of the list", (2020, 2022), 1980)
    assert (param.required, param.partition, param.flag) == (True, True, "--year")


def test_schedules_and_what_comes_after_become_deployments(tmp_path: Path) -> None:
    deployments = loaded(
        tmp_path,
        """
        schedule: [weekdays 06:00 UTC, {rule: cron 0 1 * * 1 UTC, misfire: skip}]
        after: other
        steps:
          - name: Load data
            script: a.py
            schedule: sun 01:00 UTC
            after: [one, two]
          - name: late
            script: a.py
            after: Load-data
        """,
    ).deployments
    told = {name: (one.trigger, one.tasks) for name, one in deployments.items()}
    assert told == {
        "schedule": (Cron("weekdays 06:00 UTC"), ()),
        "schedule-2": (Cron("cron 0 1 * * 1 UTC", misfire="skip"), ()),
        "after": (After("other"), ()),
        "Load-data": (Cron("sun 01:00 UTC"), ("Load-data",)),
        "Load-data-after": (After("one", "two"), ("Load-data",)),
        "late": (After("Load-data"), ("late",)),
    }


def test_a_matrix_makes_a_task_of_every_combination(tmp_path: Path) -> None:
    pipeline = loaded(
        tmp_path,
        """
        steps:
          - name: Train it
            script: train.py
            matrix: {size: [small, 3.10], kind: [a b]}
            args: ["{size}"]
            inputs: []
            outputs: out/{size}-{kind}.bin
            schedule: sun 01:00 UTC
          - {name: all, script: a.py, needs: Train it}
          - {name: one, script: a.py, needs: Train-it.small.a-b}
        """,
    )
    assert list(pipeline.tasks) == ["Train-it.small.a-b", "Train-it.3.10.a-b", "all", "one"]
    assert pipeline.tasks["Train-it.3.10.a-b"].title == "Train it (3.10, a b)"
    assert dict(script_of(pipeline, "Train-it.3.10.a-b").matrix) == {"size": "3.10", "kind": "a b"}
    assert pipeline.producers == {
        "out/small-a b.bin": "Train-it.small.a-b", "out/3.10-a b.bin": "Train-it.3.10.a-b"
    }  # fmt: skip
    assert pipeline.tasks["all"].depends_on == ("Train-it.small.a-b", "Train-it.3.10.a-b")
    assert pipeline.tasks["one"].depends_on == ("Train-it.small.a-b",)
    assert pipeline.deployments["Train-it"].tasks == ("Train-it.small.a-b", "Train-it.3.10.a-b")


def test_braces_of_a_choice_stay_braces_in_a_path(tmp_path: Path) -> None:
    task = loaded(
        tmp_path,
        'steps: [{name: a, script: a.py, matrix: {m: ["{x}1"]}, inputs: [], outputs: ["o/{m}", "{{p}}"]}]',
    ).tasks["a.x-1"]
    assert [output.path.format_map({}) for output in task.outputs if isinstance(output, File)] == ["o/{x}1", "{p}"]


def test_an_alias_stands_for_all_it_names(tmp_path: Path) -> None:
    tasks = loaded(
        tmp_path,
        """
        steps:
          - {name: a, script: a.py, env: &env {A: 1}, inputs: &in [x.csv]}
          - {name: b, script: b.py, env: *env, inputs: *in}
        """,
    ).tasks
    assert tasks["b"].script is not None
    assert dict(tasks["b"].script.env) == {"A": "1"}
    assert tasks["b"].inputs == tasks["a"].inputs


PYTHON = '''
"""Tasks."""

from penstock import Item, task


@task(retries=4, tags=["py"])
def find_files(ctx):
    """Find them."""
    return [Item("a")]


@task(depends_on=[find_files], each=find_files, version="v1")
def read_file(ctx, item):
    """Read one."""


def plain(ctx): ...
'''


def test_python_tasks_and_scripts_depend_on_each_other(tmp_path: Path) -> None:
    write(tmp_path / "pipelines/x/steps.py", PYTHON)
    tasks = loaded(
        tmp_path,
        """
        version: 7
        retries: 1
        steps:
          - {name: first, script: a.py}
          - {name: find_files, task: "steps.py:find_files", needs: first}
          - {task: "steps.py:read_file", timeout: 3s, failure_tolerance: 2}
          - {name: last, script: b.py, needs: read_file, each: find_files}
        """,
    ).tasks
    assert tasks["find_files"].depends_on == ("first",)
    assert (tasks["find_files"].retries, tasks["find_files"].runs_always) == (4, False)
    assert tasks["find_files"]("ctx") != []
    assert (tasks["read_file"].each, tasks["read_file"].depends_on) == ("find_files", ("find_files",))
    assert (tasks["read_file"].version, tasks["read_file"].timeout) == ("7-v1", timedelta(seconds=3))
    assert (tasks["last"].each, tasks["last"].depends_on) == ("find_files", ("read_file",))


def test_the_file_is_never_written(tmp_path: Path) -> None:
    text = "# mine\nname:   'spaced'   # and so\n" + ONE_STEP
    loaded(tmp_path, text)
    assert (tmp_path / "pipelines/x.yaml").read_text(encoding="utf-8") == text
    assert [path.name for path in (tmp_path / "pipelines").iterdir()] == ["x.yaml"]
