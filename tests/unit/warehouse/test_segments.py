"""Files cut at line ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.warehouse.duckdb.segments import find_segments, readable


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("segments") / "file.txt"


@given(content=st.lists(st.sampled_from([b"\n", b"a\n", b"bcd\n", b"e" * 40 + b"\n", b"x"]), max_size=40).map(b"".join))
def test_segments_are_the_file_and_begin_at_known_lines(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    segments = find_segments(file, 3, least_bytes=8)
    assert segments is not None
    with readable(segments) as paths:
        read = [_read(path) for path in paths]
    assert b"".join(read) == content
    for number, segment in enumerate(segments):
        before = b"".join(read[:number])
        assert segment.lines == len(read[number].splitlines())
        if not read[number]:
            continue
        assert segment.lines_before == before.count(b"\n")
        assert not before or before.endswith(b"\n")


@pytest.mark.parametrize("content", [b"a\r\nb\r\n", b"a\rb\n", b"x" * 3_000_000 + b"\n"])
def test_lines_that_duckdb_would_read_otherwise_are_noticed(file: Path, content: bytes) -> None:
    file.write_bytes(b"a\n" * 100 + content)
    assert find_segments(file, 2, least_bytes=8) is None


def test_a_reader_that_stops_early_leaves_no_thread(file: Path) -> None:
    file.write_bytes(b"line\n" * 1_000_000)
    segments = find_segments(file, 2, least_bytes=8)
    assert segments is not None
    with readable(segments) as paths, Path(paths[0]).open("rb") as stream:
        assert stream.read(4) == b"line"
