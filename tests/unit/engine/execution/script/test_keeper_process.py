"""The keeper kills what is listed, and nobody who merely has the same number."""

import os
import subprocess
import sys

import pytest

from penstock.engine.execution.script.keeper_process import RECORD, kill_listed, records, ticks

SLEEP = [sys.executable, "-I", "-S", "-c", "import sys, time; print(flush=True); time.sleep(600)"]

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc")  # noqa: PTH112


@pytest.fixture
def sleeper():
    started = []

    def start(**environment):
        earliest = ticks()
        process = subprocess.Popen(SLEEP, stdout=subprocess.PIPE, start_new_session=True, env=environment)
        process.stdout.readline()
        started.append(process)
        return process, earliest, ticks()

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def table(tmp_path):
    def write(*lines):
        path = tmp_path / "table"
        path.write_bytes(b"".join(line.encode().ljust(RECORD, b"\0") for line in lines))
        return os.open(path, os.O_RDONLY)

    return write


def test_a_listed_group_is_killed(sleeper, table):
    process, earliest, latest = sleeper()
    kill_listed(table("", f"mark {process.pid} {earliest} {latest}"), "MARK")
    assert process.wait(10) == -9


def test_a_group_that_began_at_another_time_is_left_alone(sleeper, table):
    process, earliest, latest = sleeper()
    before = f"before {process.pid} {earliest - 500} {earliest - 400}"
    after = f"after {process.pid} {latest + 400} {latest + 500}"
    marked, *_ = sleeper(MARK="third")
    kill_listed(table(before, after, "third"), "MARK")
    assert marked.wait(10) == -9
    assert process.poll() is None


def test_what_carries_a_mark_is_killed_and_what_carries_a_longer_one_is_not(sleeper, table):
    marked, *_ = sleeper(MARK="run/1")
    other, *_ = sleeper(MARK="run/12")
    kill_listed(table("run/1"), "MARK")
    assert marked.wait(10) == -9
    assert other.poll() is None


def test_an_emptied_record_stands_for_nothing(table):
    assert records(table("", "a 1 2 3", "", "b")) == [[b"a", b"1", b"2", b"3"], [b"b"]]
