"""The project's folder of pipelines: what its files make, looked at again when they change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.engine.definition.modules import Stamp, import_file, stamp_of
from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import DefinitionError, PenstockError

if TYPE_CHECKING:
    from penstock.engine.definition.abilities import Abilities

_YAML = (".yaml", ".yml")
#: What a pipeline's YAML file is called in a folder of its own.
OWN_FILES = tuple(f"pipeline{suffix}" for suffix in _YAML)
#: What a file may be called that gives a pipeline of the same name; anything else is never looked for.
_NAME = re.compile(r"[^\W_][\w-]*")
#: In bytes, with the ending: longer names of files are refused by the system.
_LONGEST_FILE = 255
_Stamps = Mapping[Path, Stamp | None]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file made when it was last read.

    Args:
        stamps: Of the file itself and of the others it is made of.
    """

    stamps: _Stamps
    pipelines: tuple[Pipeline, ...] = ()
    error: PenstockError | None = None


class PipelineFolder:
    """The pipelines that files of one folder make.

    Args:
        path: The folder; its parent is the folder scripts run in.
        abilities: What reading a YAML file takes from other rooms.
    """

    def __init__(self, path: Path, abilities: Abilities | None = None) -> None:
        self._path = path
        self._abilities = abilities
        self._read: dict[Path, _Read] = {}

    @property
    def project(self) -> Path:
        """The folder that holds it."""
        return self._path.absolute().parent

    def refresh(self, name: str | None = None) -> None:
        """Read files that are new or changed, and forget those that are gone.

        Args:
            name: Look only at files that give, or gave, a pipeline of this name; at all of them when None.
        """
        if name is None:
            self._read = {path: self._read[path] for path in self._read if path.is_file()}
        else:
            gave = [path for path, read in self._read.items() if _gives(read, name)]
            self._read = {path: read for path, read in self._read.items() if path not in gave or path.is_file()}
        for path in list(self._files() if name is None else self._likely(name)):
            known = self._read.get(path)
            if known is None or any(stamp_of(file) != stamp for file, stamp in known.stamps.items()):
                self._read[path] = self._read_now(path)

    @property
    def broken(self) -> Mapping[Path, PenstockError]:
        """Files that make no pipeline, with the reason: they cannot be read, or give a name that others give too."""
        errors = {path: read.error for path, read in self._read.items() if read.error is not None}
        for name, paths in self._givers().items():
            if len(paths) > 1:
                files = " and ".join(f"`{path}`" for path in sorted(paths))
                for path in paths:
                    errors[path] = DefinitionError(
                        f"{files} give one pipeline, `{name}`", hint="rename one of the files"
                    )
        return dict(sorted(errors.items()))

    def pipelines(self) -> Iterator[tuple[Path, Pipeline]]:
        """Yield the pipelines that only one file gives, with that file."""
        givers = self._givers()
        for path, read in sorted(self._read.items()):
            for pipeline in read.pipelines:
                if len(givers[canonical(pipeline.name)]) == 1:
                    yield path, pipeline

    def files_for(self, name: str) -> Iterator[Path]:
        """Yield the files whose names say that they give a pipeline of this name."""
        if not _can_be_stem(name):
            return
        for stem in dict.fromkeys((name, name.replace("-", "_"), name.replace("_", "-"))):
            found = [self._path / f"{stem}{suffix}" for suffix in (".py", *_YAML)]
            found += [self._path / stem / file for file in OWN_FILES]
            yield from (path for path in found if _counts(path, self._path) and path.is_file())

    def _likely(self, name: str) -> Iterator[Path]:
        yield from dict.fromkeys(
            [*self.files_for(name), *(path for path, read in self._read.items() if _gives(read, name))]
        )

    def _files(self) -> Iterator[Path]:
        if self._path.is_dir():
            found = [one for suffix in (".py", *_YAML) for one in self._path.glob(f"*{suffix}")]
            found += [one for file in OWN_FILES for one in self._path.glob(f"*/{file}")]
            yield from sorted(path for path in found if _counts(path, self._path) and path.is_file())

    def _givers(self) -> dict[str, list[Path]]:
        givers: dict[str, list[Path]] = {}
        for path, read in self._read.items():
            for pipeline in read.pipelines:
                givers.setdefault(canonical(pipeline.name), []).append(path)
        return givers

    def _read_now(self, path: Path) -> _Read:
        # The stamp is taken before the file is read: a change in between is noticed at the next look.
        stamps = {path: stamp_of(path)}
        if path.suffix in _YAML:
            return self._read_yaml(path, stamps)
        try:
            module = import_file(path)
        except PenstockError as error:
            return _Read(stamps, error=error)
        found = [value for value in vars(module).values() if isinstance(value, Pipeline)]
        return _Read(stamps, tuple(dict.fromkeys(found)))

    def _read_yaml(self, path: Path, stamps: _Stamps) -> _Read:
        from penstock.engine.definition.yaml.load import Loader

        loader = Loader(path, self.project, self._abilities)
        try:
            pipeline = loader.load()
        except PenstockError as error:
            return _Read({**stamps, **loader.stamps}, error=error)
        return _Read({**stamps, **loader.stamps}, (pipeline,))


def canonical(name: str) -> str:
    """Return a name as it is compared: `-` and `_` are the same."""
    return name.replace("_", "-")


def _can_be_stem(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and len(f"{name}{max(_YAML, key=len)}".encode()) <= _LONGEST_FILE


def _gives(read: _Read, name: str) -> bool:
    return any(canonical(pipeline.name) == canonical(name) for pipeline in read.pipelines)


def _counts(path: Path, folder: Path) -> bool:
    return not any(part.startswith(("_", ".")) for part in path.relative_to(folder).parts)
