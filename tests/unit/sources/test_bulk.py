"""Bulk files become plain text, whatever they are wrapped in, or an error that names the place."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from penstock.errors import SourceError
from penstock.sources.bulk import PlainFile, read_head, stage_bulk_files

TEXT = b"".join(b"line %d|ABC|DEF\n" % number for number in range(50_000))


def staged(path: Path, workdir: Path) -> tuple[PlainFile, bytes]:
    with stage_bulk_files([path], workdir, lambda name: name.startswith("itcont")) as (file,):
        return file, file.path.read_bytes()


def a_file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def a_zip(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "indiv20.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_plain_file_is_used_where_it_lies(tmp_path: Path) -> None:
    path = a_file(tmp_path, "itcont.txt", TEXT)
    file, content = staged(path, tmp_path / "work")
    assert (file.path, content, file.size, file.encoding) == (path, TEXT, len(TEXT), "utf-8")


def test_a_gzip_file_of_several_streams_is_read_to_its_end(tmp_path: Path) -> None:
    path = a_file(tmp_path, "itcont.txt.gz", gzip.compress(TEXT) + gzip.compress(b"last\n") + b"\0" * 100)
    file, content = staged(path, tmp_path / "work")
    assert content == TEXT + b"last\n"
    assert file.name == "itcont.txt.gz"


def test_of_a_zip_file_the_main_member_is_read_and_not_its_parts(tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"by_date/itcont_2020_1.txt": b"part\n", "itcont.txt": TEXT, "readme.txt": b"hello"})
    file, content = staged(path, tmp_path / "work")
    assert content == TEXT
    assert file.name == "indiv20.zip/itcont.txt"


def test_a_zip_file_with_one_member_of_any_name_is_read(tmp_path: Path) -> None:
    assert staged(a_zip(tmp_path, {"data.txt": TEXT}), tmp_path / "work")[1] == TEXT


def test_a_zip_file_that_leaves_a_choice_is_refused(tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"itcont_1.txt": b"", "itcont_2.txt": b""})
    with pytest.raises(SourceError, match="which member"):
        staged(path, tmp_path / "work")


def test_nothing_stays_behind(tmp_path: Path) -> None:
    staged(a_file(tmp_path, "itcont.txt.gz", gzip.compress(TEXT)), tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


@pytest.mark.parametrize("kept", [0, 5, 1000])
def test_a_truncated_gzip_file_is_named_with_the_byte_where_it_ended(tmp_path: Path, kept: int) -> None:
    path = a_file(tmp_path, "itcont.txt.gz", gzip.compress(TEXT)[:kept])
    with pytest.raises(SourceError, match=rf"itcont.txt.gz` is truncated: it ended at byte {kept}"):
        staged(path, tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_gzip_file_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    damaged = bytearray(gzip.compress(TEXT))
    damaged[-6] ^= 1
    with pytest.raises(SourceError, match="is damaged"):
        staged(a_file(tmp_path, "itcont.txt.gz", bytes(damaged)), tmp_path / "work")


def test_a_truncated_zip_file_is_refused(tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"itcont.txt": TEXT})
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(SourceError, match="truncated or no zip file: it ended at byte 500"):
        staged(path, tmp_path / "work")


def test_a_zip_file_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    path = a_zip(tmp_path, {"itcont.txt": TEXT})
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(SourceError, match=r"is damaged in member `itcont\.txt`"):
        staged(path, tmp_path / "work")


@pytest.mark.parametrize(
    ("content", "encoding", "line"),
    [
        (b"", "utf-8", None),
        ("A|MU\u00d1OZ\n".encode(), "utf-8", None),
        (b"A\nB\nMU\xd1OZ|X\n", "latin-1", 3),
        (b"A\nB\xc3", "latin-1", 2),
        (TEXT * 3 + b"\xff\n", "latin-1", 150_001),
        (b"x" * ((1 << 20) - 1) + "\u00d1\n".encode(), "utf-8", None),
        (b"x" * ((1 << 20) - 1) + b"\xc3" + b"(\n", "latin-1", 1),
    ],
)
def test_the_encoding_is_found_over_all_bytes_with_the_first_line_that_decided(
    tmp_path: Path, content: bytes, encoding: str, line: int | None
) -> None:
    for path in (a_file(tmp_path, "a.txt", content), a_file(tmp_path, "a.txt.gz", gzip.compress(content))):
        file, _ = staged(path, tmp_path / "work")
        assert (file.encoding, file.foreign_line) == (encoding, line)


def test_the_head_of_a_file_is_read_without_the_rest(tmp_path: Path) -> None:
    damaged = gzip.compress(TEXT * 20)
    path = a_file(tmp_path, "itcont.txt.gz", damaged[: len(damaged) - 10])
    assert TEXT.startswith(read_head(path, 1000)[:1000])


def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk's end."""
    path = a_file(tmp_path, "itcont.txt.gz", gzip.compress(TEXT * 4))
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from penstock.errors import StateError\n"
        "from penstock.sources.bulk import stage_bulk_files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    with stage_bulk_files([Path(sys.argv[1])], Path(sys.argv[2])): pass\n"
        "except StateError as error:\n"
        "    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), str(tmp_path / "work")], capture_output=True, text=True, check=True
    )
    assert "the disk is full" in done.stdout
