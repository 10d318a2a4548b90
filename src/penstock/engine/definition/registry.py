"""Finds pipelines: those that come with Penstock, those of installed packages, those of the project's folder."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from penstock.engine.definition.folder import OWN_FILES, PipelineFolder, canonical
from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import DefinitionError, PenstockError, UsageError
from penstock.kit.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from penstock.engine.definition.abilities import Abilities

ENTRY_POINT_GROUP = "penstock.pipelines"


class Registry:
    """Pipelines by name; each module or file is read when one of its pipelines is first asked for, or all are listed.

    Files of the project that appear, change or go are noticed at the next call. Any thread may call.

    Args:
        modules: Module to import for a pipeline, or its YAML file, by the pipeline's name.
        folder: The project's folder of pipelines: every `.py` and YAML file in it whose name begins with no underscore,
            and every `pipeline.yaml` one folder below.
        given: Pipelines made in the running program.
        defaults: Other defaults of parameters, by pipeline.
        abilities: What reading a YAML file takes from other rooms.
        status_folder: Where pipelines that come with Penstock keep their status files.
    """

    def __init__(
        self,
        modules: Mapping[str, str | Path] | None = None,
        folder: Path | None = None,
        given: tuple[Pipeline, ...] = (),
        *,
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
        abilities: Abilities | None = None,
        status_folder: Path | None = None,
    ) -> None:
        self._defaults = dict(defaults or {})
        self._modules = dict(modules or {})
        self._folder = PipelineFolder(folder, abilities) if folder is not None else None
        self._abilities = abilities
        self._status_folder = status_folder
        self._lock = RLock()
        self._are_imported = False
        # Those that no file of the project's folder makes.
        self._found: dict[str, Pipeline] = {pipeline.name: pipeline for pipeline in given}
        self._set: dict[str, Pipeline] = {}
        self._broken: dict[Path, PenstockError] = {}
        for pipeline in given:
            self._set_defaults(pipeline)

    @property
    def broken(self) -> Mapping[Path, PenstockError]:
        """Files that could not be read when they were last looked at, with the reason."""
        with self._lock:
            return dict(self._broken)

    def get(self, name: str) -> Pipeline:
        """Return the pipeline of this name; underscores will do for hyphens.

        Raises:
            UsageError: There is none.
            DefinitionError: Its file cannot be read.
        """
        with self._lock:
            known = self._find_quickly(name)
            if known is None:
                everything = self._everything()
                known = everything.get(name) or _by_likeness(name, everything)
            if known is None:
                raise self._unknown(name)
            return known

    def all(self) -> Mapping[str, Pipeline]:
        """Return every pipeline by name; files that cannot be read are told by `broken`."""
        with self._lock:
            return dict(sorted(self._everything().items()))

    def _everything(self) -> dict[str, Pipeline]:
        if not self._are_imported:
            for name in self._modules:
                self._import(name)
            for entry in self._entry_points():
                self._take(importlib.import_module(entry), entry)
            self._are_imported = True
        return {**self._found, **self._in_folder(None)}

    def _find_quickly(self, name: str) -> Pipeline | None:
        """Return a pipeline without looking at everything, where its name tells where it is."""
        if name in self._found:
            return self._found[name]
        spelt = next((one for one in (name, canonical(name)) if one in self._modules), None)
        if spelt is not None:
            self._import(spelt)
            return self._found.get(spelt)
        return None if self._folder is None else _by_likeness(name, self._in_folder(name))

    def _in_folder(self, name: str | None) -> dict[str, Pipeline]:
        """Return what the files of the project's folder make now: all of them, or those a name points at."""
        if self._folder is None:
            return {}
        self._folder.refresh(name)
        found: dict[str, Pipeline] = {}
        self._broken = dict(self._folder.broken)
        for path, pipeline in self._folder.pipelines():
            try:
                self._admit(pipeline, path)
            except PenstockError as error:
                self._broken.setdefault(path, error)
            else:
                found[pipeline.name] = pipeline
        return found

    def _admit(self, pipeline: Pipeline, path: Path) -> None:
        if pipeline.name in self._found or pipeline.name in self._modules:
            raise DefinitionError(
                f"`{path}` defines pipeline `{pipeline.name}`, which is defined elsewhere too",
                hint="give it another name",
            )
        if self._set.get(pipeline.name) is not pipeline:
            self._set_defaults(pipeline)
            self._set[pipeline.name] = pipeline

    def _unknown(self, name: str) -> PenstockError:
        broken = self.broken
        for path, error in broken.items():
            if canonical(name) == canonical(path.parent.name if path.name in OWN_FILES else path.stem):
                return error
        hint = did_you_mean(name, self._everything()) or "see them with `penstock list`"
        if broken:
            hint += f"; {len(broken)} file(s) could not be read, see `penstock list`"
        return UsageError(f"there is no pipeline `{name}`", hint=hint)

    def _import(self, name: str) -> None:
        origin = self._modules[name]
        if isinstance(origin, Path):
            if name not in self._found:
                self._found[name] = self._built_in(name, origin)
        else:
            self._take(importlib.import_module(origin), name)

    def _built_in(self, name: str, path: Path) -> Pipeline:
        from penstock.engine.definition.yaml.load import load_pipeline

        project = self._folder.project if self._folder is not None else Path.cwd()
        status = self._status_folder / f"{name}.json" if self._status_folder is not None else None
        pipeline = load_pipeline(path, project, abilities=self._abilities, status_file=status)
        self._set_defaults(pipeline)
        return pipeline

    @staticmethod
    def _entry_points() -> list[str]:
        if not any(map(_declares_pipelines, sys.path)):
            return []  # the usual case; importlib.metadata alone would take as long as all the rest of a start
        from importlib.metadata import entry_points

        return [entry.value for entry in entry_points(group=ENTRY_POINT_GROUP)]

    def _set_defaults(self, pipeline: Pipeline) -> None:
        meant = None if pipeline.name in self._defaults else nearest(pipeline.name, self._defaults, likeness=0.9)
        if meant is not None and not self._may_exist(meant):
            raise UsageError(
                f"setting `params.{meant}` names no pipeline", hint=f"did you mean `params.{pipeline.name}`?"
            )
        values = self._defaults.get(pipeline.name)
        if values:
            try:
                pipeline.set_defaults(values)
            except UsageError as error:
                raise UsageError(f"setting `params.{pipeline.name}`: {error.message}", hint=error.hint) from error

    def _may_exist(self, name: str) -> bool:
        is_file = self._folder is not None and any(True for _ in self._folder.files_for(name))
        return is_file or name in self._modules or name in self._found

    def _take(self, module: ModuleType, origin: str) -> None:
        for pipeline in pipelines_in(module):
            if self._found.get(pipeline.name) is pipeline:
                continue
            if pipeline.name in self._found:
                raise DefinitionError(
                    f"`{origin}` defines pipeline `{pipeline.name}`, which is defined elsewhere too",
                    hint="give it another name",
                )
            self._set_defaults(pipeline)
            self._found[pipeline.name] = pipeline


def pipelines_in(module: ModuleType) -> Iterator[Pipeline]:
    """Yield the pipelines a module declares."""
    return (value for value in vars(module).values() if isinstance(value, Pipeline))


def _by_likeness(name: str, known: Mapping[str, Pipeline]) -> Pipeline | None:
    alike: Iterable[Pipeline] = (one for one in known.values() if canonical(one.name) == canonical(name))
    return known.get(name) or next(iter(alike), None)


def _declares_pipelines(folder: str) -> bool:
    group = f"[{ENTRY_POINT_GROUP}]"
    return any(group in file.read_text(encoding="utf-8") for file in Path(folder).glob("*.dist-info/entry_points.txt"))
