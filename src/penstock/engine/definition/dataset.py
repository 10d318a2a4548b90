"""Data at rest that tasks read and make, and how its state is observed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from penstock.errors import SourceError
from penstock.kit.jsonable import digest, from_json, to_json

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Observation:
    """The state a dataset was seen in.

    Args:
        value: The fingerprint: equal content has an equal value.
        label: What a person calls this state, e.g. `v42`.
        validator: What lets the next look be cheap, e.g. sizes and times of files.
    """

    value: str
    label: str = ""
    validator: str = ""


@runtime_checkable
class Fingerprinted(Protocol):
    """A dataset that can tell its own state."""

    @property
    def name(self) -> str:
        """The dataset's name, unique within its pipeline."""
        ...

    def fingerprint(self, params: Mapping[str, Any], known: Observation | None) -> Observation:
        """Return the state now.

        Args:
            params: The run's parameters.
            known: The state as it was last seen, whose validator may spare reading everything again.

        Raises:
            SourceError: The state cannot be read; never answered with a guess.
        """
        ...


class Named(Protocol):
    """Anything known by name: a task, a table."""

    @property
    def name(self) -> str:
        """The name."""
        ...


class DatasetCatalog(Protocol):
    """Tells the state of datasets that cannot tell it themselves: the tables of a warehouse."""

    def observe(self, datasets: Collection[Named], params: Mapping[str, Any]) -> Mapping[str, Observation]:
        """Return the state of each dataset, in the slice of data these parameters choose, by name."""
        ...


@dataclass(frozen=True, slots=True)
class File:
    """A file, or the files a pattern matches, identified by their bytes.

    Args:
        path: A path or glob; `{param}` stands for the value of a parameter. Relative to the working folder.
        optional: Whether having no match is a state like any other instead of an error.
    """

    path: str
    optional: bool = False

    @property
    def name(self) -> str:
        """The path as written."""
        return self.path

    def fingerprint(self, params: Mapping[str, Any], known: Observation | None) -> Observation:
        """Return the fingerprint of names and bytes; a file whose size and times did not move is not read again.

        Raises:
            SourceError: No file matches, or one cannot be read.
        """
        pattern = self.path.format_map(dict(params))
        paths = sorted(map(Path, glob(pattern, recursive=True))) if has_magic(pattern) else [Path(pattern)]
        present = [path for path in paths if path.is_file()]
        if not present and not self.optional:
            raise SourceError(f"no file matches `{pattern}`", hint="check the path, or make the file first")
        return observe_files(present, known)


def observe_files(paths: list[Path], known: Observation | None) -> Observation:
    """Return the state of these files: SHA-256 of each, taken over from `known` where a file was not touched.

    Raises:
        SourceError: A file cannot be read.
    """
    before: dict[str, list[Any]] = from_json(known.validator) if known and known.validator else {}
    now = {str(path): _look(path, before.get(str(path))) for path in paths}
    value = digest([[Path(path).name, sha256] for path, (_, sha256) in sorted(now.items())])
    count = len(paths)
    label = f"{value[:8]} ({count} file{'' if count == 1 else 's'})"
    return Observation(value, label, to_json(now))


def _look(path: Path, before: list[Any] | None) -> tuple[list[int], str]:
    try:
        stat = path.stat()
        signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        if before is not None and before[0] == signature:
            return signature, str(before[1])
        return signature, sha256_of(path)
    except OSError as error:
        raise SourceError(f"cannot read `{path}`: {error.strerror or error}", hint="check that it exists and is readable") from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal.

    Raises:
        OSError: The file cannot be read.
    """
    state = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            state.update(block)
    return state.hexdigest()
