"""Data at rest that tasks read and make, and how its state is observed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from string import Formatter
from typing import Any, Protocol, runtime_checkable

from penstock.errors import AbsentSourceError, DefinitionError, SourceError
from penstock.kit import filehash
from penstock.kit.observation import Observation

__all__ = ["DatasetCatalog", "Feed", "File", "Fingerprinted", "Named", "Observation", "observe_files"]


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
        folder: Where a relative path begins; the working folder when left out.
    """

    path: str
    optional: bool = False
    folder: Path | None = None

    @property
    def name(self) -> str:
        """The path as written."""
        return self.path

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The parameters the path names.

        Raises:
            DefinitionError: A brace is left open.
        """
        try:
            return tuple(field for _, field, _, _ in Formatter().parse(self.path) if field is not None)
        except ValueError as error:
            raise DefinitionError(f"the path `{self.path}` is no pattern: {error}") from error

    def fingerprint(self, params: Mapping[str, Any], known: Observation | None) -> Observation:
        """Return the fingerprint of names and bytes; a file whose size and times did not move is not read again.

        Raises:
            SourceError: No file matches, or one cannot be read.
        """
        pattern = self._pattern(params)
        present = _match(pattern if self.folder is None else str(self.folder / pattern))
        if not present and not self.optional:
            raise AbsentSourceError(f"no file matches `{pattern}`", hint="check the path, or make the file first")
        return observe_files(present, known)

    def _pattern(self, params: Mapping[str, Any]) -> str:
        try:
            return self.path.format_map(dict(params))
        except ValueError as error:
            raise SourceError(
                f"the path `{self.path}` is no pattern: {error}", hint="check it in the pipeline"
            ) from error


@dataclass(frozen=True, slots=True)
class Feed:
    """What a publisher adds to at any time: nobody can tell that it stands still, so whatever reads it runs when asked.

    Args:
        source: Name of the source.
    """

    source: str

    @property
    def name(self) -> str:
        """The source, as plans and reasons show it."""
        return f"{self.source} feed"

    def fingerprint(self, params: Mapping[str, Any], known: Observation | None) -> Observation:  # noqa: ARG002 - part of the protocol
        """Return a state that differs from the one last seen, and is the same until that one moves on."""
        looks = 1 if known is None else int(known.value) + 1
        return Observation(str(looks), f"look {looks}")


def _match(pattern: str) -> list[Path]:
    try:
        return [path for path in _candidates(pattern) if path.is_file()]
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SourceError(f"cannot look for `{pattern}`: {why}", hint="check the path in the pipeline") from error


def _candidates(pattern: str) -> list[Path]:
    if not has_magic(pattern):
        return [Path(pattern)]
    return sorted(map(Path, glob(pattern, recursive=True)))  # noqa: PTH207 - a pattern may be absolute


def observe_files(paths: Sequence[Path], known: Observation | None) -> Observation:
    """Return the state of these files: SHA-256 of each, taken over from `known` where a file was not touched.

    Raises:
        SourceError: A file cannot be read.
    """
    try:
        return filehash.observe_files(paths, known)
    except OSError as error:
        raise SourceError(
            f"cannot read `{error.filename}`: {error.strerror or error}", hint="check that it exists and is readable"
        ) from error
