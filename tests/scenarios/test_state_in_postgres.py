"""A run whose state lies in PostgreSQL: killed, looked at from another process's engine, resumed, and then fresh."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from penstock import open_engine
from penstock.engine.engine import Engine
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.connect import open_state_store
from penstock.engine.state.records import ItemStatus
from penstock.errors import ConflictError
from penstock.settings import Settings

PIPELINE = """
    import os, sys, time
    from pathlib import Path
    from penstock import Item, Pipeline, task

    FOLDER = Path(__file__).parent

    def note(name):
        with (FOLDER / "notes").open("a") as notes:
            notes.write(name + "\\n")

    @task
    def discover(ctx):
        note("discover")
        return [Item(f"k{number:03d}") for number in range(200)]

    @task(each=discover)
    def handle(ctx, item):
        note(item.key)
        if item.key == "k120" and not (FOLDER / "go").exists():
            print("halfway", flush=True)
            while True:
                time.sleep(60)
        return item.key

    @task(depends_on=[handle])
    def report(ctx):
        note("report")
        return ctx.result("handle")["completed"]

    pipeline = Pipeline("survivor", tasks=[discover, handle, report])
"""

RUN = """
    import sys
    from pathlib import Path
    from penstock import open_engine
    from penstock.engine.planning.request import RunRequest
    from penstock.settings import Settings
    home, url = Path(sys.argv[1]), sys.argv[2]
    with open_engine(Settings(home=home, pipelines_path=home / "pipelines", state_url=url)) as engine:
        sys.exit(engine.run(RunRequest("survivor"), executor="inline").exit_code)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with the pipeline in it."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "survivor.py").write_text(textwrap.dedent(PIPELINE), encoding="utf-8")
    return tmp_path


@pytest.fixture
def halted(home: Path, postgres_state_url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is in the middle of the run."""
    command = [sys.executable, "-c", textwrap.dedent(RUN), str(home), postgres_state_url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None
    assert process.stdout.readline() == "halfway\n"
    yield process
    process.kill()
    process.communicate()


def an_engine(home: Path, url: str) -> Engine:
    return open_engine(Settings(home=home, pipelines_path=home / "pipelines", state_url=url))


def finished_items(url: str, run_id: str) -> set[str]:
    with closing(open_state_store(url)) as store:
        return {record.key for record in store.list_items(run_id, status=ItemStatus.COMPLETED)[1]}


def notes(home: Path) -> list[str]:
    return (home / "pipelines" / "notes").read_text(encoding="utf-8").split()


def test_a_run_killed_halfway_is_resumed_under_its_own_id_and_repeats_nothing_that_was_finished(
    home, halted, postgres_state_url
):
    halted.send_signal(signal.SIGKILL)
    halted.wait()
    before = notes(home)
    (home / "pipelines" / "go").touch()
    with an_engine(home, postgres_state_url) as engine:
        dead = engine.view("last")
        assert dead.status == "abandoned"
        finished = finished_items(postgres_state_url, dead.run.run_id)
        resumed = engine.resume(dead.run.run_id)
        assert (resumed.status, resumed.run.run_id) == ("completed", dead.run.run_id)
        ledger = next(task for task in resumed.tasks if task.name == "handle").result
        assert ledger["discovered"] == ledger["completed"] == 200
        again = engine.run(RunRequest("survivor"), executor="inline")
        assert {task.name: task.status.value for task in again.tasks}["discover"] == "skipped"
    after = notes(home)[len(before) :]
    assert set(before) | set(after) == {"discover", "report", *(f"k{number:03d}" for number in range(200))}
    assert after.count("report") == 1
    # An item that was handled before the kill may be handled again only if its end was not recorded yet.
    assert finished.isdisjoint(after)
    assert "discover" not in after


def test_a_living_run_is_seen_and_not_taken_over_by_another_process(home, halted, postgres_state_url):
    with an_engine(home, postgres_state_url) as engine:
        assert engine.view("last").status == "running"
        with pytest.raises(ConflictError):
            engine.run(RunRequest("survivor"))
