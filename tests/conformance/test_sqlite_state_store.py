"""What the SQLite state store promises beyond the contract: of processes, kills, threads and addresses."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from penstock.engine.events import EventKind
from penstock.engine.state.backends.sqlite.runs import SQL
from penstock.engine.state.backends.sqlite.store import SqliteStateStore
from penstock.engine.state.connect import open_state_store
from penstock.engine.state.records import Claim, Item, ItemCounts, RunSignal, RunStatus, TaskStatus
from penstock.errors import StateError, UsageError
from tests.factories import (
    T0,
    TTL,
    a_completion,
    a_fan_out,
    a_fresh_task,
    a_run,
    a_task,
    an_end,
    an_event,
    at,
    claim_one,
)

ROOT = Path(__file__).parents[2]


def started(path: Path, verb: str, owner: str = "ann") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.conformance.state_store_worker", verb, f"sqlite:///{path}", owner]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def told_by_four(path: Path, verb: str) -> list[list[str]]:
    processes = [started(path, verb, f"owner{number}") for number in range(4)]
    told = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    return told


def done_by(told: list[list[str]]) -> list[str]:
    return sorted(line.removeprefix("done ") for lines in told for line in lines if line.startswith("done"))


# Processes --------------------------------------------------------------------------------------------------


def test_four_processes_do_every_task_once_and_one_of_them_closes_the_run(path):
    middle = [f"t{number:03d}" for number in range(150)]
    with closing(SqliteStateStore(path)) as store:
        tasks = [a_task("root"), *(a_task(name, "root") for name in middle), a_task("sink", *middle)]
        store.create_run(a_run("R1", *tasks), "ann", TTL)
        told = told_by_four(path, "work_on_tasks")
        assert done_by(told) == sorted(["root", *middle, "sink"])
        assert [line for lines in told for line in lines if line.startswith("closed")] == ["closed completed"]
        assert store.find_run("R1").status is RunStatus.COMPLETED
        assert all(task.attempt == 1 for task in store.list_task_runs("R1"))
        events = store.read_events(run_id="R1")
        assert [event.seq for event in events] == list(range(1, 2 * 152 + 2))
        started_in_order = [event.task for event in events if event.kind is EventKind.TASK_STARTED]
        assert sorted(started_in_order) == sorted(task.task for task in tasks)
        assert (started_in_order[0], started_in_order[-1]) == ("root", "sink")
        assert [event.kind for event in events if event.task is None] == [events[-1].kind] == ["run_finished"]


def test_four_processes_that_open_a_new_file_at_once_share_it(path):
    told = told_by_four(path, "take_names")
    assert done_by(told) == sorted(str(number) for number in range(200))


@pytest.mark.parametrize("confirmed", [1, 40])
def test_a_kill_loses_no_verb_that_returned_and_leaves_none_half_done(path, confirmed):
    process = started(path, "append_for_ever")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(confirmed)]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    last = int(lines[-1].removeprefix("done ")) if lines[-1].endswith("\n") else int(lines[-2].removeprefix("done "))
    with closing(SqliteStateStore(path)) as store:
        found = [(event.facts["n"], event.facts["part"]) for event in store.read_events(limit=10**6)]
        assert len(found) >= 3 * last
        assert found == [(number, part) for number in range(1, len(found) // 3 + 1) for part in (1, 2, 3)]
        store.append_events([an_event()])


def test_a_kill_in_the_middle_of_a_ledger_loses_no_item_and_repeats_none_that_was_done(path):
    with closing(SqliteStateStore(path)) as store:
        a_fan_out(store, 2000)
        reopen(store)
        process = started(path, "work_on_items")
        assert process.stdout is not None
        before = [process.stdout.readline() for _ in range(100)]
        process.kill()
        before += [line for line in process.stdout.readlines() if line.endswith("\n")]
        process.wait()
        process.stdout.close()
        counts = store.list_items("R1")[0]["each"]
        assert counts.discovered == 2000
        assert counts.completed >= len(before) >= 100
        assert counts.running <= 5
        reopen(store)
        after, _ = started(path, "work_on_items").communicate(timeout=60)
        assert len(after.splitlines()) == 2000 - counts.completed
        assert set(after.splitlines()).isdisjoint(line.strip() for line in before)
        assert store.list_items("R1")[0] == {"each": ItemCounts(completed=2000)}


def reopen(store: SqliteStateStore) -> None:
    store.signal_run("R1", RunSignal.ABANDON, T0, "ann", TTL)
    store.signal_run("R1", RunSignal.RESUME, T0, "ann", TTL)


def test_a_closed_store_says_so(path):
    store = SqliteStateStore(path)
    store.close()
    store.close()
    with pytest.raises(StateError, match="closed"):
        store.read_events()


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
def test_threads_that_ended_leave_no_connection_behind(path):
    with closing(SqliteStateStore(path)) as store:
        for _ in range(40):
            thread = threading.Thread(target=store.append_events, args=([an_event()],))
            thread.start()
            thread.join()
        assert len(store.read_events()) == 40
        open_files = [link for link in Path("/proc/self/fd").iterdir() if path.name in os.path.realpath(link)]
        assert len(open_files) < 12


def test_a_writer_that_fails_leaves_nothing_and_the_store_usable(path):
    with closing(SqliteStateStore(path)) as store:
        with pytest.raises(TypeError):
            store.create_run(a_run("R1", a_task("a"), a_task("b", reason={"no": object()})), "ann", TTL)
        assert store.list_runs() == []
        store.create_run(a_run("R1"), "ann", TTL)


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("run_finished", lambda store: store.create_run(a_run("R2", a_fresh_task()), "ann", TTL)),
        ("run_finished", lambda store: store.signal_run("R1", RunSignal.ABANDON, T0, "ann", TTL)),
        ("run_finished", lambda store: store.finish_task_run(HELD, an_end(TaskStatus.FAILED))),
        ("task_started", lambda store: store.claim_task_runs("R1", "bob", T0, TTL)),
        ("task_started", lambda store: store.finish_task_run(HELD, an_end(completion=a_completion("a")), next_ttl=TTL)),
    ],
)
def test_what_a_verb_does_and_what_it_notes_are_one_transaction(path, kind, verb):
    with closing(SqliteStateStore(path)) as store:
        store.create_run(a_run("R1", a_task("a"), a_task("b")), "ann", TTL)
        assert claim_one(store) == HELD
        before = everything_in(store)
        with closing(sqlite3.connect(path)) as raw, raw:
            refusal = f"SELECT raise(ABORT, 'no {kind} here')"
            raw.execute(f"CREATE TRIGGER t BEFORE INSERT ON events WHEN new.kind = '{kind}' BEGIN {refusal}; END")
        with pytest.raises(StateError, match=f"no {kind} here"):
            verb(store)
        assert everything_in(store) == before


HELD = Claim("R1", "a", "run", {"kind": "never_ran"}, attempt=1, token=1, owner="ann", lease_until=at(60))


def everything_in(store: SqliteStateStore) -> tuple[object, ...]:
    runs = store.list_runs()
    tasks = [store.list_task_runs(run.run_id) for run in runs]
    return runs, tasks, store.read_events(), dict(store.load_completions("sample", ""))


def test_task_runs_listed_by_name_are_found_by_an_index(path):
    SqliteStateStore(path).close()
    with closing(sqlite3.connect(path)) as raw:
        for statement in ("list_task_runs_named", "list_attempts_named", "list_edges_named"):
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {SQL[statement]}", {"run": 1, "tasks": "[]"})]
            assert any("task_runs_by_name (run=? AND task=?)" in step for step in plan), plan
            assert not any("SCAN" in step and "json_each" not in step for step in plan), plan


def test_a_verb_called_from_within_another_one_is_refused_and_not_waited_for(path):
    with closing(SqliteStateStore(path)) as store:
        claim = a_fan_out(store, 1)

        def nested():
            yield Item("good")
            store.append_events([an_event()])

        with pytest.raises(StateError, match="within another"):
            store.add_items(claim, nested(), "b1", None, T0)
        assert store.list_items("R1")[0] == {"each": ItemCounts(pending=1)}


# URLs -------------------------------------------------------------------------------------------------------


def test_a_url_opens_the_store_it_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_state_store("sqlite:///some/folder/state.sqlite").close()
    open_state_store(f"sqlite:///{tmp_path}/absolute/state.sqlite").close()
    assert (tmp_path / "some/folder/state.sqlite").is_file()
    assert (tmp_path / "absolute/state.sqlite").is_file()
    assert open_state_store("memory://").list_runs() == []


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("sqlit:///x", "did you mean `sqlite`?"),
        ("redis://x", "sqlite:///"),
        ("state.sqlite", "sqlite:///"),
        ("sqlite://x", "three"),
    ],
)
def test_a_url_that_names_no_store_is_refused_with_a_suggestion(url, hint):
    with pytest.raises(UsageError) as caught:
        open_state_store(url)
    assert hint in caught.value.hint
