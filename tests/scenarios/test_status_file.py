"""The status file of a pipeline: what other tools read there, whole at any moment, whatever happens to a run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from penstock import File, Task
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.engine import Engine
from penstock.engine.events import EventKind
from penstock.engine.planning.request import RunRequest
from penstock.errors import SourceError
from penstock.kit.clock import ManualClock, SystemClock
from tests.engines import a_pipeline, a_task, an_engine, run, seconds
from tests.scripts import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A status file that is not there yet."""
    return tmp_path / ".sample.status.json"


def told(path: Path) -> dict:
    text = path.read_text(encoding="utf-8")
    read = json.loads(text)
    assert text == json.dumps(read, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return read


def steps(path: Path, fact: str) -> dict:
    return {name: step[fact] for name, step in told(path)["steps"].items()}


def titled(task: Task, title: str) -> Task:
    return replace(task, title=title)


def fails_when(flags: set[str]):
    def body(ctx):
        if "broken" in flags:
            raise ValueError("no luck today")

    return body


def test_the_file_tells_how_each_step_stands_after_a_run(tmp_path, path):
    flags = {"broken"}
    tasks = [
        a_task("first", lambda ctx: 1),
        titled(a_task("second", fails_when(flags), depends_on=["first"]), "Zweiter Schritt"),
    ]
    with an_engine(tmp_path, a_pipeline(*tasks, a_task("last", depends_on=["second"]), status_file=path)) as engine:
        run_id = run(engine).run.run_id
        now = engine.clock.now().isoformat()
        assert told(path) == {
            "pipeline": "sample",
            "run_id": run_id,
            "status": "failed",
            "updated_at": now,
            "steps": {
                "first": a_step("first", "completed", run_id, completed=True, last_run=now),
                "Zweiter Schritt": a_step("second", "failed", run_id, last_run=now, error="no luck today"),
                "last": a_step("last", "upstream_failed", run_id),
            },
        }
        flags.clear()
        engine.clock.sleep(seconds(60))
        again = run(engine).run.run_id
        assert told(path)["status"] == "completed"
        assert steps(path, "completed") == {"first": True, "Zweiter Schritt": True, "last": True}
        assert steps(path, "status")["first"] == "skipped"
        assert steps(path, "last_run")["first"] == now
        assert set(steps(path, "run_id").values()) == {again}


def a_step(task, status, run_id, *, completed=False, last_run=None, error=None):
    return {
        "task": task,
        "status": status,
        "completed": completed,
        "tested": False,
        "last_run": last_run,
        "run_id": run_id,
        "error": error,
    }


def test_the_file_is_written_by_a_run_that_found_everything_fresh(tmp_path, path):
    with an_engine(tmp_path, a_pipeline(a_task("a", lambda ctx: 1), status_file=path)) as engine:
        run(engine)
        path.unlink()
        run(engine)
        assert steps(path, "completed") == {"a": True}


def test_marks_and_resets_are_told_at_once(tmp_path, path):
    with an_engine(tmp_path, a_pipeline(a_task("a", lambda ctx: 1), a_task("b"), status_file=path)) as engine:
        engine.set_mark("sample", "b", "tested", value=True)
        assert (told(path)["run_id"], told(path)["status"]) == (None, None)
        assert (steps(path, "tested"), steps(path, "status")) == (
            {"a": False, "b": True},
            {"a": "pending", "b": "pending"},
        )
        run(engine)
        assert (steps(path, "tested"), steps(path, "completed")) == ({"a": False, "b": True}, {"a": True, "b": True})
        engine.reset("sample", tasks=("a",))
        assert (steps(path, "completed"), steps(path, "status")) == (
            {"a": False, "b": True},
            {"a": "pending", "b": "completed"},
        )


def test_steps_that_no_longer_exist_vanish_from_the_file(tmp_path, path):
    with an_engine(tmp_path, a_pipeline(a_task("a"), a_task("old"), status_file=path)) as engine:
        run(engine)
    with an_engine(tmp_path, a_pipeline(a_task("a"), a_task("new"), status_file=path)) as engine:
        run(engine)
        assert set(told(path)["steps"]) == {"a", "new"}


def test_two_steps_of_one_title_are_told_apart_by_name(tmp_path, path):
    with an_engine(
        tmp_path, a_pipeline(titled(a_task("a"), "Load"), titled(a_task("b"), "Load"), status_file=path)
    ) as engine:
        run(engine)
        assert {name: step["task"] for name, step in told(path)["steps"].items()} == {"Load": "a", "b": "b"}


def test_a_task_sees_those_before_it_completed(tmp_path, path):
    seen: list[dict] = []
    look = a_task("look", lambda ctx: seen.append(steps(path, "status")), depends_on=["a"])
    clock = ManualClock()
    first = a_task("a", lambda ctx: clock.sleep(seconds(1)))
    with an_engine(tmp_path, a_pipeline(first, look, status_file=path), clock=clock) as engine:
        run(engine)
    assert seen == [{"a": "completed", "look": "running"}]


def test_a_step_that_runs_for_long_is_told_as_running(tmp_path, path):
    def wait_until_told(ctx):
        while steps(path, "status") != {"a": "running"}:
            time.sleep(0.01)

    waiting = a_task("a", wait_until_told, timeout="30s")
    with an_engine(tmp_path, a_pipeline(waiting, status_file=path), clock=SystemClock()) as engine:
        assert run(engine).exit_code == 0


def test_a_file_that_cannot_be_written_costs_one_message_and_not_the_run(tmp_path):
    (tmp_path / "taken").write_text("a file, where a folder is needed")
    out_of_reach = tmp_path / "taken" / ".sample.status.json"
    tasks = [a_task("a"), a_task("b")]
    with an_engine(tmp_path, a_pipeline(*tasks, status_file=out_of_reach), clock=SystemClock()) as engine:
        view = run(engine)
        assert view.exit_code == 0
        events = engine.survey.events(view.run.run_id, kinds=[EventKind.MESSAGE_LOGGED])
        assert len(events) == 1
        assert f"status file `{out_of_reach}` cannot be written" in events[0].facts["message"]
        engine.set_mark("sample", "a", "tested", value=True)
        assert engine.survey.is_tested("sample", "a")


def test_words_that_are_no_text_are_told_all_the_same(tmp_path, path):
    def body(ctx):
        raise ValueError("ends with \udc80")

    with an_engine(tmp_path, a_pipeline(a_task("a", body), status_file=path)) as engine:
        run(engine)
    assert json.loads(path.read_text(encoding="utf-8"))["steps"]["a"]["error"] == "ends with \udc80"


def test_a_pipeline_without_a_status_file_writes_none(tmp_path):
    with an_engine(tmp_path / "home", a_pipeline(a_task("a"))) as engine:
        run(engine)
        engine.set_mark("sample", "a", "tested", value=True)
    assert not list(tmp_path.rglob("*.status.json*"))


# Processes --------------------------------------------------------------------------------------------------


PIPELINE = """
    import os, time
    from pathlib import Path
    from penstock import Pipeline, task

    def step(number):
        @task(name=f"step{number}")
        def body(ctx):
            if number == 2 and os.environ.get("WAIT"):
                print("waiting", flush=True)
                time.sleep(60)
        return body

    pipeline = Pipeline("steps", tasks=map(step, range(4)), status_file=Path(__file__).with_name(".steps.status.json"))
"""
RUN = """
    import sys
    from penstock import open_engine
    from penstock.engine.planning.request import RunRequest
    with open_engine() as engine:
        for number in range(int(sys.argv[1])):
            engine.run(RunRequest("steps", force=True))
"""
MARK = """
    import sys
    from penstock import open_engine
    with open_engine() as engine:
        for number in range(int(sys.argv[1])):
            engine.set_mark("steps", "step1", "tested", number % 2 == 0)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with one pipeline that keeps a status file."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "steps.py").write_text(textwrap.dedent(PIPELINE))
    return tmp_path


def started(project: Path, program: str, count: int, **environment: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PENSTOCK_HOME": str(project / "home"), **environment}
    command = [sys.executable, "-c", textwrap.dedent(program), str(count)]
    return subprocess.Popen(command, cwd=project, env=env, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def test_processes_that_write_at_once_never_leave_a_torn_file(project):
    path = project / "pipelines" / ".steps.status.json"
    processes = [started(project, RUN, 25), started(project, MARK, 120), started(project, MARK, 120)]
    looks = 0
    while any(process.poll() is None for process in processes):
        if path.exists():
            assert set(steps(path, "task").values()) == {f"step{number}" for number in range(4)}
            looks += 1
    assert [ended(process) for process in processes] == [0, 0, 0]
    assert looks > 20
    assert steps(path, "completed") == {f"step{number}": True for number in range(4)}
    assert [left.name for left in path.parent.iterdir() if left.name.endswith(".tmp")] == []


def an_engine_of(project: Path, **declared: Any) -> Engine:
    path = project / "pipelines" / ".steps.status.json"
    pipeline = Pipeline("steps", tasks=[a_task(f"step{number}", **declared) for number in range(4)], status_file=path)
    return an_engine(project / "home", pipeline, clock=SystemClock())


def kill_a_run(project: Path) -> Path:
    """Kill a run in its third step, and return the status file that says it is running."""
    process = started(project, RUN, 1, WAIT="1")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    ended(process)
    path = project / "pipelines" / ".steps.status.json"
    assert told(path)["status"] == "running"
    return path


def tells_of_the_dead(path: Path) -> bool:
    ended_at_once = dict.fromkeys(("step2", "step3"), "cancelled")
    return (
        told(path)["status"] == "abandoned"
        and steps(path, "status") == dict.fromkeys(("step0", "step1"), "completed") | ended_at_once
    )


@pytest.mark.parametrize("look", ["resume", "run"])
def test_a_killed_run_is_told_truly_by_the_run_that_follows(project, look):
    path = kill_a_run(project)
    with an_engine_of(project) as engine:
        view = engine.resume("last") if look == "resume" else engine.run(RunRequest("steps"))
        assert told(path)["run_id"] == view.run.run_id
        assert told(path)["status"] == "completed"
        assert set(steps(path, "completed").values()) == {True}


@pytest.mark.parametrize("look", ["mark", "cancel", "run that cannot start"])
def test_a_killed_run_is_told_truly_by_whatever_looks_after_it(project, look):
    path = kill_a_run(project)
    missing = {"inputs": [File("missing.csv")]} if look == "run that cannot start" else {}
    with an_engine_of(project, **missing) as engine:
        if look == "mark":
            engine.set_mark("steps", "step0", "tested", value=True)
        elif look == "cancel":
            engine.cancel("last")
        else:
            with pytest.raises(SourceError):
                engine.run(RunRequest("steps"))
    assert tells_of_the_dead(path)


def penstock_command(project: Path, *arguments: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PENSTOCK_HOME": str(project / "home")}
    command = [sys.executable, "-m", "penstock", *arguments]
    return subprocess.Popen(command, cwd=project, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_run_is_told_truly_when_a_scheduler_starts(project):
    path = kill_a_run(project)
    assert ended(penstock_command(project, "scheduler", "--once")) == 0
    assert tells_of_the_dead(path)
    with an_engine_of(project) as engine:
        assert engine.view("last").status == "abandoned"


@pytest.mark.parametrize("dies", ["before", "meanwhile"])
def test_a_killed_run_is_told_truly_by_an_open_console(project, dies):
    path = kill_a_run(project) if dies == "before" else None
    console = penstock_command(project, "serve", "--port", "0")
    try:
        assert console.stderr is not None
        assert "/pipelines" in console.stderr.readline()
        path = path or kill_a_run(project)
        until(lambda: tells_of_the_dead(path))
        written_at = told(path)["updated_at"]
    finally:
        console.terminate()
        ended(console)
    assert told(path)["updated_at"] == written_at


def test_a_pipeline_that_is_gone_holds_no_other_up(project):
    path = kill_a_run(project)
    before = path.read_text()
    (project / "pipelines" / "steps.py").unlink()
    assert ended(penstock_command(project, "scheduler", "--once")) == 0
    assert path.read_text() == before


KILLED_WHILE_WRITING = """
    import os, pathlib, signal
    from penstock import open_engine
    pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    with open_engine() as engine:
        engine.set_mark("steps", "step1", "tested", True)
"""


def test_what_a_process_left_that_died_while_it_wrote_the_file_is_removed(project):
    folder = project / "pipelines"
    assert ended(started(project, KILLED_WHILE_WRITING, 0)) == -signal.SIGKILL
    (folder / ".steps.status.json.kept.tmp").touch()
    assert len([left for left in folder.iterdir() if left.suffix == ".tmp"]) == 2
    with an_engine_of(project) as engine:
        engine.set_mark("steps", "step0", "tested", value=True)
    assert [left.name for left in folder.iterdir() if left.suffix == ".tmp"] == [".steps.status.json.kept.tmp"]
    assert steps(folder / ".steps.status.json", "tested")["step0"]


def test_workers_of_one_process_keep_one_file_whole(tmp_path, path):
    tasks = [a_task(f"t{number:02d}", lambda ctx: time.sleep(0.002)) for number in range(40)]
    over, torn = threading.Event(), []

    def watch():
        while not over.is_set():
            if path.exists():
                try:
                    told(path)
                except ValueError as error:
                    torn.append(error)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with an_engine(tmp_path, a_pipeline(*tasks, status_file=path), clock=SystemClock()) as engine:
        view = run(engine, executor="threads", workers=6)
    over.set()
    watcher.join()
    assert (view.exit_code, torn) == (0, [])
    assert set(steps(path, "completed").values()) == {True}
