"""Lines of files staged by COPY: PostgreSQL takes them apart, and Python only counts their delimiters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from psycopg import sql

from penstock.errors import SourceError
from penstock.warehouse.postgres.session import PostgresSession
from penstock.warehouse.postgres.text import store_bytes
from penstock.warehouse.rows import DelimitedFile, DelimitedFiles
from penstock.warehouse.sql.dialect import quote
from penstock.warehouse.sql.intake import FILE_STRIDE, constants, stage_lines
from penstock.warehouse.sql.shape import refer
from penstock.warehouse.sql.write import Intake, Write

_BLOCK = 1 << 20
# As many wrong lines are held in memory before they are set aside.
_MOST_REJECTED = 10_000
_BOM = b"\xef\xbb\xbf"
# COPY takes one plain character, and none that its escapes are written with.
_DELIMITERS = frozenset("|,;:\t!#$%&*+-/=?@^_~ ")


def stage_files(session: PostgresSession, write: Write, files: DelimitedFiles) -> Intake:
    """Stage the lines of files.

    Raises:
        SourceError: A file cannot be read or decoded.
    """
    if files.delimiter not in _DELIMITERS:
        return stage_lines(write, files)
    _preset(session, write, constants(write.shape, files))
    for place, file in enumerate(files.files):
        _preset(session, write, {"_file": file.name})
        _stage_file(session, write, files, _Lines(file, files, place * FILE_STRIDE))
    return Intake()


def _preset(session: PostgresSession, write: Write, values: dict[str, object]) -> None:
    # A column that is not copied takes its default.
    for name, value in values.items():
        literal = sql.Literal(value).as_string(session.connection)
        session.run(f"alter table {write.temporary('given')} alter column {quote(name)} set default {literal}")


def _stage_file(session: PostgresSession, write: Write, files: DelimitedFiles, lines: _Lines) -> None:
    columns = ", ".join(refer(["_line", "_seq", *files.columns]))
    form = f"from stdin (format text, delimiter '{files.delimiter}', null '', encoding 'utf8')"
    blocks = lines.blocks()
    while not lines.is_read:
        session.copy(f"{write.temporary('given')} ({columns}) {form}", lines.until_many_are_rejected(blocks))
        rejected, lines.rejected = lines.rejected, []
        if rejected:
            session.copy(f"{write.temporary('rejected')} from stdin", _rejections(lines.file.name, rejected))


def _rejections(file: str, rejected: list[tuple[int, bytes]]) -> Iterator[bytes]:
    name = _escaped(file.encode())
    for number, line in rejected:
        yield b"field count\t%b\t%d\t%b\n" % (name, number, _escaped(line))


def _escaped(text: bytes) -> bytes:
    return _escaped_fields(text).replace(b"\t", b"\\t").replace(b"\n", b"\\n")


def _escaped_fields(text: bytes) -> bytes:
    return store_bytes(text.replace(b"\\", b"\\\\").replace(b"\r", b"\\r"))


@dataclass
class _Lines:
    """The lines of one file on their way into the database.

    Args:
        seq: What is added to a line's number to sort it among those of all files.
        rejected: Number and text of lines with a wrong number of fields.
    """

    file: DelimitedFile
    files: DelimitedFiles
    seq: int
    rejected: list[tuple[int, bytes]] = field(default_factory=list)
    is_read: bool = False
    _number: int = 0

    def until_many_are_rejected(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield blocks until the file ends, or so many lines were rejected that they should be set aside."""
        for block in blocks:
            yield block
            if len(self.rejected) >= _MOST_REJECTED:
                return
        self.is_read = True

    def blocks(self) -> Iterator[bytes]:
        """Yield whole lines, numbered, as COPY reads them."""
        try:
            with self.file.path.open("rb") as stream:
                for block in iter(partial(_read_lines, stream), b""):
                    yield self._numbered(self._decoded(block))
        except OSError as error:
            raise SourceError(f"`{self.file.name}` cannot be read: {error.strerror or error}") from error

    def _decoded(self, block: bytes) -> bytes:
        if self._number == 0 and self.file.encoding == "utf-8":
            block = block.removeprefix(_BOM)
        if block.isascii():
            return block
        try:
            return block.decode(self.file.encoding).encode()
        except UnicodeDecodeError as error:
            line = self._number + block.count(b"\n", 0, error.start) + 1
            raise SourceError(
                f"line {line} of `{self.file.name}` is not {self.file.encoding}",
                hint="declare the file's encoding as latin-1",
            ) from error

    def _numbered(self, block: bytes) -> bytes:
        delimiter = self.files.delimiter.encode()
        wanted = len(self.files.columns) - 1 + self.files.trailing_delimiter
        good: list[bytes] = []
        before = self._number
        for number, line in enumerate(_split(block), start=before + 1):
            if line.count(delimiter) == wanted and line:
                good.append(b"%d%b%d%b%b\n" % (number, delimiter, self.seq + number, delimiter, line))
            elif line:
                self.rejected.append((number, line))
            self._number = number
        if self.files.trailing_delimiter:
            good = [line.rpartition(delimiter)[0] + b"\n" for line in good]
        return _escaped_fields(b"".join(good))


def _read_lines(stream: object) -> bytes:
    read, readline = stream.read, stream.readline  # type: ignore[attr-defined]
    return bytes(read(_BLOCK) + readline())


def _split(block: bytes) -> list[bytes]:
    lines = block.replace(b"\r\n", b"\n").split(b"\n")
    last = lines.pop().removesuffix(b"\r")
    return [*lines, last] if last or not lines else lines
