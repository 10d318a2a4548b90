"""A process that lives long plans with the files of a project as they are now."""

from __future__ import annotations

from pathlib import Path

from penstock.engine.engine import Engine
from penstock.engine.planning.request import RunRequest
from tests.engines import an_engine, run, statuses

PIPELINE = '''"""Counts."""

from penstock import Pipeline, task


def number():
    return {number}


@task
def count(ctx):
    """Count."""{remark}
    return number()


pipeline = Pipeline("counting", tasks=[count])
'''


def planned(engine: Engine, pipeline: str) -> dict[str, str]:
    return {one.task: one.reason.kind.value for one in engine.plan(RunRequest(pipeline)).decisions}


def test_a_changed_python_pipeline_is_stale_and_a_remark_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pipelines" / "counting.py"
    path.parent.mkdir()
    path.write_text(PIPELINE.format(number=1, remark=""), encoding="utf-8")
    with an_engine(tmp_path) as engine:
        assert run(engine, "counting").status == "completed"
        path.write_text(PIPELINE.format(number=1, remark="\n    # a remark\n\n"), encoding="utf-8")
        assert planned(engine, "counting") == {"count": "fresh"}
        path.write_text(PIPELINE.format(number=22, remark=""), encoding="utf-8")
        assert planned(engine, "counting") == {"count": "code_changed"}
        run(engine, "counting")
        assert engine.result(engine.pipeline("counting"), "", "count") == 22


def test_a_changed_yaml_pipeline_and_its_scripts_are_planned_as_they_are_now(tmp_path: Path) -> None:
    path, script = tmp_path / "pipelines" / "x.yaml", tmp_path / "pipelines" / "x" / "a.py"
    script.parent.mkdir(parents=True)
    script.write_text("print(1)\n", encoding="utf-8")
    path.write_text("steps: [{name: a, script: a.py, inputs: []}]", encoding="utf-8")
    with an_engine(tmp_path) as engine:
        assert statuses(run(engine, "x")) == {"a": "completed"}
        assert planned(engine, "x") == {"a": "fresh"}
        script.write_text("print(22)\n", encoding="utf-8")
        assert planned(engine, "x") == {"a": "code_changed"}
        run(engine, "x")
        path.write_text(
            "steps: [{name: a, script: a.py, inputs: []}, {name: b, script: a.py, needs: a}]", encoding="utf-8"
        )
        assert planned(engine, "x") == {"a": "fresh", "b": "never_ran"}
