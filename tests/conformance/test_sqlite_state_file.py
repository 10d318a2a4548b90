"""What becomes of files that are older, newer, damaged, foreign, out of reach or on a full disk."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from penstock.engine.state.backends.sqlite.migrate import KNOWN_VERSION
from penstock.engine.state.backends.sqlite.store import SqliteStateStore
from penstock.engine.state.records import ItemStatus
from penstock.errors import NewerStateError, StateError
from penstock.kit.sqlfile import load_statements
from tests.factories import (
    T0,
    TTL,
    a_completion,
    a_failure,
    a_fan_out,
    a_run,
    a_task,
    an_end,
    an_event,
    an_item_end,
    claim_one,
)

ROOT = Path(__file__).parents[2]


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
