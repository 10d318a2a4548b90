"""Schedulers as processes: joined by others, killed at any moment, told to end; every tick becomes exactly one run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from penstock.bootstrap import open_engine
from penstock.engine.engine import Engine
from penstock.engine.state.records import RunStatus
from penstock.engine.state.schedules import FiringStatus
from penstock.engine.triggers.launch import InProcess
from penstock.engine.triggers.scheduler import Scheduler
from penstock.kit.clock import ManualClock
from penstock.settings import Settings
from tests.cli.shell import a_project, environment, penstock
from tests.scenarios.scheduler_process import deploy, open_world

ROOT = Path(__file__).resolve().parents[2]
#: An hour passes in this many seconds.
HOUR = 0.5
SPEED = 3600 / HOUR


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty state store that several processes may share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    return str(request.getfixturevalue("postgres_state_url"))


def a_scheduler(folder: Path, url: str, began: float, hours: float) -> subprocess.Popen[bytes]:
    arguments = [str(folder), url, repr(began), repr(SPEED), repr(hours)]
    command = [sys.executable, "-m", "tests.scenarios.scheduler_process", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})


@contextmanager
def a_world(folder: Path, url: str) -> Iterator[tuple[Engine, float]]:
    """The engine the schedulers share, with both deployments recorded just now, and when its clock began."""
    open_world(folder, url, 0, SPEED).close()  # to make the store, which takes hours of the fast clock
    began = time.time()
    with open_world(folder, url, began, SPEED) as engine:
        deploy(engine)
        yield engine, began


def finish(engine: Engine) -> None:
    """Start, here, whatever is due by now; what was claimed by the dead becomes due when their claim has run out."""
    scheduler, until = Scheduler(engine, InProcess(engine)), engine.clock.now()
    for _ in range(2000):
        happened = scheduler.tick(until=until)
        open_firings = [
            *engine.store.list_firings(status=FiringStatus.PENDING),
            *engine.store.list_firings(status=FiringStatus.RUNNING),
        ]
        if not open_firings and not happened:
            return
        time.sleep(0.01)
    raise AssertionError(f"these never ended: {open_firings}")


def assert_every_tick_became_one_run(folder: Path, engine: Engine, at_least: int) -> None:
    firings = engine.store.list_firings(limit=100_000)
    hourly = sorted(firing.key for firing in firings if "hourly" in firing.deployment)
    gold = [firing for firing in firings if "gold" in firing.deployment]
    runs = {one.run.run_id: one.run for one in engine.history(limit=100_000)}
    assert len(hourly) >= at_least
    first = engine.store.list_deployments()[0].deployed_at.replace(minute=0, second=0, microsecond=0)
    expected = [first + timedelta(hours=number) for number in range(1, len(hourly) + 1)]
    assert hourly == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in expected]
    assert {firing.status for firing in firings} == {FiringStatus.COMPLETED}
    assert sorted(runs) == sorted(firing.run_id for firing in firings)
    assert {run.status for run in runs.values()} == {RunStatus.COMPLETED}
    assert sorted(firing.key for firing in gold) == sorted(
        firing.run_id for firing in firings if "hourly" in firing.deployment
    )
    ran = Counter((folder / "ran.txt").read_text().splitlines())
    assert {line.partition(" ")[2] for line in ran if line.startswith("load")} == {
        run.run_id for run in runs.values() if run.deployment == "hourly"
    }


@pytest.mark.timeout(120)
def test_two_schedulers_at_once_start_nothing_twice(url: str, tmp_path: Path) -> None:
    with a_world(tmp_path, url) as (engine, began):
        processes = [a_scheduler(tmp_path, url, began, 12) for _ in range(2)]
        assert [process.wait(60) for process in processes] == [0, 0]
        finish(engine)
        assert_every_tick_became_one_run(tmp_path, engine, at_least=10)
        ran = (tmp_path / "ran.txt").read_text().splitlines()
        assert len(ran) == len(set(ran))


@pytest.mark.timeout(120)
def test_schedulers_killed_at_any_moment_lose_no_tick_and_double_none(url: str, tmp_path: Path) -> None:
    chance = random.Random(20261101)
    with a_world(tmp_path, url) as (engine, began):
        for _ in range(8):
            process = a_scheduler(tmp_path, url, began, 1000)
            time.sleep(0.5 + chance.random())
            process.kill()
            process.wait(30)
        finish(engine)
        assert_every_tick_became_one_run(tmp_path, engine, at_least=10)


# The command ----------------------------------------------------------------------------------------------------------

SLOW = '''
import os
import time
from pathlib import Path

from penstock import After, Context, Cron, Deployment, Param, Pipeline, task


@task
def first(ctx: Context) -> None:
    """Take a while."""
    Path("began").write_text(str(os.getpid()))
    time.sleep(float(Path("people.txt").read_text()))


@task(depends_on=[first])
def second(ctx: Context) -> None:
    """Be last."""


pipeline = Pipeline(
    "letters",
    tasks=[first, second],
    params=[Param("day")],
    deployments=[
        Deployment("daily", Cron("daily 01:00 UTC"), params={"day": "{tick:%Y-%m-%d}"}),
        Deployment("after", After("daily"), tasks=("second",)),
    ],
)
'''


@contextmanager
def a_running_scheduler(project: Path) -> Iterator[subprocess.Popen[str]]:
    """A scheduler whose child is in the middle of the first task of a backfilled tick."""
    penstock(project, "deploy", "letters", "--daily")
    penstock(project, "backfill", "daily", "--from", "2026-01-01", "--to", "2026-01-01")
    command = [sys.executable, "-m", "penstock", "scheduler", "--poll", "200ms"]
    process = subprocess.Popen(
        command, cwd=project, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    while not (project / "began").exists() or not (project / "began").read_text():
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.01)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_scheduler_told_to_end_leaves_no_child_and_the_next_goes_on_with_the_run(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="1")
    with a_running_scheduler(project) as process:
        child = int((project / "began").read_text())

        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)

        assert process.returncode == 0
        assert "stopped with the scheduler; goes on with the next one" in said
        assert not is_alive(child)
        (stopped,) = penstock(project, "history", "--json").json["runs"]
        assert stopped["status"] == "cancelled"
        again = penstock(project, "scheduler", "--once")
        assert again.exit_code == 0
        assert "resumed" in again.out
        (ended,) = penstock(project, "history", "--json").json["runs"]
        assert (ended["run_id"], ended["status"]) == (stopped["run_id"], "completed")
        assert [task["attempts"] for task in penstock(project, "status", "--json").json["tasks"]] == [1, 1]


def test_the_children_of_a_killed_scheduler_finish_and_are_not_started_again(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="1")
    with a_running_scheduler(project) as process:
        process.kill()
        child = int((project / "began").read_text())
    deadline = time.monotonic() + 60
    while is_alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (run,) = penstock(project, "history", "--json").json["runs"]
    assert run["status"] == "completed"
    later = ManualClock(datetime.now(UTC) + timedelta(minutes=1))
    settings = Settings(home=project / ".penstock", pipelines_path=project / "pipelines")
    with open_engine(settings, clock=later) as engine:
        happened = Scheduler(engine, InProcess(engine)).tick()
        assert [(one.what, one.run_id) for one in happened] == [("completed", run["run_id"])]
        assert len(engine.history()) == 1


def test_a_run_that_was_cancelled_by_a_person_is_not_gone_on_with(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="3")
    with a_running_scheduler(project) as process:
        cancelled = penstock(project, "cancel", "last", "--yes")
        assert cancelled.exit_code == 0, cancelled
        while (run := penstock(project, "history", "--json").json["runs"][0])["status"] == "running":
            assert process.poll() is None
        run_id = run["run_id"]
        assert run["status"] == "cancelled"
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert f"run {run_id} cancelled" in said
        assert penstock(project, "scheduler", "--once").out == ""


def test_once_works_off_what_is_due_and_what_follows_from_it_oldest_first(tmp_path: Path) -> None:
    project = a_project(tmp_path / "project", SLOW, people="0")
    penstock(project, "deploy", "letters", "--all")
    penstock(project, "backfill", "daily", "--from", "2026-01-01", "--to", "2026-01-03")
    done = penstock(project, "scheduler", "--once")
    assert done.exit_code == 0, done
    runs = penstock(project, "history", "--json").json["runs"]
    days = [run["params"]["day"] for run in reversed(runs) if run["params"]["day"]]
    assert days == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert len(runs) == 6
    assert penstock(project, "scheduler", "--once").out == ""
