"""What every warehouse promises to threads and other processes, on every engine."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from penstock.errors import WarehouseError
from penstock.warehouse.connect import open_warehouse
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import (
    FILE_SCHEMES,
    GIFTS,
    LINES,
    NAMES,
    a_file,
    a_gift,
    lines_of,
    open_at,
    sql_name,
    stored,
    url_at,
)


def test_threads_write_one_after_the_other(warehouse: Warehouse) -> None:
    failures: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for page in range(5):
                warehouse.table(GIFTS, "2024").upsert([a_gift(f"{worker}-{page}")], cursor=page, scope=str(worker))
                warehouse.query("select 1")
        except BaseException as error:  # noqa: BLE001 - reported below
            failures.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gifts = warehouse.table(GIFTS, "2024")
    assert failures == []
    assert gifts.fingerprint().version == 20
    assert gifts.fingerprint().value == gifts.content_hash()
    assert [gifts.cursor(str(worker)) for worker in range(4)] == [4] * 4


def test_rows_may_be_made_by_reading_the_same_warehouse(warehouse: Warehouse, scheme: str) -> None:
    names = warehouse.table(NAMES)
    names.upsert([{"id": "1"}, {"id": "2"}])

    def renamed() -> Iterator[dict[str, object]]:
        for (name,) in stored(warehouse, scheme, NAMES, "id"):
            yield {"id": name, "name": f"n{name}"}

    assert names.upsert(renamed()).changed == 2


def test_an_interrupted_statement_fails_and_the_next_one_works(warehouse: Warehouse) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000000) select max(i) from n"
    stop = threading.Timer(0.3, warehouse.interrupt)
    stop.start()
    started = time.monotonic()
    with pytest.raises(WarehouseError, match="was interrupted"):
        warehouse.query(endless)
    assert time.monotonic() - started < 10
    assert list(warehouse.query("select 1").rows) == [(1,)]


@pytest.mark.parametrize("place", ["folder", "memory"])
def test_an_interrupt_of_one_thread_leaves_the_statements_of_others_alone(
    scheme: str, place: str, tmp_path: Path
) -> None:
    if place == "memory" and scheme not in FILE_SCHEMES:
        pytest.skip(f"{scheme} keeps nothing in memory")
    warehouse = open_at(scheme, tmp_path) if place == "folder" else open_warehouse(f"{scheme}://")
    slow = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) select max(i) from n"
    ends = {"endless": 100_000_000, "long": 20_000 if scheme == "duckdb" else 3_000_000}
    told: dict[str, object] = {}

    def read(name: str) -> None:
        try:
            told[name] = warehouse.query(slow.format(ends[name])).rows[0][0]
        except WarehouseError as error:
            told[name] = str(error)

    threads = {name: threading.Thread(target=read, args=(name,)) for name in ends}
    for thread in threads.values():
        thread.start()
    while threads["endless"].is_alive():
        warehouse.interrupt(threads["endless"].ident)
        time.sleep(0.05)
    for thread in threads.values():
        thread.join()
    warehouse.close()
    assert "was interrupted" in str(told["endless"])
    assert told["long"] == ends["long"]


def test_content_survives_closing(scheme: str, tmp_path: Path) -> None:
    first = open_at(scheme, tmp_path)
    first.table(GIFTS, "2024").upsert([a_gift()], cursor=5)
    first.close()
    second = open_at(scheme, tmp_path)
    gifts = second.table(GIFTS, "2024")
    assert (gifts.cursor(), gifts.fingerprint().version, gifts.fingerprint().value) == (5, 1, gifts.content_hash())
    second.close()


def test_a_warehouse_in_memory_keeps_its_content_until_it_is_closed(file_scheme: str) -> None:
    warehouse = open_warehouse(f"{file_scheme}://")
    warehouse.table(GIFTS, "2024").upsert([a_gift()])
    warehouse.release()
    assert warehouse.table(GIFTS, "2024").upsert([a_gift()]).unchanged == 1
    warehouse.close()


_OTHER_PROCESS = """
import sys
from pathlib import Path
from penstock.errors import ConflictError
from tests.conformance.warehouses import GIFTS, a_gift, open_at
warehouse = open_at(sys.argv[1], Path(sys.argv[2]))
try:
    print(warehouse.table(GIFTS, "2024").upsert([a_gift("other")]).inserted)
except ConflictError as error:
    print(error, "|", error.hint)
"""


def _write_from_another_process(scheme: str, folder: Path) -> str:
    command = [sys.executable, "-c", _OTHER_PROCESS, scheme, str(folder)]
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def test_a_released_warehouse_can_be_written_by_another_process(
    warehouse: Warehouse, scheme: str, tmp_path: Path
) -> None:
    gifts = warehouse.table(GIFTS, "2024")
    gifts.upsert([a_gift("own")])
    warehouse.release()
    assert _write_from_another_process(scheme, tmp_path) == "1"
    assert stored(warehouse, scheme, GIFTS, "id") == [("other",), ("own",)]
    assert gifts.content_hash() == gifts.fingerprint().value


def test_a_warehouse_in_use_is_a_conflict(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    said: list[str] = []

    def meanwhile() -> None:
        said.append(_write_from_another_process(scheme, tmp_path))

    warehouse.table(GIFTS, "2024", guard=meanwhile).upsert([a_gift()])
    assert "is in use by" in said[0]
    assert "wait until it ends" in said[0]


def test_a_changed_hash_function_is_noticed_and_made_good(scheme: str, tmp_path: Path) -> None:
    before = open_at(scheme, tmp_path)
    before.table(GIFTS, "2024").upsert([a_gift("g1"), a_gift("g2")])
    before.table(LINES, "2024").upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")))
    value = before.table(GIFTS, "2024").fingerprint()
    before.close()
    _spoil_hashes(scheme, url_at(scheme, tmp_path))

    after = open_at(scheme, tmp_path)
    gifts = after.table(GIFTS, "2024")
    assert gifts.fingerprint() == value
    assert gifts.content_hash() == value.value
    assert gifts.upsert([a_gift("g1"), a_gift("g2")]).unchanged == 2
    assert after.table(LINES, "2024").upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")), complete=True).unchanged == 1
    after.close()


def _spoil_hashes(scheme: str, url: str) -> None:
    driver = importlib.import_module({"duckdb": "duckdb", "sqlite": "sqlite3", "postgresql": "psycopg"}[scheme])
    connection = driver.connect(url.removeprefix(f"{scheme}:///"))
    for table in (GIFTS, LINES):
        connection.execute(f"update {sql_name(scheme, table.name)} set _hash = 1")
    connection.execute(f"update {sql_name(scheme, LINES.name)} set _line_hash = 2")
    connection.execute(f"update {sql_name(scheme, '_penstock.partitions')} set content_sum = '3'")
    connection.execute(f"update {sql_name(scheme, '_penstock.probe')} set value = 'other'")
    connection.commit()
    connection.close()


def test_a_file_that_is_no_database_is_refused(file_scheme: str, tmp_path: Path) -> None:
    (tmp_path / "warehouse.db").write_bytes(b"this is not a database" * 1000)
    with pytest.raises(WarehouseError, match=r"warehouse\.db` is") as caught:
        open_at(file_scheme, tmp_path).query("select 1")
    assert caught.value.hint is not None


def test_dates_before_the_epoch_are_kept(warehouse: Warehouse, scheme: str) -> None:
    warehouse.table(GIFTS, "2024").upsert([a_gift(given_on=date(1, 1, 1), loaded_at="1901-01-01T00:00:00Z")])
    assert stored(warehouse, scheme, GIFTS, "given_on", "loaded_at") == [
        (date(1, 1, 1), datetime(1901, 1, 1, tzinfo=UTC))
    ]


def test_a_damaged_file_is_refused(file_scheme: str, tmp_path: Path) -> None:
    whole = open_at(file_scheme, tmp_path)
    whole.table(GIFTS, "2024").upsert([a_gift(f"g{place}") for place in range(500)])
    whole.close()
    path = tmp_path / "warehouse.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(WarehouseError, match=r"warehouse\.db` is damaged"):
        open_at(file_scheme, tmp_path).table(GIFTS, "2024").content_hash()


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from penstock.errors import WarehouseError
from tests.conformance.warehouses import GIFTS, NAMES, a_gift, open_at
folder = Path(sys.argv[2])
warehouse = open_at(sys.argv[1], folder)
gifts = warehouse.table(GIFTS, "2024")
gifts.upsert([a_gift()], cursor=1)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
room = (folder / "warehouse.db").stat().st_size + 300_000
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
rows = [{"id": str(place), "name": str(place * 7919) * 50} for place in range(40_000)]
try:
    warehouse.table(NAMES).upsert(rows)
    print("stored")
except WarehouseError as error:
    print(error, "|", error.hint)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(gifts.content_hash() == gifts.fingerprint().value, warehouse.table(NAMES).upsert(rows).inserted)
"""


def test_a_full_disk_undoes_the_write_and_room_lets_it_through(file_scheme: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _FULL_DISK, file_scheme, str(tmp_path)]
    root = Path(__file__).parents[2]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
    assert "free" in said[0]
    assert said[1] == "True 40000"
