"""Ways to have DuckDB read lines exactly as published, the fastest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from penstock.errors import SourceError
from penstock.kit.sqlfile import load_statements
from penstock.warehouse.duckdb.segments import Segment, find_segments, readable
from penstock.warehouse.rows import DelimitedFile, DelimitedFiles
from penstock.warehouse.sql.lines import iter_lines

_BLOCK = 1 << 20
# A sequence no text file contains; one that does is read another way.
_NO_DELIMITER = "\x01\x02\x03\x04"
_PATTERN_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Source:
    """Lines that DuckDB reads in one thread.

    Args:
        place: Which file of the set they are of.
        reader: Name of the statement that reads them.
        longest: Bytes of the longest line, where DuckDB has to be told.
    """

    place: int
    segment: Segment
    reader: str
    encoding: str
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read all files of a set.

    Args:
        is_last: Whether no other way is left should DuckDB refuse this one.
    """

    sources: tuple[Source, ...]
    is_last: bool = False

    @property
    def line_count(self) -> int:
        """How many lines all sources hold together, counting the blank ones they yield."""
        return sum(source.segment.lines for source in self.sources)

    @contextmanager
    def lines(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Lend a query for all lines, and its parameters but for `$layout` and the files' names; good for one use.

        A blank line has no text.
        """
        statements = load_statements(__package__, "files.sql")
        with readable([source.segment for source in self.sources]) as paths:
            branches = [
                statements["branch"].format(
                    reader=statements[source.reader].format(
                        path=f"path_{number}",
                        encoding=source.encoding,
                        no_delimiter=_NO_DELIMITER,
                        max_line_size=source.longest * 2 + 1000,
                    ),
                    place=source.place,
                    lines_before=source.segment.lines_before,
                )
                for number, source in enumerate(self.sources)
            ]
            yield "\nunion all\n".join(branches), {f"path_{number}": path for number, path in enumerate(paths)}


def iter_readings(files: DelimitedFiles, folder: Path, threads: int) -> Iterator[Reading]:
    """Yield ways to read the files: as they are, recoded, and rewritten line by line, which always works.

    Args:
        folder: Where files are rewritten.
        threads: How many of a large file's segments are read at the same time.

    Raises:
        SourceError: A file cannot be read or decoded.
    """
    given = [(file.path, file.encoding) for file in files.files]
    if direct := _find_direct(files, given, threads):
        yield direct
        if any(file.encoding == "latin-1" for file in files.files):
            # DuckDB refuses the control characters 0x80-0x9f that Windows programs leave in latin-1 files.
            paths = [_recode(file, folder / f"{place}.utf8") for place, file in enumerate(files.files)]
            if recoded := _find_direct(files, [(path, "utf-8") for path in paths], threads):
                yield recoded
    yield Reading(tuple(_spool(file, place, folder) for place, file in enumerate(files.files)), is_last=True)


def _find_direct(files: DelimitedFiles, paths: Sequence[tuple[Path, str]], threads: int) -> Reading | None:
    sources: list[Source] = []
    for place, (path, encoding) in enumerate(paths):
        if _PATTERN_CHARACTERS & set(str(path)):
            return None
        try:
            segments = find_segments(path, threads)
        except OSError as error:
            name = files.files[place].name
            raise SourceError(f"`{name}` cannot be read: {error.strerror or error}") from error
        if segments is None:
            return None
        sources += (Source(place, segment, "as_is", encoding) for segment in segments)
    return Reading(tuple(sources))


def _recode(file: DelimitedFile, path: Path) -> Path:
    with file.path.open("rb", buffering=0) as stream, path.open("wb") as out:
        while block := stream.read(_BLOCK):
            # A block may end inside a character of utf-8; only latin-1 has one byte for each.
            out.write(block.decode("latin-1").encode() if file.encoding == "latin-1" else block)
    return path


def _spool(file: DelimitedFile, place: int, folder: Path) -> Source:
    path = folder / f"{place}.csv"
    longest = lines = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        for number, text in iter_lines(file):
            quoted = text.replace('"', '""')
            out.write(f'{number},"{quoted}"\n')
            longest = max(longest, len(quoted.encode()))
            lines += 1
    return Source(place, Segment(path, 0, path.stat().st_size, lines), "spooled", "utf-8", longest)
