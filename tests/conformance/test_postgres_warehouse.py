"""What only a warehouse on a server can meet: other writers, lost servers, wrong addresses, text it cannot hold."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock.errors import WarehouseError
from penstock.kit.jsonable import from_json
from penstock.warehouse import DelimitedFiles
from penstock.warehouse.connect import open_warehouse
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import GIFTS, LINES, NAMES, a_file, a_gift, a_query, changes, lines_of, stored
from tests.servers.postgres import PostgresServer

SCHEME = "postgresql"


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a new database."""
    made = postgres.new_database()
    yield made
    postgres.drop_database(made)


@pytest.fixture
def warehouse(url: str) -> Iterator[Warehouse]:
    """A new, empty warehouse."""
    opened = open_warehouse(url)
    yield opened
    opened.close()


@pytest.fixture
def other(url: str) -> Iterator[Warehouse]:
    """The same warehouse, opened as another process would."""
    opened = open_warehouse(url, patience=timedelta(minutes=1))
    yield opened
    opened.close()


def test_writers_of_other_tables_and_partitions_do_not_wait(warehouse: Warehouse, other: Warehouse) -> None:
    names, older = other.table(NAMES), other.table(GIFTS, "2022")
    done = []

    def meanwhile() -> None:
        done.append(names.upsert([{"id": "1"}]).inserted)
        done.append(older.upsert([a_gift()]).inserted)

    assert warehouse.table(GIFTS, "2024", guard=meanwhile).upsert([a_gift()]).inserted == 1
    assert done == [1, 1]


def test_a_second_writer_of_a_partition_waits_for_the_first(
    warehouse: Warehouse, other: Warehouse, postgres: PostgresServer, url: str
) -> None:
    second = other.table(GIFTS, "2024", load="R2")
    results = []
    writer = threading.Thread(target=lambda: results.append(second.upsert([a_gift("g1"), a_gift("g2")])))

    def meanwhile() -> None:
        writer.start()
        _wait_until_someone_waits(postgres, url)

    first = warehouse.table(GIFTS, "2024", load="R1", guard=meanwhile).upsert([a_gift("g1")])
    writer.join()
    assert first.inserted == 1
    assert [(result.inserted, result.unchanged) for result in results] == [(1, 1)]
    assert second.fingerprint().version == 2
    assert second.fingerprint().value == second.content_hash()


def test_whoever_waits_for_another_writer_can_be_interrupted(
    warehouse: Warehouse, other: Warehouse, postgres: PostgresServer, url: str
) -> None:
    second = other.table(GIFTS, "2024")
    said = []

    def write() -> None:
        with pytest.raises(WarehouseError) as caught:
            second.upsert([a_gift("g2")])
        said.append(str(caught.value))

    def meanwhile() -> None:
        writer = threading.Thread(target=write)
        writer.start()
        _wait_until_someone_waits(postgres, url)
        other.interrupt(writer.ident)
        writer.join()

    assert warehouse.table(GIFTS, "2024", guard=meanwhile).upsert([a_gift("g1")]).inserted == 1
    assert "was interrupted" in said[0]
    assert second.upsert([a_gift("g2")]).inserted == 1


def _wait_until_someone_waits(server: PostgresServer, url: str) -> None:
    database = url.rpartition("/")[2]
    waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
    deadline = time.monotonic() + 60
    while not server.execute(waiting, database):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


def test_threads_that_open_a_new_database_together_all_write(url: str) -> None:
    warehouses = [open_warehouse(url, patience=timedelta(minutes=1)) for _ in range(4)]
    inserted = []

    def write(number: int) -> None:
        inserted.append(warehouses[number].table(GIFTS, "2024").upsert([a_gift(str(number))]).inserted)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gifts = warehouses[0].table(GIFTS, "2024")
    assert inserted == [1] * 4
    assert gifts.fingerprint().version == 4
    assert gifts.fingerprint().value == gifts.content_hash()
    for warehouse in warehouses:
        warehouse.close()


def test_a_restarted_server_is_found_again(warehouse: Warehouse, postgres: PostgresServer) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("g1")], cursor=1)
    postgres.restart_hard()
    assert gifts.upsert([a_gift("g1"), a_gift("g2")], cursor=2).inserted == 1
    assert (gifts.cursor(), gifts.fingerprint().value) == (2, gifts.content_hash())


def test_a_server_that_dies_before_the_commit_leaves_the_old_rows(
    warehouse: Warehouse, postgres: PostgresServer, tmp_path: Path
) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")), cursor=1)
    before = lines.fingerprint()
    doomed = warehouse.table(LINES, "2024", guard=postgres.restart_hard)
    with pytest.raises(WarehouseError, match=r"cannot be reached|ended the connection"):
        doomed.upsert(lines_of(a_file(tmp_path, b"1|3|k1\n1|2|k2\n")), cursor=2)
    assert lines.fingerprint() == before
    assert (lines.cursor(), lines.content_hash()) == (1, before.value)
    assert lines.upsert(lines_of(a_file(tmp_path, b"1|3|k1\n1|2|k2\n")), cursor=2).changed == 1


def test_a_wrong_password_is_told_without_the_password(postgres: PostgresServer, url: str) -> None:
    postgres.execute("drop role if exists amy")
    postgres.execute("create role amy login password 'right'")
    wrong = open_warehouse(url.replace("postgres@", "amy:s3cret-wrong@"))
    with pytest.raises(WarehouseError, match="refused the user or the password") as caught:
        wrong.query("select 1")
    assert caught.value.hint == "check user and password in the URL"
    shown = f"{caught.value!r} {caught.value} {caught.value.__cause__} {wrong!r} {vars(wrong)}"
    assert "s3cret" not in shown
    with pytest.raises(WarehouseError, match="denies the user a permission"):
        open_warehouse(url.replace("postgres@", "amy:right@")).query("select 1")


def test_a_database_that_does_not_exist_is_named(url: str) -> None:
    with pytest.raises(WarehouseError, match=r"nowhere` does not exist") as caught:
        open_warehouse(url.rpartition("/")[0] + "/nowhere").query("select 1")
    assert "create the database" in str(caught.value.hint)


def test_a_database_of_another_encoding_is_refused(postgres: PostgresServer) -> None:
    narrow = postgres.new_database("ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(WarehouseError, match="has the encoding LATIN1") as caught:
        open_warehouse(narrow).query("select 1")
    assert "encoding 'UTF8'" in str(caught.value.hint)
    postgres.drop_database(narrow)


def test_a_key_too_long_for_an_index_is_refused(warehouse: Warehouse) -> None:
    names = warehouse.table(NAMES)
    key = "".join(chr(0x4E00 + place * 7 % 20_000) for place in range(3000))
    with pytest.raises(WarehouseError, match="cannot hold a row so long"):
        names.upsert([{"id": key}])
    assert names.fingerprint().version == 0


def test_whole_numbers_and_instants_are_told_apart_in_all_their_bits(warehouse: Warehouse) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift(memos=1, loaded_at="2000-01-01T00:00:00.000001Z")])
    assert gifts.upsert([a_gift(memos=2**32, loaded_at="2000-01-01T00:00:00.000001Z")]).changed == 1
    assert gifts.upsert([a_gift(memos=2**32, loaded_at="2000-01-01T01:11:34.967296Z")]).changed == 1


def test_a_server_that_is_not_there_is_told_with_what_to_check() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(WarehouseError, match="cannot be reached") as caught:
        open_warehouse(f"postgresql://postgres@127.0.0.1:{port}/x").query("select 1")
    assert "server runs" in str(caught.value.hint)


ODD = st.text(st.sampled_from('\0ab\ufdd0\ufdd1é"\\\t|'), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(ODD, ODD), min_size=1, max_size=5))
def test_text_that_postgresql_cannot_hold_comes_back_all_the_same(
    warehouse: Warehouse, texts: list[tuple[str, str]]
) -> None:
    names = warehouse.table(NAMES)
    names.replace([{"id": str(place), "name": before} for place, (before, _) in enumerate(texts)])
    names.replace([{"id": str(place), "name": after} for place, (_, after) in enumerate(texts)])
    assert stored(warehouse, SCHEME, NAMES, "name") == [(after,) for _, after in texts]
    version = names.fingerprint().version
    for change in changes(warehouse, SCHEME):
        if change["version"] == version and change["kind"] == "changed":
            place = int(from_json(change["key"])["id"])
            assert from_json(change["new"])["name"] == texts[place][1]
    for _, after in texts:
        found = warehouse.query('select count(*) as n from "gold"."names" where name = $name', {"name": after})
        assert found.rows[0][0] == [name for _, name in texts].count(after)


@pytest.mark.parametrize("delimiter", ["|", "\t", ",", "-", "||", "\x1f", "'", "\\", "x"])
@pytest.mark.parametrize("trailing", [False, True])
def test_lines_are_parted_alike_when_they_are_known_and_when_not(
    warehouse: Warehouse, tmp_path: Path, delimiter: str, trailing: bool
) -> None:
    rows = [("a\ufdd0", "tab\there", "k1"), ("nul \0", "c:\\d", "k2"), ("inner \r", "\\N", "k3"), ("", "1", "k4")]
    wanted = [(key, a.replace(delimiter, "_"), b.replace(delimiter, "_")) for a, b, key in rows]
    changed = [*wanted[:2], ("k3", "other\t\\", "2\0"), wanted[3]]

    def written(name: str, rows: list[tuple[str, str, str]]) -> DelimitedFiles:
        end = delimiter + "\r\n" if trailing else "\n"
        texts = [delimiter.join((a.replace(delimiter, "_"), b.replace(delimiter, "_"), key)) for key, a, b in rows]
        content = "".join(text + end for text in (*texts, "too few", texts[0])).encode()
        return lines_of(a_file(tmp_path, content, name), delimiter=delimiter, trailing_delimiter=trailing)

    lines = warehouse.table(LINES, "2024")
    for name, rows_given in (("1.txt", wanted), ("2.txt", changed), ("3.txt", changed)):
        result = lines.upsert(written(name, rows_given), complete=True)
        kept = [(key, a.replace(delimiter, "_") or None, b.replace(delimiter, "_")) for key, a, b in rows_given]
        assert stored(warehouse, SCHEME, LINES, "id", "a", "b") == kept
        assert (result.repeated, result.rejected, result.vanished) == (1, {"field count": 1}, 0)
        assert lines.fingerprint().value == lines.content_hash()
    assert (result.unchanged, result.is_change) == (4, False)


def test_more_wrong_lines_than_are_held_at_once_are_all_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    content = b"1|2|k1\n" + b"".join(b"wrong %d\n" % number for number in range(250_000))
    result = warehouse.table(LINES, "2024").upsert(lines_of(a_file(tmp_path, content)), complete=True)
    assert (result.inserted, result.rejected) == (1, {"field count": 250_000})
    last = "select max(line), count(distinct raw) from bronze.rejected_rows"
    assert warehouse.query(last).rows == [(250_001, 250_000)]


def test_parameters_stand_beside_everything_that_looks_like_one(warehouse: Warehouse) -> None:
    sql = "select '$x %s' || $x as a, 7 % $n::int as b, $$ $x $$ as c -- $y\n, $x as d"
    assert list(warehouse.query(sql, {"x": "é", "n": 4}).rows) == [("$x %sé", 3, " $x ", "é")]


@pytest.mark.parametrize(
    "sql",
    [
        "with gone as (delete from gold.names returning *) select * from gone",
        "explain analyze delete from gold.names",
        "select * into gold.copy from gold.names",
        "set transaction read write",
        "commit",
        "copy gold.names to program 'cat'",
        "do $$ begin delete from gold.names; end $$",
    ],
)
def test_a_query_that_writes_in_disguise_is_refused(warehouse: Warehouse, sql: str) -> None:
    names = warehouse.table(NAMES)
    names.upsert([{"id": "1"}])
    with pytest.raises(WarehouseError, match="read"):
        warehouse.query(sql)
    with pytest.raises(WarehouseError, match="read"):
        warehouse.query("select id from gold.names for update")
    with pytest.raises(WarehouseError):
        names.replace(a_query(sql))
    assert stored(warehouse, SCHEME, NAMES, "id") == [("1",)]


def test_the_functions_are_there_and_made_anew_when_they_change(warehouse: Warehouse, url: str) -> None:
    named = "select count(*) from pg_proc where pronamespace = '_penstock'::regnamespace"
    (made,) = warehouse.query(named).rows[0]
    assert made > 0
    spoilt = open_warehouse(url)
    with spoilt.engine.session() as session:  # type: ignore[attr-defined]
        for (name,) in session.run(
            "select oid::regprocedure::text from pg_proc where pronamespace = '_penstock'::regnamespace"
        ):
            session.run(f"drop function if exists {name} cascade")
        session.run("update _penstock.probe set value = 'older' where name = 'functions'")
    spoilt.close()
    again = open_warehouse(url)
    assert again.query(named).rows[0] == (made,)
    again.close()
