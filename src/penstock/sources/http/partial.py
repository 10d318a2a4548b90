"""A file on its way: what arrived so far, of which state of the publisher's, and that nobody else writes to it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from penstock.errors import SourceError
from penstock.kit.jsonable import from_json, to_json

_BLOCK = 1 << 20


class Partial:
    """The file beside its target into which a download goes before it takes the target's place."""

    def __init__(self, target: Path, path: Path, file: IO[bytes]) -> None:
        self._target = target
        self._path = path
        self._note = path.with_name(path.name + ".json")
        self._file = file

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return os.fstat(self._file.fileno()).st_size

    @property
    def kept(self) -> int:
        """How many bytes another attempt need not fetch again."""
        return self.size if self.get_note() is not None else 0

    def get_note(self) -> Mapping[str, Any] | None:
        """Return what was noted of the bytes that are there; None when it cannot be told what they are."""
        try:
            note = from_json(self._note.read_bytes()) if self.size else None
        except (OSError, ValueError):
            return None
        return note if isinstance(note, dict) else None

    def begin(self, note: Mapping[str, Any] | None) -> None:
        """Empty the file and note what will be written to it; without a note it cannot be continued later."""
        self._note.unlink(missing_ok=True)
        self._file.truncate(0)
        if note is not None:
            self._note.write_text(to_json(note), encoding="utf-8")

    def write(self, block: bytes) -> None:
        """Write behind what is there."""
        # A disk that fills up takes a part of a block first, and refuses the rest.
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest) :]

    def read(self) -> Iterator[bytes]:
        """Yield what is there."""
        with self._path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                yield block

    def finish(self) -> None:
        """Put the file in the target's place."""
        self._path.replace(self._target)
        self._note.unlink(missing_ok=True)

    def drop(self) -> None:
        """Remove the file."""
        self._note.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)

    def drop_unless_noted(self) -> None:
        """Remove the file unless it can be continued."""
        if self.get_note() is None:
            self.drop()


@contextmanager
def open_partial(target: Path) -> Iterator[Partial]:
    """Yield the partial file of a target, this process's alone; kept afterwards if it can be continued.

    Raises:
        SourceError: Another process is downloading the same file.
        OSError: It cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.with_name(target.name + ".part")
    while True:
        with path.open("ab", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SourceError(
                    f"another process is downloading `{target.name}` to `{target.parent}`",
                    hint="wait until it has ended, then run again",
                    retriable=True,
                ) from error
            if not _is_at(path, file):
                # Whoever held the lock before moved or removed the file in the meantime.
                continue
            partial = Partial(target, path, file)
            try:
                yield partial
            finally:
                if _is_at(path, file):
                    partial.drop_unless_noted()
            return


def _is_at(path: Path, file: IO[bytes]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
