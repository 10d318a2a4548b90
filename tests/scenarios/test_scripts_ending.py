"""However a script ends, or has to end: nothing of it goes on."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from penstock import Task
from penstock.engine.execution.script.keeper import keeper
from penstock.kit.clock import SystemClock
from tests.engines import a_pipeline, an_engine, by_name, run, seconds, statuses
from tests.scripts import a_script, a_step, failure_of, is_alive, noting, output_of, pid_in, until

#: A script with a child in its group, one that left the group, and one that hears nobody.
FAMILY = noting("""
    def child(name, *, leaves=False, deaf=False):
        pid = os.fork()
        if pid:
            return
        if leaves:
            os.setsid()
        if deaf:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note(name)
        time.sleep(600)
        os._exit(0)


    child("near")
    child("far", leaves=True)
    DEAF
    note("script")
    time.sleep(600)
    """)
PIDS = ("script", "near", "far")


def a_family(project, *, deaf=False, **task):
    text = FAMILY.replace("DEAF", 'child("deaf", deaf=True)' if deaf else "")
    return a_step(project, "family", text, task=task)


def pids_of(project, *names):
    return [pid_in(project / f"{name}.pid") for name in names or PIDS]


def in_background(function):
    views = []
    thread = threading.Thread(target=lambda: views.append(function()), daemon=True)
    thread.start()
    return thread, views


@pytest.mark.parametrize("executor", ["inline", "threads", "processes"])
def test_a_script_that_passes_its_time_limit_is_ended_with_all_it_started(tmp_path, executor):
    pipeline = a_pipeline(a_family(tmp_path, timeout=seconds(2)))
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine, executor=executor)
        (task_run,) = engine.store.list_task_runs(view.run.run_id)
    failure = failure_of(view, "family")
    assert (failure.error, failure.message) == (
        "TimeLimitError",
        "`steps/family.py` passed its time limit of 2.00s; it was ended",
    )
    assert [attempt.outcome for attempt in task_run.attempts] == ["timed_out"]
    assert not [pid for pid in pids_of(tmp_path) if is_alive(pid)]


def test_a_time_limit_is_followed_by_another_attempt(tmp_path):
    text = """
    import os, time
    time.sleep(600 if os.environ["PENSTOCK_ATTEMPT"] == "1" else 0)
    """
    step = a_step(tmp_path, "slow", text, task={"timeout": seconds(1), "retries": 1})
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
    assert (view.status, by_name(view)["slow"].attempts) == ("completed", 2)


def test_a_script_told_to_end_may_put_its_things_in_order(tmp_path):
    step = a_step(
        tmp_path,
        "tidy",
        noting("""
        def tidy(*_):
            print("tidied up")
            sys.exit(0)
        signal.signal(signal.SIGTERM, tidy)
        time.sleep(600)
        """),
        task={"timeout": seconds(1)},
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view) == "tidied up"
    assert failure_of(view, "tidy").error == "TimeLimitError"


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_a_cancel_from_elsewhere_ends_everything_even_what_hears_nobody(tmp_path, executor):
    pipeline = a_pipeline(
        a_family(tmp_path, deaf=True), a_step(tmp_path, "after", "", task={"depends_on": ("family",)})
    )
    with (
        an_engine(tmp_path / "home", pipeline, clock=SystemClock()) as engine,
        an_engine(tmp_path / "home", pipeline, clock=SystemClock()) as other,
    ):
        thread, views = in_background(lambda: run(engine, executor=executor, workers=2))
        pids = pids_of(tmp_path, *PIDS, "deaf")
        assert all(map(is_alive, pids))
        other.cancel("last", now=True)
        thread.join(30)
        assert statuses(views[0]) == {"family": "cancelled", "after": "cancelled"}
        assert not [pid for pid in pids if is_alive(pid)]


def test_a_first_stop_lets_the_script_finish_and_a_second_ends_it(tmp_path):
    step = a_step(
        tmp_path,
        "wait",
        noting("""
        note("script")
        while not os.path.exists("go"):
            time.sleep(0.01)
        """),
    )
    pipeline = a_pipeline(step, a_step(tmp_path, "after", "", task={"depends_on": ("wait",)}))
    with an_engine(tmp_path / "home", pipeline) as engine:
        thread, views = in_background(lambda: run(engine))
        pid_in(tmp_path / "script.pid")
        engine.request_stop()
        (tmp_path / "go").touch()
        thread.join(30)
        assert statuses(views[0]) == {"wait": "completed", "after": "cancelled"}
        (tmp_path / "go").unlink()
        (tmp_path / "script.pid").unlink()
        thread, views = in_background(lambda: run(engine, force=True))
        pid = pid_in(tmp_path / "script.pid")
        engine.request_stop()
        engine.request_stop()
        thread.join(30)
        assert statuses(views[0]) == {"wait": "cancelled", "after": "cancelled"}
        assert not is_alive(pid)


def test_what_a_script_leaves_behind_in_its_group_ends_with_it(tmp_path):
    step = a_step(
        tmp_path,
        "parent",
        noting("""
        for name in ("heir", "deaf"):
            if os.fork() == 0:
                if name == "deaf":
                    signal.signal(signal.SIGTERM, signal.SIG_IGN)
                note(name)
                time.sleep(600)
        while not (os.path.exists("heir.pid") and os.path.exists("deaf.pid")):
            time.sleep(0.01)
        print("done")
        """),
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view) == "done"
    assert view.status == "completed"
    assert not [pid for pid in pids_of(tmp_path, "heir", "deaf") if is_alive(pid)]


def test_what_left_the_group_outlives_a_script_that_ends_by_itself(tmp_path):
    step = a_step(
        tmp_path,
        "launcher",
        noting("""
        if os.fork() == 0:
            os.setsid()
            note("daemon")
            time.sleep(600)
        while not os.path.exists("daemon.pid"):
            time.sleep(0.01)
        """),
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
    pid = pid_in(tmp_path / "daemon.pid")
    try:
        assert (view.status, is_alive(pid)) == ("completed", True)
    finally:
        os.kill(pid, signal.SIGKILL)


def test_a_pipe_held_open_elsewhere_does_not_hold_the_step(tmp_path):
    step = a_step(
        tmp_path,
        "daemon",
        noting("""
        if os.fork() == 0:
            os.setsid()
            note("daemon")
            while True:
                print("still here")
                time.sleep(0.01)
        while not os.path.exists("daemon.pid"):
            time.sleep(0.01)
        """),
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
    pid = pid_in(tmp_path / "daemon.pid")
    assert view.status == "completed"
    until(lambda: not is_alive(pid))  # nobody reads what it prints


def test_what_is_still_written_when_the_script_ended_is_kept(tmp_path):
    step = a_step(tmp_path, "tee", "#!/bin/sh\n(sleep 0.1; echo behind) &\necho before\n", ending=".sh")
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view) == "before\nbehind"


RUNNER = """
    import sys
    from pathlib import Path
    from penstock import Pipeline, Task, open_engine
    from penstock.engine.definition.script import Script
    from penstock.engine.planning.request import RunRequest
    from penstock.settings import Settings
    project = Path(sys.argv[1])
    step = Script(project / "steps" / "family.py", project / "steps", project)
    with open_engine(Settings(home=project / "home"), pipelines=[Pipeline("p", tasks=[Task("t", step)])]) as engine:
        engine.run(RunRequest("p"), executor=sys.argv[2])
"""


@pytest.mark.parametrize("executor", ["inline", "threads", "processes"])
def test_scripts_die_with_a_runner_that_was_killed(tmp_path, executor):
    a_family(tmp_path, deaf=True)
    runner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(RUNNER), str(tmp_path), executor])
    try:
        pids = pids_of(tmp_path, *PIDS, "deaf")
        assert all(map(is_alive, pids))
    finally:
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    until(lambda: not [pid for pid in pids if is_alive(pid)])


def keepers_of(pid: int) -> set[int]:
    children = [child for told in Path(f"/proc/{pid}/task").glob("*/children") for child in told.read_text().split()]
    words = {int(child): Path(f"/proc/{child}/cmdline") for child in children}
    return {child for child, argv in words.items() if argv.exists() and b"keeper_process.py" in argv.read_bytes()}


def test_scripts_die_with_their_runner_though_their_first_keeper_died_before(tmp_path):
    a_family(tmp_path, deaf=True)
    runner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(RUNNER), str(tmp_path), "inline"])
    try:
        pids = pids_of(tmp_path, *PIDS, "deaf")
        (first,) = keepers_of(runner.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: keepers_of(runner.pid) - {first})
        assert all(map(is_alive, pids))
    finally:
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    until(lambda: not [pid for pid in pids if is_alive(pid)])


def test_a_script_whose_task_was_taken_over_is_killed_at_once(tmp_path):
    pipeline = a_pipeline(a_family(tmp_path, deaf=True))
    with an_engine(tmp_path / "home", pipeline, clock=SystemClock(), lease=seconds(60)) as engine:
        thread, _ = in_background(lambda: run(engine, executor="threads", workers=1))
        pids = pids_of(tmp_path, *PIDS, "deaf")
        (run_now,) = engine.store.list_runs()
        engine.store.extend_leases(run_now.owner, engine.clock.now(), seconds(0))
        assert engine.store.claim_task_runs(run_now.run_id, "another", engine.clock.now(), seconds(60))
        until(lambda: not [pid for pid in pids if is_alive(pid)])
        engine.cancel("last", now=True)
        thread.join(30)


def test_many_scripts_run_at_once_under_one_keeper(tmp_path):
    script = a_script(tmp_path, "short.py", "import os; print(os.environ['PENSTOCK_TASK'])")
    pipeline = a_pipeline(*(Task(f"t{n}", script) for n in range(12)))
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine, executor="threads", workers=4)
        assert [output_of(engine, view, f"t{n}") for n in range(12)] == [f"t{n}" for n in range(12)]
    assert keeper() is keeper()


def test_a_keeper_that_is_gone_is_replaced(tmp_path):
    def keepers():
        children = Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
        words = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        return [pid for pid, argv in words.items() if b"keeper_process.py" in argv]

    with an_engine(tmp_path / "home", a_pipeline(a_step(tmp_path, "one", ""))) as engine:
        run(engine)
        (first,) = keepers()
        os.kill(first, signal.SIGKILL)
        until(lambda: not is_alive(first))
        assert run(engine, force=True).status == "completed"
        (second,) = keepers()
    assert second != first
