"""Bulk writes of the DuckDB warehouse beside DuckDB's own, in one sitting: the ratios count, not the times.

`python bench/warehouse_bulk.py [--rows N] [--rounds N] [--files FIRST SECOND] [--folder PATH]`

Without files it makes two of its own: the second has one row in a hundred amended and as many new ones at its end.
Every measurement runs in a process of its own on its own copy of the database, with the files in the page cache.
On a machine that does other work at the same time, the ratio of processor seconds says more than that of the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FIELDS = (
    *("cmte_id", "amndt_ind", "rpt_tp", "transaction_pgi", "image_num", "transaction_tp", "entity_tp", "name", "city"),
    *("state", "zip_code", "employer", "occupation", "transaction_dt", "transaction_amt", "other_id", "tran_id"),
    *("file_num", "memo_cd", "memo_text", "sub_id"),
)
TYPED = {"transaction_amt": "decimal(14, 2)", "file_num": "bigint", "sub_id": "bigint"}
ROUNDS = 3
ROWS = 1_000_000


def line(number: int, *, amended: bool) -> str:
    """Return one gift: the same for the same number, whatever the size of the file."""
    mixed = (number * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & (2**64 - 1)
    a, b, c = mixed >> 40, mixed >> 20 & 0xFFFFF, mixed & 0xFFFFF
    donor = a % 300_000
    given_name = "JOS\u00c9" if donor % 400 == 0 else "PAT"
    values = (
        f"C{400000 + b % 2000:08d}",
        "A" if amended else "N",
        ("M2", "M6", "Q1", "Q3", "YE")[c % 5],
        "P2024" if c & 1 else "G2024",
        f"2024{number * 7:014d}",
        "15E" if c % 8 == 0 else "15",
        "IND",
        f"DONOR{donor % 4001:04d}, {given_name} {donor % 26:02d}",
        f"TOWN{donor % 2999:04d}",
        ("CA", "NY", "TX", "FL", "WA", "OH")[donor % 6],
        f"{10000 + donor % 80000:05d}" + (f"{donor % 9999:04d}" if donor & 1 else ""),
        "" if donor % 5 == 0 else f"EMPLOYER {donor % 5003} LLC",
        "" if donor % 7 == 0 else f"OCCUPATION {donor % 307}",
        f"{c % 12 + 1:02d}{b % 28 + 1:02d}2024",
        str((b % 300) * 5 - 50 + amended),
        "C00401224" if c % 8 == 0 else "",
        f"SA11AI.{number}",
        str(1_700_000 + number // 4000),
        "X" if c % 97 == 0 else "",
        'FROM "FRIENDS" \\ PAC' if c % 11 == 0 else "",
        str(4020820241000000000 + number * 3),
    )
    return "|".join(values) + "\n"


def make_files(folder: Path, rows: int) -> tuple[Path, Path]:
    """Return the two files of this size, made unless they are there."""
    paths = folder / f"first-{rows}.txt", folder / f"second-{rows}.txt"
    if not all(path.exists() for path in paths):
        with paths[0].open("w", encoding="latin-1") as first, paths[1].open("w", encoding="latin-1") as second:
            for number in range(rows):
                first.write(line(number, amended=False))
                second.write(line(number, amended=number * 2654435761 % 100 == 0))
            second.writelines(line(number, amended=False) for number in range(rows, rows + rows // 100))
    return paths


# -- what DuckDB needs by itself ---------------------------------------------------------------------------------------


def _reader(path: Path, columns: dict[str, str], delimiter: str) -> str:
    kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return (
        f"read_csv('{path}', delim='{delimiter}', header=false, quote='', escape='', encoding='latin-1', "
        f"auto_detect=false, columns={{{kinds}}})"
    )


def _connect(database: Path) -> Any:
    import duckdb

    connection = duckdb.connect(str(database))
    connection.execute("set preserve_insertion_order = false")
    return connection


def _finish(connection: Any) -> None:
    connection.execute("checkpoint")
    connection.close()


def keyed_table(database: Path, first: Path, second: Path) -> str:
    """Load the first file into a table with a primary key."""
    columns = {name: TYPED.get(name, "varchar") for name in FIELDS}
    connection = _connect(database)
    connection.execute(f"create table t ({', '.join(f'{n} {k}' for n, k in columns.items())}, primary key (sub_id))")
    connection.execute(f"insert into t select * from {_reader(first, columns, '|')}")
    _finish(connection)
    return "floor"


def hashed_lines_base(database: Path, first: Path, second: Path) -> str:
    """Prepare the table and the line hashes the next floor starts from."""
    connection = _connect(database)
    lines = _reader(first, {"l": "varchar"}, "\x01")
    connection.execute(f"create table t as select * from {_reader(first, dict.fromkeys(FIELDS, 'varchar'), '|')}")
    connection.execute(f"create table lines as select right(l, 19)::bigint as sub_id, hash(l) as h from {lines}")
    _finish(connection)
    return "base"


def hashed_lines(database: Path, first: Path, second: Path) -> str:
    """Bring the table to the second file: hash whole lines, take only new ones apart; nothing counted or logged."""
    connection = _connect(database)
    lines = _reader(second, {"l": "varchar"}, "\x01")
    fields = ", ".join(f"nullif(p[{place}], '')" for place in range(1, len(FIELDS) + 1))
    hashed = f"select right(l, 19)::bigint as sub_id, hash(l) as h, l from {lines}"
    for statement in (
        "begin",
        f"create temp table new as select s.* from ({hashed}) s anti join lines t on t.sub_id = s.sub_id and t.h = s.h",
        "delete from t where sub_id::bigint in (select sub_id from new)",
        f"insert into t select {fields} from (select string_split(l, '|') as p from new)",
        "delete from lines where sub_id in (select sub_id from new)",
        "insert into lines select sub_id, h from new",
        "commit",
    ):
        connection.execute(statement)
    _finish(connection)
    return "floor"


# -- ours --------------------------------------------------------------------------------------------------------------


def _warehouse(database: Path) -> Any:
    from penstock.warehouse.connect import open_warehouse

    return open_warehouse(f"duckdb:///{database}")


def _gifts(warehouse: Any) -> Any:
    from penstock.warehouse import Column, Table

    columns = (Column("cycle"), *map(Column, FIELDS))
    table = Table("bronze.itcont", columns, key=("sub_id",), partition="cycle", lineage=True)
    return warehouse.table(table, "2024", load="bench")


def _load(database: Path, path: Path) -> str:
    from penstock.warehouse import DelimitedFile, DelimitedFiles

    warehouse = _warehouse(database)
    files = DelimitedFiles((DelimitedFile(path, path.name, "latin-1"),), tuple(FIELDS), constants={"cycle": "2024"})
    counts = _gifts(warehouse).upsert(files, complete=True).counts
    warehouse.close()
    return str({name: count for name, count in counts.items() if count})


def first_load(database: Path, first: Path, second: Path) -> str:
    """Load the first file into the empty table, with lineage."""
    return _load(database, first)


def next_load(database: Path, first: Path, second: Path) -> str:
    """Bring the table to the second file, complete: counts, vanished rows and change log included."""
    return _load(database, second)


def same_load(database: Path, first: Path, second: Path) -> str:
    """Load the first file again: nothing changes."""
    return _load(database, first)


def _refined(warehouse: Any) -> Any:
    from penstock.warehouse import Column, ColumnType, Table

    columns = (
        Column("sub_id", required=True),
        *map(Column, ("cmte_id", "name", "city", "state", "employer")),
        Column("amount", ColumnType.MONEY),
        Column("given_on", ColumnType.DATE),
        Column("is_marked", ColumnType.BOOLEAN),
    )
    return warehouse.table(Table("silver.gifts", columns, key=("sub_id",)), load="bench")


def _refine(database: Path, marked: int) -> str:
    from penstock.warehouse import Query

    class Refining(Query):
        sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

    warehouse = _warehouse(database)
    counts = _refined(warehouse).replace(Refining("", "", "", {"marked": marked})).counts
    warehouse.close()
    return str({name: count for name, count in counts.items() if count})


def query_first(database: Path, first: Path, second: Path) -> str:
    """Write a million rows of a query into an empty table."""
    return _refine(database, 0)


def query_same(database: Path, first: Path, second: Path) -> str:
    """Replace them by the same rows."""
    return _refine(database, 0)


def query_changed(database: Path, first: Path, second: Path) -> str:
    """Replace them by rows of which one in a hundred is different."""
    return _refine(database, 1)


Measurement = Callable[[Path, Path, Path], str]
# Each: the measurement, what its database is a copy of, its floor, and the goal for the ratio.
PLAN: tuple[tuple[Measurement, Measurement | None, Measurement | None, float | None], ...] = (
    (keyed_table, None, None, None),
    (first_load, None, keyed_table, 1.5),
    (hashed_lines, hashed_lines_base, None, None),
    (next_load, first_load, hashed_lines, 1.5),
    (same_load, first_load, hashed_lines, None),
    (query_first, first_load, None, None),
    (query_same, query_first, None, None),
    (query_changed, query_first, None, None),
)


def _measure(name: str, database: Path, first: Path, second: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--measure", name, "--folder", str(database)]
    ended = subprocess.run([*command, "--files", str(first), str(second)], check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer


def _run_one(name: str, database: Path, first: Path, second: Path) -> None:
    began = time.perf_counter()
    note = globals()[name](database, first, second)
    spent = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {"seconds": spent, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss // 1024, "note": note}
    print(json.dumps(facts))


def _fresh(database: Path, base: Path | None) -> Path:
    for old in database.parent.glob(database.name + "*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    if base is not None:
        shutil.copyfile(base, database)
        os.sync()
    return database


def _sitting(folder: Path, first: Path, second: Path, rounds: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    taken: dict[str, list[dict[str, Any]]] = {}
    bases: dict[str, Path] = {}
    for _ in range(rounds):
        for measurement, base, _, _ in PLAN:
            if base is not None and base.__name__ not in bases:
                kept = folder / f"{base.__name__}.base"
                source = next((b for m, b, _, _ in PLAN if m is base), None)
                _measure(base.__name__, _fresh(kept, bases[source.__name__] if source else None), first, second)
                bases[base.__name__] = kept
            database = _fresh(folder / "work.db", bases[base.__name__] if base else None)
            found = _measure(measurement.__name__, database, first, second)
            taken.setdefault(measurement.__name__, []).append(found)
    yield from taken.items()


def _print_table(taken: dict[str, list[dict[str, Any]]]) -> None:
    heads = f"{'seconds':>8} {'spread':>13} {'ratio':>6} {'goal':>5} {'cpu':>6} {'ratio':>6} {'MB':>6}"
    print(f"{'measurement':16} {heads}  rows")
    for measurement, _, floor, goal in PLAN:
        runs = taken[measurement.__name__]
        spread = f"{min(run['seconds'] for run in runs):.2f}-{max(run['seconds'] for run in runs):.2f}"
        beside = taken[floor.__name__] if floor else None
        print(
            f"{measurement.__name__:16} {_median(runs, 'seconds'):8.2f} {spread:>13}"
            f" {_ratio(runs, beside, 'seconds'):>6} {goal or '':>5}"
            f" {_median(runs, 'cpu'):6.1f} {_ratio(runs, beside, 'cpu'):>6}"
            f" {max(run['memory'] for run in runs):>6}  {runs[-1]['note']}"
        )


def _median(runs: list[dict[str, Any]], fact: str) -> float:
    return statistics.median(run[fact] for run in runs)


def _ratio(runs: list[dict[str, Any]], beside: list[dict[str, Any]] | None, fact: str) -> str:
    return f"{_median(runs, fact) / _median(beside, fact):.2f}" if beside else ""


def main() -> None:
    """Measure everything, or, when started by ourselves, one thing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--files", type=Path, nargs=2)
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "scratch")
    asked = parser.parse_args()
    if asked.measure:
        _run_one(asked.measure, asked.folder, *asked.files)
        return
    asked.folder.mkdir(parents=True, exist_ok=True)
    first, second = asked.files or make_files(asked.folder, asked.rows)
    _print_table(dict(_sitting(asked.folder, first, second, asked.rounds)))


if __name__ == "__main__":
    main()
