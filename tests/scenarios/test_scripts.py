"""Scripts as tasks: what they are handed, what is kept of them, and when they run again."""

import json
import os
import textwrap
import threading
import time

import pytest

from penstock import File, Param, Task
from penstock.engine.events import EventKind
from penstock.errors import DefinitionError
from tests.engines import a_pipeline, an_engine, by_name, run, seconds, statuses
from tests.scripts import a_script, a_step, facts_of, failure_of, output_of, until


def test_what_a_script_writes_is_kept_with_stream_and_number(tmp_path):
    step = a_step(
        tmp_path,
        "talk",
        """
        import sys, time
        print("one")
        print("two")
        time.sleep(0.05)
        print("\\x1b[31mthree\\x1b[0m\\t!", file=sys.stderr)
        time.sleep(0.05)
        print("four")
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        blocks = facts_of(engine, view, EventKind.OUTPUT_WRITTEN, "talk")
    assert view.status == "completed"
    assert blocks == [
        {"attempt": 1, "stream": "stdout", "line": 1, "text": "one\ntwo"},
        {"attempt": 1, "stream": "stderr", "line": 3, "text": "three\t!"},
        {"attempt": 1, "stream": "stdout", "line": 4, "text": "four"},
    ]


def test_output_can_be_read_while_the_script_runs(tmp_path):
    step = a_step(
        tmp_path,
        "wait",
        """
        import pathlib, time
        print("begun")
        while not pathlib.Path("go").exists():
            time.sleep(0.01)
        """,
    )
    pipeline = a_pipeline(step)
    with an_engine(tmp_path / "home", pipeline) as engine, an_engine(tmp_path / "home", pipeline) as other:
        thread = threading.Thread(target=run, args=(engine,))
        thread.start()
        (event,) = until(lambda: other.store.read_events(kinds=[EventKind.OUTPUT_WRITTEN]))
        (tmp_path / "go").touch()
        thread.join()
        assert run(other).status == "completed"
    assert event.facts["text"] == "begun"


def test_a_script_is_told_about_its_call(tmp_path):
    step = a_step(
        tmp_path,
        "tell",
        """
        import json, os, sys
        told = {name: value for name, value in os.environ.items() if name.startswith(("PENSTOCK_", "PYTHONUN", "MY_"))}
        print("::penstock", json.dumps({"result": {"argv": sys.argv[1:], "told": told, "cwd": os.getcwd()}}))
        """,
        args=("--days={days}", "{region}", "{{days}}", '{"a": 1}', "{missing}"),
        env={"MY_REGION": "in {region}"},
        matrix={"region": "north-west"},
    )
    params = [Param("days", int, 90), Param("missing", str)]
    with an_engine(tmp_path / "home", a_pipeline(step, params=params)) as engine:
        view = run(engine)
    result = by_name(view)["tell"].result
    told = result["told"]
    assert result["argv"] == ["--days=90", "north-west", "{days}", '{"a": 1}', ""]
    assert result["cwd"] == str(tmp_path)
    assert told["PENSTOCK_HOME"] == str(tmp_path / "home")
    assert {
        "PENSTOCK_PIPELINE": "sample",
        "PENSTOCK_TASK": "tell",
        "PENSTOCK_RUN_ID": view.run.run_id,
        "PENSTOCK_ATTEMPT": "1",
        "PENSTOCK_PARAM_DAYS": "90",
        "PENSTOCK_PARAM_MISSING": "",
        "PENSTOCK_MATRIX_REGION": "north-west",
        "PYTHONUNBUFFERED": "1",
        "MY_REGION": "in north-west",
    }.items() <= told.items()
    assert "PENSTOCK_ITEM" not in told


def test_an_executable_of_any_language_runs_in_the_working_folder(tmp_path):
    step = a_step(tmp_path, "shell", '#!/bin/sh\npwd\ncat\necho "$1"\n', ending=".sh", args=("two words",))
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view) == f"{tmp_path}\ntwo words", "nothing waits for input"


def test_a_failed_script_is_retried_and_each_attempt_keeps_its_output(tmp_path):
    step = a_step(
        tmp_path,
        "third",
        """
        import os, sys
        print("attempt", os.environ["PENSTOCK_ATTEMPT"])
        sys.exit(0 if os.environ["PENSTOCK_ATTEMPT"] == "3" else "not yet")
        """,
        task={"retries": 2},
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        blocks = facts_of(engine, view, EventKind.OUTPUT_WRITTEN, "third")
    assert view.status == "completed"
    said = [(block["attempt"], block["text"]) for block in blocks if block["stream"] == "stdout"]
    assert said == [(number, f"attempt {number}") for number in (1, 2, 3)]


def test_a_script_that_may_fail_does_not_stop_what_comes_after(tmp_path):
    pipeline = a_pipeline(
        a_step(tmp_path, "bad", "raise SystemExit(7)", task={"may_fail": True}),
        a_step(tmp_path, "after", "", task={"depends_on": ("bad",)}),
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine)
    assert statuses(view) == {"bad": "skipped", "after": "completed"}
    assert failure_of(view, "bad").message == "`steps/bad.py` ended with exit code 7 and wrote nothing"


def test_a_failure_tells_the_line_that_tells_most(tmp_path):
    step = a_step(
        tmp_path,
        "raise",
        """
        import time
        print("working")
        time.sleep(0.05)
        def fetch():
            raise ValueError("the page is empty")
        fetch()
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        lines = output_of(engine, view).splitlines()
    failure = failure_of(view, "raise")
    assert failure.message == "`steps/raise.py` ended with exit code 1: ValueError: the page is empty"
    assert (failure.error, failure.exit_code, failure.retriable) == ("ScriptFailed", 1, True)
    assert failure.traceback.startswith("Traceback (most recent call last)")
    assert lines[failure.line - 1] == "ValueError: the page is empty"


def test_advice_behind_an_error_is_not_taken_for_the_error(tmp_path):
    step = a_step(
        tmp_path,
        "advise",
        """
        import sys
        sys.exit("error: there is no key\\nhint: set FEC_API_KEY\\n")
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        failure = failure_of(run(engine), "advise")
    assert failure.message == "`steps/advise.py` ended with exit code 1: error: there is no key"


def test_only_parameters_that_are_handed_over_make_a_script_run_again(tmp_path):
    step = a_step(tmp_path, "some", "", params=("days",), args=("{region}",), task={"inputs": (File("data.txt"),)})
    (tmp_path / "data.txt").write_text("x")
    params = [Param("days", int, 1), Param("region", str, "north"), Param("colour", str, "red")]
    pipeline = a_pipeline(
        Task("some", step.body, inputs=(File("data.txt", folder=tmp_path),)),
        params=params,
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        assert statuses(run(engine)) == {"some": "completed"}
        assert statuses(run(engine)) == {"some": "skipped"}
        assert statuses(run(engine, params={"colour": "blue"})) == {"some": "skipped"}
        assert statuses(run(engine, params={"days": 2})) == {"some": "completed"}
        assert statuses(run(engine, params={"days": 2, "region": "south"})) == {"some": "completed"}


def test_an_unknown_placeholder_or_parameter_is_refused_with_a_suggestion(tmp_path):
    pipeline = a_pipeline(
        a_step(tmp_path, "args", "", args=("{dais}",), task={"retries": 3}),
        a_step(tmp_path, "params", "", params=("dais",)),
        params=[Param("days", int, 1)],
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine, continue_on_failure=True)
    for task in ("args", "params"):
        assert failure_of(view, task).hint == "did you mean `days`?"
        assert not failure_of(view, task).retriable
        assert by_name(view)[task].attempts == 1


def test_a_script_outside_its_folder_is_refused_also_behind_a_link(tmp_path):
    (tmp_path / "outside.py").write_text("open('ran', 'w')")
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "link.py").symlink_to(tmp_path / "outside.py")
    (tmp_path / "steps" / "loop.py").symlink_to(tmp_path / "steps" / "loop.py")
    step = a_script(tmp_path, "inside.py", "")
    paths = {
        "plain": tmp_path / "outside.py",
        "dots": tmp_path / "steps" / ".." / "outside.py",
        "link": tmp_path / "steps" / "link.py",
        "loop": tmp_path / "steps" / "loop.py",
    }
    tasks = [Task(name, type(step)(path, step.folder, step.cwd), retries=2) for name, path in paths.items()]
    with an_engine(tmp_path / "home", a_pipeline(*tasks)) as engine:
        view = run(engine, continue_on_failure=True)
    assert set(statuses(view).values()) == {"failed"}
    assert all(task.attempts == 1 for task in view.tasks)
    assert "lies outside" in failure_of(view, "link").message
    assert not (tmp_path / "ran").exists()


def test_changed_code_makes_a_script_stale_and_a_comment_does_not(tmp_path):
    step = a_step(
        tmp_path,
        "work",
        """
        from tools import names
        import pathlib
        print(names.NAME, (pathlib.Path(__file__).parent / "sql" / "load.sql").read_text())
        """,
    )
    tools = tmp_path / "steps" / "tools"
    (tmp_path / "steps" / "sql").mkdir()
    tools.mkdir()
    (tools / "__init__.py").write_text("")
    (tools / "names.py").write_text("from .deeper import NAME\n")
    (tools / "deeper.py").write_text("NAME = 'a'\n")
    (tools / "unused.py").write_text("X = 1\n")
    (tmp_path / "steps" / "sql" / "load.sql").write_text("select 1")
    pipeline = a_pipeline(Task("work", step.body, inputs=(File("in.txt", folder=tmp_path, optional=True),)))

    def rewrite(path, text):
        path.write_text(textwrap.dedent(text))
        os.utime(path, ns=(time.time_ns(), time.time_ns() + rewrite.later))
        rewrite.later += 10**9

    rewrite.later = 10**9
    with an_engine(tmp_path / "home", pipeline) as engine:

        def reason():
            return by_name(run(engine))["work"].reason

        assert "not completed before" in reason()
        assert statuses(run(engine)) == {"work": "skipped"}
        rewrite(tools / "deeper.py", "# who is it?\nNAME   =   'a'\n")
        rewrite(tools / "unused.py", "X = 2\n")
        assert statuses(run(engine)) == {"work": "skipped"}
        rewrite(tools / "deeper.py", "NAME = 'b'\n")
        assert "`tools/deeper.py`" in reason()
        assert statuses(run(engine)) == {"work": "skipped"}
        rewrite(tmp_path / "steps" / "sql" / "load.sql", "select 2")
        assert "`sql/load.sql`" in reason()
        rewrite(step.body.path, "def broken(:\n")
        assert statuses(run(engine)) == {"work": "failed"}


def test_a_script_cannot_be_called_like_a_function(tmp_path):
    with pytest.raises(DefinitionError, match="is a script, which cannot be called"):
        a_step(tmp_path, "step", "")()


def test_a_script_that_runs_penstock_itself_hands_down_nothing_of_its_own_call(tmp_path):
    inner = a_script(
        tmp_path,
        "inner.py",
        """
        import json, os
        print("::penstock", json.dumps({"result": sorted(n for n in os.environ if n.startswith("PENSTOCK_PARAM"))}))
        """,
    )
    program = f"""
        import sys
        from pathlib import Path
        from penstock import Pipeline, Task, open_engine
        from penstock.engine.definition.script import Script
        from penstock.engine.planning.request import RunRequest
        from penstock.settings import Settings
        step = Script(Path({str(inner.path)!r}), Path({str(inner.folder)!r}), Path({str(tmp_path)!r}))
        with open_engine(Settings(home=Path("inner")), pipelines=[Pipeline("p", tasks=[Task("t", step)])]) as engine:
            print(engine.run(RunRequest("p")).tasks[0].result)
    """
    outer = a_step(tmp_path, "outer", program)
    with an_engine(tmp_path / "home", a_pipeline(outer, params=[Param("days", int, 1)])) as engine:
        view = run(engine)
        assert output_of(engine, view) == "[]"


def test_delays_and_stamps_come_from_the_engines_clock(tmp_path):
    step = a_step(tmp_path, "say", "print(1)", task={"timeout": seconds(60)})
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        (event,) = engine.store.read_events(run_id=view.run.run_id, kinds=[EventKind.OUTPUT_WRITTEN])
        assert event.at == engine.clock.now()
    assert json.loads(json.dumps(dict(event.facts))) == event.facts
