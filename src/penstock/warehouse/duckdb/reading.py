"""Ways to have DuckDB read lines exactly as published, the fastest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from penstock.errors import SourceError
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.rows import DelimitedFile, DelimitedFiles
from penstock.warehouse.sql.lines import iter_lines

_BLOCK = 1 << 20
# A sequence no text file contains; one that does is read another way.
_NO_DELIMITER = "\x01\x02\x03\x04"
_PATTERN_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read all files of a set.

    Args:
        readers: For each file, a query for its lines `l` and their numbers `n`.
        size: Bytes of all files together.
        is_last: Whether no other way is left should DuckDB refuse this one.
    """

    readers: tuple[str, ...]
    paths: tuple[Path, ...]
    size: int
    is_last: bool


def iter_readings(files: DelimitedFiles, folder: Path) -> Iterator[Reading]:
    """Yield ways to read the files: as they are, recoded, and rewritten line by line, which always works.

    Raises:
        SourceError: A file cannot be read or decoded.
    """
    size = sum(file.path.stat().st_size for file in files.files)
    if all(_is_plain(file) for file in files.files):
        yield _reading(files, [file.path for file in files.files], size, encoding="")
        if any(file.encoding == "latin-1" for file in files.files):
            # DuckDB refuses the control characters 0x80-0x9f that Windows programs leave in latin-1 files.
            paths = [_recode(file, folder / f"{place}.utf8") for place, file in enumerate(files.files)]
            yield _reading(files, paths, size, encoding="utf-8")
    readers: list[str] = []
    spools: list[Path] = []
    for place, file in enumerate(files.files):
        path = folder / f"{place}.csv"
        readers.append(_statement("spooled", place=place, max_line_size=_spool(file, path) * 2 + 1000))
        spools.append(path)
    yield Reading(tuple(readers), tuple(spools), size, is_last=True)


def _reading(files: DelimitedFiles, paths: list[Path], size: int, encoding: str) -> Reading:
    readers = (
        _statement("as_is", place=place, encoding=encoding or file.encoding, no_delimiter=_NO_DELIMITER)
        for place, file in enumerate(files.files)
    )
    return Reading(tuple(readers), tuple(paths), size, is_last=False)


def _statement(name: str, **fragments: object) -> str:
    return load_statements(__package__, "files.sql")[name].format(**fragments)


def _is_plain(file: DelimitedFile) -> bool:
    # A carriage return ends a line for DuckDB wherever it stands, and a line of megabytes needs a larger buffer.
    if _PATTERN_CHARACTERS & set(str(file.path)):
        return False
    try:
        with file.path.open("rb", buffering=0) as stream:
            while block := stream.read(_BLOCK):
                if b"\r" in block or (len(block) == _BLOCK and b"\n" not in block):
                    return False
    except OSError as error:
        raise SourceError(f"`{file.name}` cannot be read: {error.strerror or error}") from error
    return True


def _recode(file: DelimitedFile, path: Path) -> Path:
    with file.path.open("rb", buffering=0) as stream, path.open("wb") as out:
        while block := stream.read(_BLOCK):
            # A block may end inside a character of utf-8; only latin-1 has one byte for each.
            out.write(block.decode("latin-1").encode() if file.encoding == "latin-1" else block)
    return path


def _spool(file: DelimitedFile, path: Path) -> int:
    longest = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        for number, text in iter_lines(file):
            quoted = text.replace('"', '""')
            out.write(f'{number},"{quoted}"\n')
            longest = max(longest, len(quoted.encode()))
    return longest
