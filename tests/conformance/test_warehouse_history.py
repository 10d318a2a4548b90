"""Any history of writes ends in the same content, counts and log as its last rows written afresh."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from penstock.kit.jsonable import from_json
from penstock.warehouse.warehouse import StoredTable, Warehouse
from tests.conformance.warehouses import LINES, a_file, changes, lines_of, open_at, stored

Row = tuple[str, str | None, str | None]
Step = tuple[str, list[Row]]

KEYS = st.sampled_from(["k1", "k2", "k3", "k4", "k5"])
TEXTS = st.sampled_from([None, "1", "2", 'a "b" \\'])
ROWS = st.lists(st.tuples(KEYS, TEXTS, TEXTS), max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["upsert", "replace", "file", "complete file"]), ROWS), max_size=6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=[("file", [("k1", "1", "2")]), ("complete file", [("k1", "1", "1"), ("k1", "1", "2")])])
@example(steps=[("upsert", [("k1", None, None)]), ("file", [("k1", "1", None), ("k1", None, None)])])
@example(
    steps=[("file", [("k1", "1", "2"), ("k2", "1", "2")]), ("complete file", [("k1", "1", "2"), ("k1", "1", "2")])]
)
@example(steps=[("file", [("k1", "1", None)]), ("file", [("k1", "1", None), ("k1", None, None), ("k1", None, None)])])
@example(steps=[("file", [("k1", "1", None)]), ("file", [("k1", "1", None), ("k1", "1", None), ("k1", None, None)])])
@example(steps=[("file", [("k1", "1", None)]), ("file", [("k1", None, None), ("k1", "1", None), ("k1", "1", None)])])
def test_any_history_ends_like_a_fresh_load(scheme: str, steps: list[Step]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        warehouse = open_at(scheme, folder)
        table = warehouse.table(LINES, "2024")
        expected: dict[str, Row] = {}
        for verb, rows in steps:
            before = dict(expected)
            expected = _after(expected, verb, rows)
            _write(table, folder, verb, rows, before, expected)
        assert [tuple(row) for row in stored(warehouse, scheme, LINES, "id", "a", "b")] == sorted(expected.values())
        assert table.fingerprint().value == table.content_hash() == _fresh_hash(scheme, folder, expected)
        warehouse.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS.filter(bool), steps=STEPS)
def test_the_change_log_replays_the_first_load_to_the_last(scheme: str, first: list[Row], steps: list[Step]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        warehouse = open_at(scheme, folder)
        table = warehouse.table(LINES, "2024")
        expected = _after({}, "upsert", first)
        _write(table, folder, "upsert", first, {}, expected)
        replayed = dict(expected)
        for verb, rows in steps:
            after = _after(expected, verb, rows)
            if expected and not after:
                continue  # what is written into an empty partition is a new load, and not logged row by row
            _write(table, folder, verb, rows, expected, after)
            expected = after
        for change in changes(warehouse, scheme):
            _replay(replayed, change)
        assert replayed == expected
        warehouse.close()


def _write(  # noqa: PLR0917 - one act with its before and after
    table: StoredTable, folder: Path, verb: str, rows: list[Row], before: Mapping[str, Row], after: Mapping[str, Row]
) -> None:
    given_keys = {row[0] for row in rows}
    if verb.endswith("file"):
        if not rows and before:
            return
        content = "".join(f"{a or ''}|{b or ''}|{key}\n" for key, a, b in rows).encode()
        result = table.upsert(lines_of(a_file(folder, content)), complete=verb == "complete file")
    else:
        mappings = [{"id": key, "a": a, "b": b} for key, a, b in rows]
        result = table.upsert(mappings, complete=verb == "replace")
    assert result.inserted == len(given_keys - before.keys())
    assert result.changed == sum(before[key] != after[key] for key in given_keys & before.keys())
    assert result.inserted + result.changed + result.unchanged == len(given_keys)
    assert result.vanished == len(before.keys() - after.keys())
    assert len(rows) == len(given_keys) + result.repeated + sum(result.rejected.values())


def _after(before: Mapping[str, Row], verb: str, rows: list[Row]) -> dict[str, Row]:
    given_rows = {row[0]: row for row in rows}
    if verb == "replace" or (verb == "complete file" and rows):
        return given_rows
    return {**before, **given_rows}


def _fresh_hash(scheme: str, folder: Path, expected: Mapping[str, Row]) -> str:
    fresh: Warehouse = open_at(scheme, folder, "fresh")
    table = fresh.table(LINES, "2024")
    table.upsert([{"id": key, "a": a, "b": b} for key, a, b in expected.values()])
    value = table.fingerprint().value
    fresh.close()
    return value


def _replay(rows: dict[str, Row], change: Mapping[str, str]) -> None:
    key = from_json(change["key"])["id"]
    if change["kind"] == "vanished":
        old = from_json(change["old"])
        assert rows.pop(key) == (key, old["a"], old["b"])
        return
    new = from_json(change["new"])
    assert (change["kind"] == "inserted") == (key not in rows)
    rows[key] = (key, new["a"], new["b"])
