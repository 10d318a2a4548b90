"""SIGKILL at random moments: what was finished is not done again, nothing is lost, and no dead run looks alive."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from penstock.engine.planning.request import RunRequest
from penstock.errors import ConflictError

PIPELINE = """
    import os, time
    from penstock import Item, Pipeline, task

    def note(name):
        with open(os.environ["NOTES"], "a") as notes:
            notes.write(name + "\\n")

    def step(number):
        @task(name=f"step{number}", depends_on=[f"step{number - 1}"] if number else [])
        def body(ctx):
            time.sleep(0.004)
            note(f"step{number}")
            return number
        return body

    @task(depends_on=["step4"])
    def discover(ctx):
        return [Item(f"k{n}") for n in range(300)]

    @task(each=discover)
    def handle(ctx, item):
        time.sleep(0.001)
        note(item.key)
        return item.key

    @task(depends_on=[handle])
    def report(ctx):
        note("report")
        return ctx.result("handle")

    pipeline = Pipeline("crash", tasks=[*map(step, range(20)), discover, handle, report])
"""

RUN = """
    import sys
    from penstock import open_engine
    from penstock.engine.planning.request import RunRequest
    with open_engine() as engine:
        view = engine.run(RunRequest("crash"), executor=sys.argv[1], workers=2)
        sys.exit(view.exit_code)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "crash.py").write_text(textwrap.dedent(PIPELINE))
    return tmp_path


def start(project, executor):
    environment = {**os.environ, "PENSTOCK_HOME": str(project / "home"), "NOTES": str(project / "notes")}
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(RUN), executor], cwd=project, env=environment)


def an_engine_of(project):
    from penstock.bootstrap import open_engine
    from penstock.settings import load_settings

    return open_engine(load_settings({"PENSTOCK_HOME": str(project / "home")}, project).settings)


@pytest.mark.parametrize("executor", ["inline", "threads"])
def test_killed_again_and_again_nothing_is_lost_and_nothing_finished_is_repeated(project, executor):
    chance = random.Random(7)
    kills = 0
    for _ in range(12):
        process = start(project, executor)
        try:
            process.wait(chance.uniform(0.15, 0.6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            break
        with an_engine_of(project) as engine:
            assert all(view.status != "running" for view in engine.history()), "a dead run looks alive"
    assert start(project, executor).wait(60) == 0
    notes = (project / "notes").read_text().split()
    assert set(notes) == {*(f"step{n}" for n in range(20)), *(f"k{n}" for n in range(300)), "report"}
    assert notes.count("report") <= 2
    repeated = len(notes) - len(set(notes))
    in_flight = 30 if executor == "inline" else 60  # 10 ms of 1 ms items per worker, and the body that was cut off
    assert repeated <= kills * in_flight
    steps = [name for name in notes if name.startswith("step")]
    assert len(steps) - 20 <= kills * (1 if executor == "inline" else 2)


def test_a_killed_run_can_be_resumed_under_its_own_id(project):
    process = start(project, "inline")
    while not (project / "notes").exists() or "k" not in (project / "notes").read_text():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with an_engine_of(project) as engine:
        os.environ["NOTES"] = str(project / "notes")
        dead = engine.view("last")
        assert dead.status == "abandoned"
        assert {task.status.value for task in dead.tasks} == {"completed", "cancelled"}
        before = (project / "notes").read_text().split()
        resumed = engine.resume(dead.run.run_id)
        ledger = next(task for task in resumed.tasks if task.name == "handle").result
    after = (project / "notes").read_text().split()[len(before) :]
    assert resumed.status == "completed"
    assert resumed.run.run_id == dead.run.run_id
    assert not [name for name in after if name.startswith("step") and name in before[:-1]]
    assert ledger["discovered"] == ledger["completed"] == 300


def test_a_living_run_is_not_taken_over(project):
    process = start(project, "inline")
    try:
        while not (project / "notes").exists():
            time.sleep(0.01)
        with an_engine_of(project) as engine, pytest.raises(ConflictError):
            engine.run(RunRequest("crash"))
    finally:
        process.kill()
        process.wait()
