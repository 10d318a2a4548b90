"""Ctrl-C: once lets running tasks finish, twice stops them; the run can be resumed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cli.shell import a_project, environment, penstock

SLOW = '''
import time
from pathlib import Path

from penstock import Context, Item, Pipeline, task


@task
def first(ctx: Context) -> int:
    """Take a while."""
    Path("began").touch()
    for _ in range(int(Path("people.txt").read_text())):
        time.sleep(0.01)
        ctx.check()
    return 1


@task(depends_on=[first])
def second(ctx: Context) -> int:
    """Be last."""
    return 2


pipeline = Pipeline("letters", tasks=[first, second])
'''


def interrupted(project: Path, press: Callable[[subprocess.Popen[str]], None]) -> tuple[int, str]:
    command = [sys.executable, "-m", "penstock", "run", "letters"]
    process = subprocess.Popen(command, cwd=project, env=environment(), stderr=subprocess.PIPE, text=True)
    while not (project / "began").exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
    press(process)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_the_first_lets_the_running_task_finish(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="50")

    code, said = interrupted(project, lambda process: process.send_signal(signal.SIGINT))

    assert code == 130
    assert "finishing the running tasks; press Ctrl-C again to stop them" in said
    assert "hint: penstock resume" in said
    statuses = [task["status"] for task in penstock(project, "status", "--json").json["tasks"]]
    assert statuses == ["completed", "cancelled"]
    resumed = penstock(project, "resume", "--json")
    assert [task["status"] for task in resumed.json["tasks"]] == ["completed", "completed"]
    assert [task["attempts"] for task in resumed.json["tasks"]] == [1, 1]


def test_a_request_to_terminate_is_heard_as_the_first(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="50")

    code, said = interrupted(project, lambda process: process.send_signal(signal.SIGTERM))

    assert code == 130
    assert "hint: penstock resume" in said
    statuses = [task["status"] for task in penstock(project, "status", "--json").json["tasks"]]
    assert statuses == ["completed", "cancelled"]


def test_the_second_stops_the_running_task(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="6000")

    def press_twice(process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while "press Ctrl-C again" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)

    code, said = interrupted(project, press_twice)

    assert code == 130
    assert "stopping the running tasks" in said
    statuses = [task["status"] for task in penstock(project, "status", "--json").json["tasks"]]
    assert statuses == ["cancelled", "cancelled"]


def test_a_second_run_of_the_same_partition_is_refused_while_one_is_alive(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="200")
    seen = []

    def start_another(process: subprocess.Popen[str]) -> None:
        seen.append(penstock(project, "run", "letters"))

    code, _ = interrupted(project, start_another)

    assert code == 0
    assert seen[0].exit_code == 6
    assert "has been running" in seen[0].err
    assert "penstock cancel" in seen[0].err


def test_another_terminal_can_cancel_and_follow(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="300")
    seen = []

    def cancel(process: subprocess.Popen[str]) -> None:
        seen.append(penstock(project, "cancel", "last", "--yes"))
        seen.append(penstock(project, "logs", "last", "--follow"))

    code, _ = interrupted(project, cancel)

    assert code == 130
    assert [one.exit_code for one in seen] == [0, 0]
    assert "cancel requested; running tasks finish first" in seen[0].out
    assert "run cancelled" in seen[1].out
