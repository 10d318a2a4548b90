"""Tasks that run a program, declared in Python."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from penstock import File, Pipeline, Task, task
from penstock.errors import DefinitionError
from tests.engines import an_engine, run, statuses


def test_a_program_is_found_from_this_folder_and_confined_to_its_own(tmp_path: Path) -> None:
    made = Task.of_script("fetch", "scripts/fetch.py", args=["1"], env={"A": "b"}, doc="Fetch it.", retry_delay="2s")
    assert made.script is not None
    assert made.script.path == Path.cwd() / "scripts/fetch.py"
    assert made.script.folder == Path.cwd() / "scripts"
    assert made.script.cwd == Path.cwd()
    assert (made.script.args, dict(made.script.env), made.doc) == (("1",), {"A": "b"}, "Fetch it.")
    assert made.backoff(1) == timedelta(seconds=2)


def test_it_always_runs_unless_it_says_what_it_reads() -> None:
    assert Task.of_script("a", "a.py").runs_always
    assert not Task.of_script("a", "a.py", inputs=[]).runs_always
    assert Task.of_script("a", "a.py", inputs=[File("x")]).inputs == (File("x"),)


def test_a_name_that_cannot_be_typed_is_refused() -> None:
    with pytest.raises(DefinitionError, match="has a name with a blank"):
        Task.of_script("two words", "a.py")


def test_functions_and_programs_depend_on_each_other(tmp_path: Path) -> None:
    (tmp_path / "make.py").write_text("print(open('made.txt', 'w').write('x'))\n")

    @task(name="before")
    def before(ctx):
        """Begin."""

    program = Task.of_script("make", tmp_path / "make.py", cwd=tmp_path, depends_on=[before])

    @task(name="after", depends_on=[program])
    def after(ctx):
        """Read it."""
        return (tmp_path / "made.txt").read_text()

    with an_engine(tmp_path / "home", Pipeline("sample", tasks=[after, program, before])) as engine:
        view = run(engine)
        assert statuses(view) == {"before": "completed", "make": "completed", "after": "completed"}
        assert engine.result(engine.pipeline("sample"), "", "after") == "x"
