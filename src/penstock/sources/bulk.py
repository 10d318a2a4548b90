"""Lays bulk files out as plain text: decompressed in blocks, checked for damage, their encoding found."""

from __future__ import annotations

import codecs
import errno
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from penstock.errors import SourceError, StateError

_BLOCK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class PlainFile:
    """Plain text ready to be read.

    Args:
        path: Where the bytes lie.
        name: What messages call it, e.g. `itcont.txt.gz` or `indiv20.zip/itcont.txt`.
        size: In bytes.
        encoding: `utf-8` when all bytes are valid UTF-8, else `latin-1`.
        foreign_line: The first line that is not valid UTF-8; None when all are.
    """

    path: Path
    name: str
    size: int
    encoding: str
    foreign_line: int | None = None


@contextmanager
def stage_bulk_files(
    paths: Iterable[Path], workdir: Path, is_wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[PlainFile, ...]]:
    """Yield the files as plain text: `.gz` and `.zip` decompressed into a folder that is removed afterwards.

    Where a zip file holds several members at its top, `is_wanted` tells by name which one is meant.

    Raises:
        SourceError: A file is truncated, damaged, unreadable, or holds no such member.
        StateError: The working folder is full or cannot be written.
    """
    from tempfile import TemporaryDirectory

    try:
        workdir.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(dir=workdir, prefix="bulk-")
    except OSError as error:
        raise _no_room(workdir, error) from error
    with folder as place:
        yield tuple(_stage(path, Path(place) / str(number), is_wanted) for number, path in enumerate(sorted(paths)))


def read_head(path: Path, size: int, is_wanted: Callable[[str], bool] = lambda _: True) -> bytes:
    """Return about the first `size` bytes of a file's plain text.

    Raises:
        SourceError: The file is damaged there, or unreadable.
    """
    head = bytearray()
    try:
        for block in _open_blocks(path, is_wanted)[1]:
            head += block
            if len(head) >= size:
                break
    except OSError as error:
        raise _unreadable(path, error) from error
    return bytes(head)


def _open_blocks(path: Path, is_wanted: Callable[[str], bool]) -> tuple[str, Iterator[bytes]]:
    if path.suffix.lower() == ".gz":
        return path.name, _inflated(path)
    if path.suffix.lower() == ".zip":
        member = _main_member(path, is_wanted)
        return f"{path.name}/{member}", _extracted(path, member)
    return path.name, _read_blocks(path)


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"cannot read `{path}`: {error.strerror or error}", hint="check that it exists and is readable")


def _stage(path: Path, target: Path, is_wanted: Callable[[str], bool]) -> PlainFile:
    try:
        name, blocks = _open_blocks(path, is_wanted)
        if path.suffix.lower() in (".gz", ".zip"):
            return _write(target, name, blocks)
        return _describe(path, name, blocks, None)
    except OSError as error:
        raise _unreadable(path, error) from error


def _write(target: Path, name: str, blocks: Iterator[bytes]) -> PlainFile:
    try:
        file = target.open("wb", buffering=0)
    except OSError as error:
        raise _no_room(target.parent, error) from error
    with file:

        def keep(block: bytes) -> None:
            try:
                # A disk that fills up takes a part of a block first, and refuses the rest.
                rest = memoryview(block)
                while rest:
                    rest = rest[file.write(rest) :]
            except OSError as error:
                raise _no_room(target.parent, error) from error

        return _describe(target, name, blocks, keep)


def _no_room(folder: Path, error: OSError) -> StateError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StateError(
            f"the disk is full: no room left in `{folder}` to decompress into",
            hint="free some space, or set `PENSTOCK_HOME` to a folder on a larger disk",
        )
    return StateError(
        f"cannot write to `{folder}`: {error.strerror or error}",
        hint="set `PENSTOCK_HOME` to a folder you may write to",
    )


def _describe(path: Path, name: str, blocks: Iterator[bytes], keep: Callable[[bytes], None] | None) -> PlainFile:
    probe = _EncodingProbe()
    size = 0
    for block in blocks:
        size += len(block)
        probe.look_at(block)
        if keep is not None:
            keep(block)
    probe.close()
    encoding = "utf-8" if probe.foreign_line is None else "latin-1"
    return PlainFile(path, name, size, encoding, probe.foreign_line)


class _EncodingProbe:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._lines = 0
        self.foreign_line: int | None = None

    def look_at(self, block: bytes) -> None:
        if self.foreign_line is not None:
            return
        pending: bytes = self._decoder.getstate()[0]
        # Nearly all blocks are pure ASCII, which needs no decoding.
        if pending or not block.isascii():
            self._decode(pending, block)
        self._lines += block.count(b"\n")

    def _decode(self, pending: bytes, block: bytes) -> None:
        try:
            self._decoder.decode(block)
        except UnicodeDecodeError as error:
            before = max(0, error.start - len(pending))
            self.foreign_line = self._lines + block.count(b"\n", 0, before) + 1

    def close(self) -> None:
        if self.foreign_line is None and self._decoder.getstate()[0]:
            self.foreign_line = self._lines + 1


def _read_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            yield block


def _inflated(path: Path) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP)
    position = 0
    for block in _read_blocks(path):
        position += len(block)
        rest = block
        while rest:
            if inflater.eof:
                inflater = zlib.decompressobj(_GZIP)
            try:
                yield inflater.decompress(rest)
            except zlib.error as error:
                at = position - len(rest)
                raise _damaged(path, f"is damaged at about byte {at}: {error}") from error
            # A gzip file may be several streams after each other; zero bytes pad the end of some.
            rest = inflater.unused_data.lstrip(b"\0") if inflater.eof else b""
    if not inflater.eof:
        raise _damaged(path, f"is truncated: it ended at byte {position}, in the middle of its data")


def _main_member(path: Path, is_wanted: Callable[[str], bool]) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise _damaged(path, f"is truncated or no zip file: it ended at byte {path.stat().st_size}") from error
    # The publisher adds the same rows a second time in parts below `by_date/`.
    at_top = [name for name in names if "/" not in name]
    fitting = [name for name in at_top if is_wanted(name)] or (at_top if len(at_top) == 1 else [])
    if len(fitting) != 1:
        held = ", ".join(f"`{name}`" for name in names[:5]) or "nothing"
        raise SourceError(f"cannot tell which member of `{path}` is meant: it holds {held}", hint="unpack it by hand")
    return fitting[0]


def _extracted(path: Path, member: str) -> Iterator[bytes]:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            while block := stream.read(_BLOCK):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(path, f"is damaged in member `{member}`: {error or 'it ended too early'}") from error
    except (RuntimeError, NotImplementedError) as error:
        raise _damaged(path, f"cannot be unpacked: {error}") from error


def _damaged(path: Path, what: str) -> SourceError:
    return SourceError(f"`{path}` {what}", hint="get the file again, and compare its size with the publisher's")
