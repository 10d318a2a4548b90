"""A table of an SQLite file that others write: its state is that of its rows."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.observation import Observation
from penstock.warehouse.connect import foreign_table

ROWS = [(1, "a", 1.5), (2, None, 2.0), (2, None, 2.0)]


def filled(path: Path, rows: list[tuple[object, ...]], sql: str = "create table t (a, b, c)") -> Path:
    """A database of one table."""
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.executemany("insert into t values (?, ?, ?)", rows)
        connection.commit()
    return path


def seen(folder: Path, known: Observation | None = None, **params: object) -> Observation:
    return foreign_table("db/x.db", "t", folder).fingerprint(params, known)


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql)
        connection.commit()


def test_the_state_is_that_of_the_rows_whatever_their_order(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    first = seen(tmp_path)
    filled(path, ROWS[::-1])
    assert seen(tmp_path).value == first.value
    assert first.label.endswith("(3 rows)")
    assert foreign_table("db/x.db", "t", tmp_path).name == "sqlite:db/x.db#t"


@pytest.mark.parametrize(
    "sql",
    [
        "delete from t where rowid = 3",
        "update t set a = 9 where rowid = 1",
        "update t set a = '1' where rowid = 1",
        "update t set c = 2 where rowid = 2",
        "update t set b = '' where rowid = 2",
        "update t set b = x'61' where rowid = 1",
        "alter table t rename column a to d",
    ],
)
def test_any_other_row_value_or_column_is_another_state(tmp_path: Path, sql: str) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    before = seen(tmp_path)
    change(path, sql)
    assert seen(tmp_path, before).value != before.value


def test_a_change_that_is_only_in_the_log_is_seen(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    change(path, "pragma journal_mode = wal")
    before = seen(tmp_path)
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("pragma wal_autocheckpoint = 0")
        writer.execute("insert into t values (7, 7, 7)")
        writer.commit()
        assert path.with_name("x.db-wal").stat().st_size > 0
        after = seen(tmp_path, before)
    assert after.value != before.value
    assert after.label.endswith("(4 rows)")


def test_a_change_of_another_table_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    before = seen(tmp_path)
    change(path, "create table other (a)")
    after = seen(tmp_path, before)
    assert after.value == before.value
    assert after.validator != before.validator


def test_a_file_that_was_not_touched_is_not_read_again(tmp_path: Path) -> None:
    filled(tmp_path / "db/x.db", ROWS)
    validator = seen(tmp_path).validator
    told = Observation("told before", "told", validator)
    assert seen(tmp_path, told) == told


def test_the_file_is_never_written(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    before = path.read_bytes()
    seen(tmp_path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["x.db"]


def test_texts_that_are_no_utf_8_differ_from_each_other(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", [(1, "a", None)])
    values = set()
    for data in ("ff", "fe", "efbfbd"):
        change(path, f"update t set b = cast(x'{data}' as text)")
        values.add(seen(tmp_path).value)
    assert len(values) == 3


def test_a_path_and_a_table_may_name_parameters(tmp_path: Path) -> None:
    filled(tmp_path / "db/x.db", ROWS)
    named = foreign_table("db/{name}.db", "{table}", tmp_path)
    assert named.fingerprint({"name": "x", "table": "t"}, None) == seen(tmp_path)


def test_what_is_missing_or_no_database_is_told(tmp_path: Path) -> None:
    with pytest.raises(AbsentSourceError, match="there is no database"):
        seen(tmp_path)
    filled(tmp_path / "db/x.db", ROWS)
    with pytest.raises(AbsentSourceError, match="has no table `u`"):
        foreign_table("db/x.db", "u", tmp_path).fingerprint({}, None)
    (tmp_path / "db/x.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(SourceError, match="cannot read table `t`"):
        seen(tmp_path)


values = st.one_of(
    st.none(), st.integers(-9, 9), st.floats(allow_nan=False), st.text(max_size=4), st.binary(max_size=4)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(values, values, values), max_size=6), st.randoms())
def test_equal_rows_have_an_equal_state_in_any_order(tmp_path_factory, rows, chance) -> None:
    folder = tmp_path_factory.mktemp("rows")
    rows = [tuple(0.0 if value == 0 and isinstance(value, float) else value for value in row) for row in rows]
    filled(folder / "db/x.db", rows)
    first = seen(folder)
    chance.shuffle(rows)
    filled(folder / "db/x.db", rows)
    assert seen(folder).value == first.value
    filled(folder / "db/x.db", [*rows, ("one", "more", "row")])
    assert seen(folder).value != first.value


def test_looking_at_a_database_with_a_log_leaves_it_untouched_to_the_next_look(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    change(path, "pragma journal_mode = wal")
    first = seen(tmp_path)
    assert seen(tmp_path) == first
    assert seen(tmp_path, Observation("told before", "told", first.validator)).value == "told before"


def test_a_table_is_read_once_in_each_state_of_its_file_whoever_asks(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", [(1, "before", 1.5)])
    first = seen(tmp_path)
    stat = path.stat()
    # Behind the back of SQLite, so that nothing tells of it: whoever reads again sees it.
    with path.open("r+b") as file:
        data = file.read()
        file.seek(data.index(b"before"))
        file.write(b"behind")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert seen(tmp_path) == first
    change(path, "create table other (a)")
    assert seen(tmp_path).value != first.value


def test_tables_of_one_file_are_told_apart(tmp_path: Path) -> None:
    path = filled(tmp_path / "db/x.db", ROWS)
    change(path, "create table u as select * from t where a = 1")
    assert foreign_table("db/x.db", "u", tmp_path).fingerprint({}, None).label.endswith("(1 row)")
    assert seen(tmp_path).label.endswith("(3 rows)")
