"""What every warehouse promises of files of lines, on every engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from penstock.errors import ExpectationError, SourceError, WarehouseError
from penstock.warehouse import Column, ColumnType, DelimitedFile, DelimitedFiles, Expectation, Table
from penstock.warehouse.warehouse import Warehouse
from tests.conformance.warehouses import (
    LINES,
    a_file,
    lines_of,
    rejected,
    sql_name,
    stored,
)

ODD_LINES = (
    b"1|2|k1\r\n"
    b"\n"
    b'a "quoted"|b\\c|k2\n'
    b"\r\n"
    b"nul \x00 and \x01|tab\there|k3\n"
    b"  spaces  ||k4\n"
    b"inner \r return|,;'|k5\r\n"
    b"too|few\n"
    b"one|too|many|k6\n"
    b"|no key|\n"
    b'"last|line|k7'
)


def test_odd_lines_are_read_as_published(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024", load="R1")
    result = lines.upsert(lines_of(a_file(tmp_path, ODD_LINES)), complete=True)
    assert (result.inserted, result.rejected) == (6, {"blank key": 1, "field count": 2})
    assert stored(warehouse, scheme, LINES, "id", "a", "b", "_file", "_line", "_load") == [
        ("k1", "1", "2", "lines.txt", 1, "R1"),
        ("k2", 'a "quoted"', "b\\c", "lines.txt", 3, "R1"),
        ("k3", "nul \x00 and \x01", "tab\there", "lines.txt", 5, "R1"),
        ("k4", "  spaces  ", None, "lines.txt", 6, "R1"),
        ("k5", "inner \r return", ",;'", "lines.txt", 7, "R1"),
        ("k7", '"last', "line", "lines.txt", 11, "R1"),
    ]
    assert [(row["file"], row["line"], row["reason"], row["raw"]) for row in rejected(warehouse, scheme)] == [
        ("lines.txt", 8, "field count", "too|few"),
        ("lines.txt", 9, "field count", "one|too|many|k6"),
        ("lines.txt", 10, "blank key", "|no key|"),
    ]
    assert lines.content_hash() == lines.fingerprint().value


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_line_ends_are_not_content(warehouse: Warehouse, tmp_path: Path, ending: bytes) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n3|4|k2\n")))
    again = lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1" + ending + b"3|4|k2")), complete=True)
    assert (again.unchanged, again.is_change) == (2, False)


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        ("latin-1", b"MU\xd1OZ|\x92\x80\xff|k1\n", ("MUÑOZ", "\x92\x80ÿ")),
        ("latin-1", b"MU\xd1OZ|x|k1\n", ("MUÑOZ", "x")),
        ("utf-8", "MUÑOZ|😀|k1\n".encode(), ("MUÑOZ", "😀")),
        ("utf-8", b"\xef\xbb\xbfa|b|k1\n", ("a", "b")),
        ("utf-8", b"\xef\xbb\xbfa\r|b|k1\n", ("a\r", "b")),
    ],
)
def test_each_file_is_decoded_as_it_says(
    warehouse: Warehouse, tmp_path: Path, encoding: str, content: bytes, text: tuple[str, str]
) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, content, encoding=encoding)))
    assert lines.upsert([{"id": "k1", "a": text[0], "b": text[1]}]).unchanged == 1


def test_bytes_of_another_encoding_are_refused_with_their_line(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    with pytest.raises(SourceError, match=r"line 2 of `lines.txt` is not utf-8"):
        lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\nMU\xd1OZ|2|k2\n")))
    assert lines.fingerprint().version == 0


def test_a_very_long_line_is_read(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    content = b"x" * 5_000_000 + b'"|b|k1\n1|2|k2\n'
    warehouse.table(LINES, "2024").upsert(lines_of(a_file(tmp_path, content)))
    assert stored(warehouse, scheme, LINES, "length(a)") == [(5_000_001,), (1,)]


def test_files_of_one_set_follow_each_other(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    first = a_file(tmp_path, b"1|2|k1\n1|2|k2\n1|2|k3\n", "first.txt")
    second = a_file(tmp_path, b"9|9|k2\n1|2|k4\n", "second.txt", "latin-1")
    result = warehouse.table(LINES, "2024").upsert(lines_of(first, second), complete=True)
    assert (result.inserted, result.rejected) == (4, {"duplicate key": 1})
    assert stored(warehouse, scheme, LINES, "id", "a", "_file", "_line")[1] == ("k2", "9", "second.txt", 1)
    assert [(row["file"], row["raw"]) for row in rejected(warehouse, scheme)] == [("first.txt", "1|2|k2")]


def test_constants_and_a_trailing_delimiter_are_minded(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    table = replace(LINES, columns=(*LINES.columns, Column("kind"), Column("size", ColumnType.INTEGER)))
    files = lines_of(
        a_file(tmp_path, b"1,2,k1,\n1,2,k2\n"),
        delimiter=",",
        trailing_delimiter=True,
        constants={"kind": "x", "size": 7, "cycle": "2024"},
    )
    lines = warehouse.table(table, "2024")
    assert lines.upsert(files).rejected == {"field count": 1}
    assert stored(warehouse, scheme, table) == [("2024", "1", "2", "k1", "x", 7)]
    relabelled = lines.upsert(replace(files, constants={"kind": "y", "size": 7}), complete=True)
    assert (relabelled.changed, relabelled.vanished) == (1, 0)
    assert not lines.upsert(replace(files, constants={"kind": "y", "size": 7}), complete=True).is_change


def test_a_second_file_changes_only_what_differs(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n1|2|k2\n1|2|k3\n1|2|k4\n")), complete=True)
    second = b"1|2|k5\n1|2|k1\n1|3|k2\n1|2|k4\n1|2|k4\nx\n"
    result = lines.upsert(lines_of(a_file(tmp_path, second)), complete=True)
    assert (result.inserted, result.changed, result.unchanged, result.vanished) == (1, 1, 2, 1)
    assert (result.repeated, result.rejected) == (1, {"field count": 1})
    assert stored(warehouse, scheme, LINES, "id", "b", "_line") == [
        ("k1", "2", 1),
        ("k2", "3", 3),
        ("k4", "2", 4),
        ("k5", "2", 1),
    ]
    assert lines.content_hash() == lines.fingerprint().value


def test_without_complete_nothing_vanishes(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n1|2|k2\n")))
    result = lines.upsert(lines_of(a_file(tmp_path, b"1|2|k2\n1|2|k3\n")))
    assert (result.inserted, result.unchanged, result.vanished) == (1, 1, 0)


@pytest.mark.parametrize(("content", "b"), [(b"1|2|k1\n1|9|k1\n", "9"), (b"1|9|k1\n1|2|k1\n", "2")])
def test_the_last_line_of_a_key_counts_even_against_a_stored_one(
    warehouse: Warehouse, scheme: str, tmp_path: Path, content: bytes, b: str
) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")))
    result = lines.upsert(lines_of(a_file(tmp_path, content)), complete=True)
    assert result.rejected == {"duplicate key": 1}
    assert result.changed + result.unchanged == 1
    assert stored(warehouse, scheme, LINES, "b") == [(b,)]
    assert [(row["line"], row["raw"]) for row in rejected(warehouse, scheme)] == [(1, content.split(b"\n")[0].decode())]
    assert lines.content_hash() == lines.fingerprint().value


def test_rows_and_lines_of_equal_content_are_equal(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert([{"id": "k1", "a": "1", "b": None}, {"id": "k2", "a": "1", "b": "2"}])
    file = lines_of(a_file(tmp_path, b"1||k1\n1|2|k2\n"))
    before = lines.fingerprint()
    for _ in range(2):
        assert lines.upsert(file, complete=True).unchanged == 2
    assert lines.fingerprint() == before
    assert lines.upsert([{"id": "k2", "a": "9", "b": "2"}]).changed == 1
    assert lines.upsert(file, complete=True).changed == 1
    assert lines.fingerprint().value == before.value


@pytest.mark.parametrize("content", [b"", b"\n\r\n\n"])
def test_an_empty_file_may_not_empty_a_table(warehouse: Warehouse, tmp_path: Path, content: bytes) -> None:
    lines = warehouse.table(LINES, "2024")
    empty = lines_of(a_file(tmp_path, content, "empty.txt"))
    assert lines.upsert(empty, complete=True).counts["inserted"] == 0
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")))
    assert not lines.upsert(empty).is_change
    with pytest.raises(SourceError, match=r"`empty.txt` is empty; refusing to let 1 stored rows vanish"):
        lines.upsert(empty, complete=True)


def test_a_file_of_nothing_but_wrong_lines_may_not_empty_a_table(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = warehouse.table(LINES, "2024")
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")))
    with pytest.raises(SourceError, match="refusing"):
        lines.upsert(lines_of(a_file(tmp_path, b"<html>\nsorry\n</html>\n")), complete=True)


def test_a_missing_file_is_the_source_s_fault(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"`gone.txt` cannot be read"):
        warehouse.table(LINES, "2024").upsert(lines_of(DelimitedFile(tmp_path / "gone.txt", "gone.txt")))


def test_fields_that_do_not_fit_the_table_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    file = a_file(tmp_path, b"1|2|k1\n")
    lines = warehouse.table(LINES, "2024")
    for wrong in (
        replace(lines_of(file), columns=("a", "bb", "id")),
        replace(lines_of(file), columns=("a", "a", "id")),
    ):
        with pytest.raises(WarehouseError):
            lines.upsert(wrong)
    with pytest.raises(WarehouseError, match="partition `2022` was given"):
        lines.upsert(lines_of(file, constants={"cycle": "2022"}))


def test_names_with_quotes_and_patterns_are_just_names(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    file = a_file(tmp_path, b"1|2|k1\n", "it's [a] *.txt.gz")
    a_file(tmp_path, b"1|2|k2\n", "it's a x.txt.gz")
    warehouse.table(LINES, "2024").upsert(lines_of(file))
    assert stored(warehouse, scheme, LINES, "id", "_file") == [("k1", "it's [a] *.txt.gz")]


def test_columns_may_be_called_what_the_reader_calls_its_own(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    names = ("stored", "seq", "file", "line", "load", "n", "kind", "given", "place", "raw")
    table = Table("bronze.words", tuple(map(Column, names)), key=("stored", "n"), partition="load", lineage=True)
    words = warehouse.table(table, "2024")
    fields = tuple(name for name in names if name != "load")
    first, second = b"a|b|c|d|e|f|g|h|i\n", b"a|b|c|x|e|f|g|h|i\nshort\na|b|c|d|E|f|g|h|i\n"
    words.upsert(DelimitedFiles((a_file(tmp_path, first),), fields))
    result = words.upsert(DelimitedFiles((a_file(tmp_path, second),), fields), complete=True)
    assert (result.inserted, result.changed, result.rejected) == (1, 1, {"field count": 1})
    quoted = ", ".join(f'"{name}"' for name in names)
    rows = warehouse.query(f"select {quoted} from {sql_name(scheme, table.name)} order by n").rows
    assert sorted(row[5] for row in rows) == ["E", "e"]
    assert words.content_hash() == words.fingerprint().value


def test_a_table_without_lineage_takes_files_too(warehouse: Warehouse, scheme: str, tmp_path: Path) -> None:
    table = replace(LINES, lineage=False)
    plain = warehouse.table(table, "2024")
    assert plain.upsert(lines_of(a_file(tmp_path, b"1|2|k1\nx\n1|2|k2\n")), complete=True).rejected == {
        "field count": 1
    }
    result = plain.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n1|3|k3\n")), complete=True)
    assert (result.inserted, result.unchanged, result.vanished) == (1, 1, 1)
    assert stored(warehouse, scheme, table, "id", "b") == [("k1", "2"), ("k3", "3")]


def test_expectations_hold_for_lines_too(warehouse: Warehouse, tmp_path: Path) -> None:
    lines = warehouse.table(replace(LINES, expectations=(Expectation("a is not x", "a <> 'x'"),)), "2024")
    with pytest.raises(ExpectationError, match="a is not x"):
        lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\nx|2|k2\n")))
    assert lines.fingerprint().version == 0
    lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\n")))
    with pytest.raises(ExpectationError, match="a is not x"):
        lines.upsert(lines_of(a_file(tmp_path, b"1|2|k1\nx|2|k2\n")))


@pytest.mark.slow
def test_a_file_read_by_several_threads_keeps_its_line_numbers(
    warehouse: Warehouse, scheme: str, tmp_path: Path
) -> None:
    filler = "x" * 180
    parts = [f"{filler}{number}|é|{number}\n" + "\n" * (number % 7 == 0) for number in range(200_000)]
    parts[150_000] = "too|few\n"
    content = "".join(parts)
    numbers = {line.split("|")[-1]: place for place, line in enumerate(content.split("\n"), start=1) if line}
    lines = warehouse.table(LINES, "2024")
    files = lines_of(a_file(tmp_path, content.encode()))
    assert lines.upsert(files, complete=True).inserted == 199_999
    found = warehouse.query(f'select id, "_line" from {sql_name(scheme, LINES.name)}').rows
    assert dict(found) == {key: place for key, place in numbers.items() if key != "few"}
    assert [row["line"] for row in rejected(warehouse, scheme)] == [numbers["few"]]
    again = lines.upsert(files, complete=True)
    assert (again.unchanged, again.is_change, again.rejected) == (199_999, False, {"field count": 1})
