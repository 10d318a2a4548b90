"""Lines of a file on their way into PostgreSQL: decoded, numbered, counted and escaped for COPY."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BufferedReader

from penstock.errors import SourceError
from penstock.warehouse.postgres.text import store_bytes
from penstock.warehouse.rows import DelimitedFile, DelimitedFiles

_BLOCK = 1 << 20
# As many wrong lines are held in memory before they are set aside.
_MOST_REJECTED = 10_000
_BOM = b"\xef\xbb\xbf"


def escape(text: bytes) -> bytes:
    """Return text as one field of COPY whose fields are parted by tabs."""
    return _escape_fields(text).replace(b"\t", b"\\t")


def _escape_fields(text: bytes) -> bytes:
    return store_bytes(text.replace(b"\\", b"\\\\").replace(b"\r", b"\\r"))


@dataclass
class Lines:
    """The lines of one file on their way into the database.

    Args:
        seq: What is added to a line's number to sort it among those of all files.
        is_whole: Whether lines are copied as one text, behind their place among all lines; else as fields, behind
            their number and that place.
        rejected: Number and text of lines with a wrong number of fields.
    """

    file: DelimitedFile
    files: DelimitedFiles
    seq: int
    is_whole: bool
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
        good = self._good(block, delimiter)
        if self.files.trailing_delimiter:
            good = [(number, line.rpartition(delimiter)[0]) for number, line in good]
        seq = self.seq
        if not self.is_whole:
            rows = [b"%d%b%d%b%b\n" % (number, delimiter, seq + number, delimiter, line) for number, line in good]
        elif b"\t" in block:
            return b"".join([b"%d\t%b\n" % (seq + number, escape(line)) for number, line in good])
        else:
            rows = [b"%d\t%b\n" % (seq + number, line) for number, line in good]
        return _escape_fields(b"".join(rows))

    def _good(self, block: bytes, delimiter: bytes) -> list[tuple[int, bytes]]:
        wanted = len(self.files.columns) - 1 + self.files.trailing_delimiter
        good = []
        lines = _split(block)
        for number, line in enumerate(lines, start=self._number + 1):
            if line.count(delimiter) == wanted and line:
                good.append((number, line))
            elif line:
                self.rejected.append((number, line))
        self._number += len(lines)
        return good


def _read_lines(stream: BufferedReader) -> bytes:
    return stream.read(_BLOCK) + stream.readline()


def _split(block: bytes) -> list[bytes]:
    lines = block.replace(b"\r\n", b"\n").split(b"\n")
    last = lines.pop().removesuffix(b"\r")
    return [*lines, last] if last else lines
