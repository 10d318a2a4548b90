"""Pipelines by name: what the files of a project's folder give now."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from penstock.engine.definition.registry import Registry
from penstock.errors import DefinitionError, UsageError
from tests.engines import a_pipeline, a_task
from tests.unit.engine.definition.yaml.files import ONE_STEP, a_registry, write

PYTHON = (
    'from penstock import Pipeline, task\n@task\ndef {task}(ctx): ...\npipeline = Pipeline("{name}", tasks=[{task}])\n'
)


def own_names(registry: Registry) -> list[str]:
    """The pipelines that do not come with Penstock."""
    return [name for name, pipeline in registry.all().items() if not is_built_in(pipeline)]


def is_built_in(pipeline) -> bool:
    return "penstock/pipelines" in str(pipeline.file) or all(
        getattr(task.body, "__module__", "").startswith("penstock.pipelines") for task in pipeline.tasks.values()
    )


def replaced(path: Path, text: str) -> None:
    """Write a file anew, later than it was written before even where clocks are coarse."""
    before = path.stat().st_mtime_ns
    write(path, text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_both_layouts_and_python_files_are_found_side_by_side(tmp_path: Path) -> None:
    write(tmp_path / "pipelines/one.yaml", ONE_STEP)
    write(tmp_path / "pipelines/two.yml", ONE_STEP)
    write(tmp_path / "pipelines/three_four/pipeline.yaml", ONE_STEP)
    write(tmp_path / "pipelines/five.py", PYTHON.format(name="five", task="t"))
    write(tmp_path / "pipelines/_draft.yaml", ONE_STEP)
    write(tmp_path / "pipelines/.hidden/pipeline.yaml", ONE_STEP)
    write(tmp_path / "pipelines/one/other.yaml", "not: looked at")

    registry = a_registry(tmp_path)

    assert own_names(registry) == ["five", "one", "three-four", "two"]
    assert not registry.broken


@pytest.mark.parametrize("asked", ["my-first", "my_first"])
def test_underscores_will_do_for_hyphens(tmp_path: Path, asked: str) -> None:
    write(tmp_path / "pipelines/my_first.yaml", ONE_STEP)
    assert a_registry(tmp_path).get(asked).name == "my-first"
    assert a_registry(tmp_path).get("campaign_finance").name == "campaign-finance"


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside", "", ".", "x/y", "x" * 251, "ü" * 126, "x\0", "a b", "\udc80"]
)
def test_what_no_file_can_give_is_no_pipeline(tmp_path: Path, name: str) -> None:
    write(tmp_path / "outside.yaml", ONE_STEP)
    with pytest.raises(UsageError, match="there is no pipeline"):
        a_registry(tmp_path).get(name)


def test_a_name_may_be_as_long_as_that_of_a_file(tmp_path: Path) -> None:
    write(tmp_path / "pipelines" / f"{'x' * 250}.yaml", ONE_STEP)
    assert a_registry(tmp_path).get("x" * 250).name == "x" * 250


def test_a_pipeline_made_by_the_program_is_found_with_underscores_too(tmp_path: Path) -> None:
    given = Registry(None, None, (a_pipeline(a_task("a"), name="my-own"),))
    assert given.get("my_own").name == "my-own"


def test_files_that_change_appear_or_go_are_noticed_without_a_restart(tmp_path: Path) -> None:
    registry, path = a_registry(tmp_path), tmp_path / "pipelines/x.yaml"
    with pytest.raises(UsageError, match="there is no pipeline `x`"):
        registry.get("x")

    write(path, ONE_STEP)
    first = registry.get("x")
    assert registry.get("x") is first
    replaced(path, "steps: [{name: b, script: b.py}]")
    assert list(registry.get("x").tasks) == ["b"]
    assert list(registry.all()["x"].tasks) == ["b"]
    path.unlink()
    assert "x" not in registry.all()
    with pytest.raises(UsageError, match="there is no pipeline `x`"):
        registry.get("x")


def test_a_file_that_became_bad_takes_its_pipeline_out_of_sight_until_it_is_good_again(tmp_path: Path) -> None:
    registry, path = a_registry(tmp_path), write(tmp_path / "pipelines/x.yaml", ONE_STEP)
    write(tmp_path / "pipelines/y.yaml", ONE_STEP)
    assert own_names(registry) == ["x", "y"]

    replaced(path, "steps: [")
    assert own_names(registry) == ["y"]
    assert registry.broken[path].message.startswith("pipelines/x.yaml:2:1: ")
    with pytest.raises(DefinitionError, match=r"pipelines/x\.yaml:2:1: "):
        registry.get("x")
    assert registry.get("y").name == "y"

    replaced(path, ONE_STEP)
    assert registry.get("x").name == "x"
    assert not registry.broken


def test_a_changed_python_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "pipelines/changing_file.py", PYTHON.format(name="p", task="first"))
    registry = a_registry(tmp_path)
    assert list(registry.get("p").tasks) == ["first"]
    replaced(path, PYTHON.format(name="p", task="other"))
    assert list(registry.get("p").tasks) == ["other"]
    replaced(path, PYTHON.format(name="q", task="other"))
    assert registry.get("q").name == "q"
    assert "p" not in registry.all()


def test_a_changed_file_of_python_tasks_is_read_again(tmp_path: Path) -> None:
    write(tmp_path / "pipelines/x.yaml", "steps: [{name: a, task: 's.py:f'}]")
    path = write(tmp_path / "pipelines/x/s.py", "from penstock import task\n@task(retries=1)\ndef f(ctx): ...\n")
    registry = a_registry(tmp_path)
    assert registry.get("x").tasks["a"].retries == 1
    replaced(path, "from penstock import task\n@task(retries=2)\ndef f(ctx): ...\n")
    assert registry.get("x").tasks["a"].retries == 2
    replaced(path, "nonsense(\n")
    with pytest.raises(DefinitionError, match="SyntaxError"):
        registry.get("x")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x_y.yaml", "x-y.yaml"),
        ("x.yaml", "x.yml"),
        ("x.yaml", "x/pipeline.yaml"),
        ("x/pipeline.yaml", "x/pipeline.yml"),
        ("x.py", "x.yaml"),
    ],
)
def test_two_files_that_give_one_name_are_told_together(tmp_path: Path, one: str, other: str) -> None:
    for file in (one, other):
        text = PYTHON.format(name="x", task="t") if file.endswith(".py") else ONE_STEP
        write(tmp_path / "pipelines" / file, text)
    registry = a_registry(tmp_path)

    assert own_names(registry) == []
    assert set(registry.broken) == {tmp_path / "pipelines" / one, tmp_path / "pipelines" / other}
    with pytest.raises(DefinitionError) as refused:
        a_registry(tmp_path).get(one.partition("/")[0].partition(".")[0])
    assert f"pipelines/{one}`" in refused.value.message
    assert f"pipelines/{other}`" in refused.value.message

    (tmp_path / "pipelines" / other).unlink()
    assert len(own_names(registry)) == 1


def test_a_file_cannot_take_the_name_of_a_pipeline_that_comes_with_penstock(tmp_path: Path) -> None:
    path = write(tmp_path / "pipelines/campaign_finance.yaml", ONE_STEP)
    registry = a_registry(tmp_path)
    assert is_built_in(registry.all()["campaign-finance"])
    assert "is defined elsewhere too" in registry.broken[path].message


def test_a_pipeline_that_comes_with_penstock_may_be_a_yaml_file(tmp_path: Path) -> None:
    path = write(tmp_path / "library/our_own/pipeline.yaml", ONE_STEP)
    registry = Registry({"our-own": path}, tmp_path / "pipelines", status_folder=tmp_path / "home/status")

    pipeline = registry.get("our_own")

    assert (pipeline.name, pipeline.status_file) == ("our-own", tmp_path / "home/status/our-own.json")
    script = pipeline.tasks["a"].script
    assert script is not None
    assert (script.folder, script.cwd) == (path.parent, tmp_path)


def test_defaults_of_a_project_hold_for_yaml_pipelines_also_after_a_change(tmp_path: Path) -> None:
    path = write(tmp_path / "pipelines/x.yaml", "params: {days: 1}\n" + ONE_STEP)
    registry = Registry(None, tmp_path / "pipelines", defaults={"x": {"days": 5}})
    assert registry.get("x").resolve({}) == {"days": 5}
    replaced(path, "params: {days: 2, other: a}\n" + ONE_STEP)
    assert registry.get("x").resolve({}) == {"days": 5, "other": "a"}


def test_many_threads_may_ask_while_files_change(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"pipelines/p{number}.yaml", ONE_STEP) for number in range(4)]
    registry = a_registry(tmp_path)

    def ask(turn: int) -> None:
        for number, path in enumerate(paths):
            if turn % 4 == number:
                # Renamed into place, as editors do: nobody sees half a file.
                text = ONE_STEP if turn % 3 else "steps: ["
                path.with_name(f".{turn}").write_text(text, encoding="utf-8")
                path.with_name(f".{turn}").replace(path)
            with suppress(DefinitionError):  # while its file is bad
                assert registry.get(f"p{number}").name == f"p{number}"
            assert set(registry.all()) >= {"campaign-finance"}

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(64)))
    for path in paths:
        replaced(path, ONE_STEP)
    assert own_names(registry) == ["p0", "p1", "p2", "p3"]


def test_pyyaml_is_loaded_only_where_there_is_a_yaml_file(tmp_path: Path) -> None:
    write(tmp_path / "pipelines/five.py", PYTHON.format(name="five", task="t"))
    program = (
        "import sys; from pathlib import Path; from penstock.engine.definition.registry import Registry\n"
        "names = list(Registry(None, Path('pipelines')).all()); print(names, 'yaml' in sys.modules)"
    )

    def printed() -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert printed() == "['five'] False"
    write(tmp_path / "pipelines/x.yaml", ONE_STEP)
    assert printed() == "['five', 'x'] True"


def test_the_helper_of_another_pipeline_is_never_taken_for_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / f"pipelines/{name}/helper_of_both.py", f"WORD = '{name}'\n")
        code = "from helper_of_both import WORD\nfrom penstock import task\n@task(tags=[WORD])\ndef f(ctx): ...\n"
        write(tmp_path / f"pipelines/{name}/tasks.py", code)
        write(tmp_path / f"pipelines/{name}.yaml", "steps: [{name: a, task: 'tasks.py:f'}]")
    registry = a_registry(tmp_path)

    assert registry.get("one").tasks["a"].tags == {"one"}
    with pytest.raises(DefinitionError, match="imports `helper_of_both`, which another pipeline has imported"):
        registry.get("two")
