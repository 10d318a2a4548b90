"""What the SQLite state store promises beyond the contract: of processes, kills, and files that are not right."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from penstock.engine.events import EventKind
from penstock.engine.state.backends.sqlite.migrate import KNOWN_VERSION
from penstock.engine.state.backends.sqlite.runs import SQL
from penstock.engine.state.backends.sqlite.store import SqliteStateStore
from penstock.engine.state.connect import open_state_store
from penstock.engine.state.records import Claim, Item, ItemCounts, ItemStatus, RunSignal, RunStatus, TaskStatus
from penstock.errors import NewerStateError, StateError, UsageError
from penstock.kit.sqlfile import load_statements
from tests.factories import (
    T0,
    TTL,
    a_completion,
    a_failure,
    a_fan_out,
    a_fresh_task,
    a_run,
    a_task,
    an_end,
    an_event,
    an_item_end,
    at,
    claim_one,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "state.sqlite"


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


# Files ------------------------------------------------------------------------------------------------------


def test_everything_is_there_after_reopening(path):
    with closing(SqliteStateStore(path)) as store:
        store.create_run(a_run("R1", a_task("a"), a_task("b", "a")), "ann", TTL, [an_event()])
        store.finish_task_run(claim_one(store), an_end(completion=a_completion("a")))
        written = (
            store.list_runs(),
            store.list_task_runs("R1"),
            store.read_events(),
            store.load_completions("sample", ""),
        )
    with closing(SqliteStateStore(path, durability="power")) as store:
        read = (
            store.list_runs(),
            store.list_task_runs("R1"),
            store.read_events(),
            store.load_completions("sample", ""),
        )
        assert read == written
        assert claim_one(store).task == "b"


def test_a_file_of_a_newer_version_is_refused_by_name(path):
    SqliteStateStore(path).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE schema_version SET version = 7")
    with pytest.raises(NewerStateError) as caught:
        SqliteStateStore(path)
    assert all(word in caught.value.message for word in (str(path), "version 7", f"version {KNOWN_VERSION}"))
    assert caught.value.hint


def test_a_file_of_the_first_version_is_brought_up_to_date_and_keeps_its_runs(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as raw, raw:
        for statement in load_statements(
            "penstock.engine.state.backends.sqlite", "migrations/0001_initial.sql"
        ).values():
            raw.execute(statement)
        raw.execute("CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT")
        raw.execute("INSERT INTO schema_version VALUES (1)")
        raw.execute(
            "INSERT INTO runs (run_id, pipeline, partition, params, cause, status, continue_on_failure, created_at,"
            " alive_until, owner, first_event) VALUES ('R1', 'p', '', '{}', 'test', 'failed', 0, 0, 0, 'ann', 1)"
        )
    with closing(SqliteStateStore(path)) as store:
        assert [(run.run_id, run.deployment) for run in store.list_runs()] == [("R1", "")]
        assert store.list_deployments() == []
        assert store.list_budgets() == []


def test_failures_of_a_file_of_the_second_version_are_found_by_their_class(path):
    with closing(SqliteStateStore(path)) as store:
        claim = a_fan_out(store, 2)
        (item,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
        store.finish_items(claim, [an_item_end(item, ItemStatus.FAILED, failure=a_failure())], T0)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DROP INDEX items_failed")
        raw.execute("ALTER TABLE items DROP COLUMN error")
        raw.execute("UPDATE items SET failure = json_remove(failure, '$.line') WHERE failure IS NOT NULL")
        raw.execute("UPDATE schema_version SET version = 2")
    with closing(SqliteStateStore(path)) as store:
        assert dict(store.count_item_errors("R1", "each")) == {a_failure().error: 1}
        (found,) = store.list_items("R1", error=a_failure().error)[1]
        assert found.failure == a_failure()


def test_a_file_of_another_program_is_left_alone(path):
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(StateError, match="another program") as caught:
        SqliteStateStore(path)
    assert caught.value.hint
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_schema").fetchall() == [("bookmarks",)]


def test_a_file_that_is_not_sqlite_is_refused_with_a_hint(path):
    path.write_bytes(b"these are notes, not a database\n" * 200)
    with pytest.raises(StateError, match="not a SQLite file") as caught:
        SqliteStateStore(path)
    assert caught.value.hint
    assert path.read_bytes().startswith(b"these are notes")


def test_a_damaged_file_is_refused_with_a_hint(path):
    with closing(SqliteStateStore(path)) as store:
        store.create_run(a_run("R1", *(a_task(f"t{number}") for number in range(500))), "ann", TTL)
    content = bytearray(path.read_bytes())
    content[2048:] = b"\x5a" * (len(content) - 2048)
    path.write_bytes(content)
    with pytest.raises(StateError, match="damaged") as caught, closing(SqliteStateStore(path)) as store:
        store.list_task_runs("R1")
    assert caught.value.hint


@pytest.mark.parametrize("place", ["file/state.sqlite", "folder"])
def test_a_place_that_cannot_hold_a_file_is_refused_with_a_hint(tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateError) as caught:
        SqliteStateStore(tmp_path / place)
    assert caught.value.hint


@contextmanager
def as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only_home() -> Iterator[Path]:
    """A folder with a state store that this user may read and not write, outside of pytest's closed folders."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        SqliteStateStore(home / "state.sqlite").close()
        (home / "state.sqlite").chmod(0o444)
        home.chmod(0o555)
        yield home
        home.chmod(0o755)


def test_a_read_only_home_is_refused_with_a_hint(read_only_home):
    for name in ("state.sqlite", "new.sqlite", "new/state.sqlite"):
        with (
            as_nobody(),
            pytest.raises(StateError) as caught,
            closing(SqliteStateStore(read_only_home / name)) as store,
        ):
            store.append_events([an_event()])
        assert caught.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file size are a thing of POSIX")
def test_a_full_disk_is_told_as_such_and_loses_nothing(path):
    script = f"""
import resource, signal
from penstock.engine.state.connect import open_state_store
from penstock.errors import StateError
from tests.factories import an_event
store = open_state_store("sqlite:///{path}")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
written = 0
try:
    while True:
        store.append_events([an_event(facts={{"text": "x" * 5000}})])
        written += 1
except StateError as error:
    print(written, bool(error.hint), error.message)
"""
    told = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert told.returncode == 0, told.stderr
    written, has_hint, message = told.stdout.split(maxsplit=2)
    assert (has_hint, "disk" in message) == ("True", True)
    with closing(SqliteStateStore(path)) as store:
        assert len(store.read_events()) == int(written) > 10


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
