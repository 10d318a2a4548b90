"""Lines of files as published: numbered, decoded, without their line ends and blank lines."""

from __future__ import annotations

from collections.abc import Iterator

from penstock.errors import SourceError
from penstock.warehouse.rows import DelimitedFile

_BOM = b"\xef\xbb\xbf"


def iter_lines(file: DelimitedFile) -> Iterator[tuple[int, str]]:
    """Yield the physical line number (from 1) and text of every line that is not blank.

    Raises:
        SourceError: The file cannot be read, or its bytes are not of its encoding.
    """
    number = 0
    try:
        with file.path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                bare = line.removeprefix(_BOM) if number == 1 and file.encoding == "utf-8" else line
                text = bare.removesuffix(b"\n").removesuffix(b"\r")
                if text:
                    yield number, text.decode(file.encoding)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"line {number} of `{file.name}` is not {file.encoding}", hint="declare the file's encoding as latin-1"
        ) from error
    except OSError as error:
        raise SourceError(f"`{file.name}` cannot be read: {error.strerror or error}") from error


def require_files(files: tuple[DelimitedFile, ...]) -> None:
    """Refuse files that are missing, have an unknown encoding or share a name.

    Raises:
        SourceError: One of them cannot be told apart or read.
    """
    if len({file.name for file in files}) != len(files):
        raise SourceError("two files of one set have the same name", hint="name each file after its path")
    for file in files:
        if file.encoding not in ("utf-8", "latin-1"):
            raise SourceError(f"`{file.name}` has encoding `{file.encoding}`", hint="use utf-8 or latin-1")
        if not file.path.is_file():
            raise SourceError(f"`{file.name}` cannot be read: no such file", hint="fetch it again")
