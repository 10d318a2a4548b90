"""`penstock serve` as a process: it opens, ends, and dies without taking a run along."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

PATIENCE = 60.0
PIPELINE = '''
"""Waits until somebody says go."""

import time
from pathlib import Path

from penstock import Pipeline, task


@task
def wait(ctx):
    """Wait."""
    Path("waiting").touch()
    while not Path("go").exists():
        time.sleep(0.05)
    return "gone"


pipeline = Pipeline("patient", tasks=[wait])
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "patient.py").write_text(PIPELINE, encoding="utf-8")
    (tmp_path / "penstock.toml").write_text("[penstock]\n", encoding="utf-8")
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    return {**kept, "NO_COLOR": "1", **more}


@contextmanager
def serving(project: Path, *flags: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of the project, and its address."""
    command = [sys.executable, "-m", "penstock", "serve", "--port", "0", *flags]
    process = subprocess.Popen(command, cwd=project, env=environment(**more), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        yield process, process.stderr.readline().strip().removesuffix("/pipelines")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def refused(project: Path, *flags: str, **more: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "penstock", "serve", *flags],
        cwd=project,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return done.returncode, done.stderr


def ask(address: str, told: Any = None, **headers: str) -> httpx2.Response:
    verb = "GET" if told is None else "POST"
    return httpx2.request(verb, address, json=told, headers=headers, timeout=PATIENCE)


def until(reached: Callable[[], Any]) -> Any:
    """Return what is reached at last."""
    deadline = time.monotonic() + PATIENCE
    while not (found := reached()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def status_of(address: str, run_id: str) -> str:
    return str(ask(f"{address}/api/runs/{run_id}").json().get("status", "starting"))


def start(address: str, project: Path) -> str:
    """Start the run that waits, and return its id when it does."""
    run_id = ask(f"{address}/api/runs", {"pipeline": "patient"}).json()["run_id"]
    until((project / "waiting").exists)
    return str(run_id)


def children_of(process: subprocess.Popen[str]) -> list[str]:
    """The processes it started and has not let go of, dead ones among them."""
    listed = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [pid for children in listed for pid in children.read_text().split()]


@pytest.mark.slow
def test_a_run_that_ended_leaves_no_dead_process_though_nobody_looks(project: Path) -> None:
    with serving(project) as (process, address):
        start(address, project)
        assert children_of(process)
        (project / "go").touch()
        until(lambda: not children_of(process))


@pytest.mark.slow
def test_a_run_outlives_the_server_that_started_it(project: Path) -> None:
    with serving(project) as (process, address):
        run_id = start(address, project)
        assert ask(f"{address}/api/running").json()["runs"][0]["run_id"] == run_id
        process.send_signal(signal.SIGKILL)
        process.wait()
    with serving(project) as (_, address):
        assert status_of(address, run_id) == "running"
        (project / "go").touch()
        assert until(lambda: status_of(address, run_id) == "completed")
        assert run_id in ask(f"{address}/pipelines/patient").text


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_wish_to_end_is_heard_at_once_and_ends_no_run(project: Path, number: signal.Signals) -> None:
    with serving(project) as (process, address):
        run_id = start(address, project)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    with serving(project) as (_, address):
        assert status_of(address, run_id) == "running"
        (project / "go").touch()
        assert until(lambda: status_of(address, run_id) == "completed")


@pytest.mark.slow
def test_a_run_that_was_started_here_is_cancelled_from_another_server(project: Path) -> None:
    with serving(project) as (_, first), serving(project) as (_, second):
        run_id = start(first, project)
        assert ask(f"{second}/api/pipelines/patient/cancel", {"now": True}).json() == {"run_ids": [run_id]}
        assert until(lambda: status_of(second, run_id) == "cancelled")


def test_a_port_that_is_taken_is_told_with_the_next_step(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(project, "--port", str(port))
    assert code == 2
    assert f"port {port} of `127.0.0.1` is taken" in said
    assert "--port 0" in said


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--host", "0.0.0.0"], "needs a token"),
        (["--host", "no.such.host.invalid", "--token-file", "token"], "there is no address"),
        (["--token-file", "nowhere"], "cannot read the token in `nowhere`"),
        (["--token-file", "short"], "shorter than 16 characters"),
        (["--read-token-file", "token"], "needs one for operators too"),
    ],
)
def test_what_would_not_be_safe_is_refused_before_anything_is_opened(
    project: Path, flags: list[str], told: str
) -> None:
    (project / "token").write_text("a-token-of-good-length\n", encoding="utf-8")
    (project / "short").write_text("short\n", encoding="utf-8")
    code, said = refused(project, *flags)
    assert code == 2
    assert told in said


SPY = '''
"""Looks for tokens."""

import os

from penstock import Pipeline, task


@task
def look(ctx):
    return sorted(name for name in os.environ if "TOKEN" in name)


pipeline = Pipeline("spy", tasks=[look])
'''


@pytest.mark.slow
def test_a_token_opens_the_server_and_reaches_no_run(project: Path) -> None:
    (project / "pipelines" / "spy.py").write_text(SPY, encoding="utf-8")
    token = "a-token-of-good-length"
    bearer = {"Authorization": f"Bearer {token}"}
    with serving(project, PENSTOCK_TOKEN=token) as (_, address):
        assert ask(f"{address}/api/pipelines").status_code == 401
        run = f"{address}/api/runs/" + ask(f"{address}/api/runs", {"pipeline": "spy"}, **bearer).json()["run_id"]
        until(lambda: ask(run, **bearer).json().get("status") == "completed")
        assert "PENSTOCK_TOKEN" not in ask(run, **bearer).json()["tasks"][0]["result"]


COUNTING = '''
"""Counts in a table."""

from penstock import Pipeline, task
from penstock.warehouse.table import Column, ColumnType, Table

COUNTS = Table("gold.counts", columns=(Column("number", ColumnType.INTEGER),), key=("number",))


@task(outputs=[COUNTS])
def count(ctx):
    return ctx.table("gold.counts").replace([{"number": 1}]).counts


pipeline = Pipeline("counting", tasks=[count], datasets=[COUNTS])
'''


@pytest.mark.slow
def test_a_page_that_looks_into_the_warehouse_keeps_nobody_from_writing_to_it(project: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed")
    (project / "pipelines" / "counting.py").write_text(COUNTING, encoding="utf-8")
    with serving(project) as (_, address):
        for _ in range(2):
            assert ask(f"{address}/api/pipelines/counting/plan").status_code == 200
            run_id = ask(f"{address}/api/runs", {"pipeline": "counting", "force": True}).json()["run_id"]
            assert until(lambda run_id=run_id: status_of(address, run_id) == "completed")
        assert ask(f"{address}/pipelines/counting/plan?force=1").status_code == 200
        told = subprocess.run(
            [sys.executable, "-m", "penstock", "run", "counting", "--force"],
            cwd=project,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
