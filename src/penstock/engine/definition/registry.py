"""Finds pipelines: those that come with Penstock, those of installed packages, those of the project's folder."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import DefinitionError, PenstockError, UsageError
from penstock.kit.spelling import did_you_mean, nearest

ENTRY_POINT_GROUP = "penstock.pipelines"


class Registry:
    """Pipelines by name; each module is imported when one of its pipelines is first asked for, or all are listed.

    Args:
        modules: Module to import for a pipeline, by the pipeline's name.
        folder: The project's folder of pipelines: every `.py` file in it whose name begins with no underscore.
        given: Pipelines made in the running program.
        defaults: Other defaults of parameters, by pipeline.
    """

    def __init__(
        self,
        modules: Mapping[str, str] | None = None,
        folder: Path | None = None,
        given: tuple[Pipeline, ...] = (),
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._defaults = dict(defaults or {})
        self._modules = dict(modules or {})
        self._folder = folder
        self._found: dict[str, Pipeline] = {pipeline.name: pipeline for pipeline in given}
        for pipeline in given:
            self._set_defaults(pipeline)
        self._read: set[Path] = set()
        #: Files that could not be read, with the reason.
        self.broken: dict[Path, PenstockError] = {}

    def get(self, name: str) -> Pipeline:
        """Return the pipeline of this name.

        Raises:
            UsageError: There is none.
            DefinitionError: Its file cannot be read.
        """
        if name not in self._found:
            self._look_for(name)
        if name not in self._found:
            everything = self.all()
            if name not in everything:
                raise self._unknown(name)
        return self._found[name]

    def all(self) -> Mapping[str, Pipeline]:
        """Return every pipeline by name; files that cannot be read are told by `broken`."""
        for module in self._modules.values():
            self._take(importlib.import_module(module), module)
        for entry in self._entry_points():
            self._take(importlib.import_module(entry), entry)
        for path in self._files():
            self._try_file(path)
        return dict(sorted(self._found.items()))

    def _unknown(self, name: str) -> PenstockError:
        for path, error in self.broken.items():
            if path.stem.replace("_", "-") == name.replace("_", "-"):
                return error
        hint = did_you_mean(name, self._found) or "see them with `penstock list`"
        if self.broken:
            hint += f"; {len(self.broken)} file(s) could not be read, see `penstock list`"
        return UsageError(f"there is no pipeline `{name}`", hint=hint)

    def _look_for(self, name: str) -> None:
        if name in self._modules:
            self._take(importlib.import_module(self._modules[name]), name)
        elif self._folder is not None:
            likely = self._folder / f"{name.replace('-', '_')}.py"
            if likely.is_file():
                self._try_file(likely)

    def _files(self) -> Iterator[Path]:
        if self._folder is not None and self._folder.is_dir():
            yield from sorted(path for path in self._folder.glob("*.py") if not path.name.startswith("_"))

    @staticmethod
    def _entry_points() -> list[str]:
        if not any(map(_declares_pipelines, sys.path)):
            return []  # the usual case; importlib.metadata alone would take as long as all the rest of a start
        from importlib.metadata import entry_points

        return [entry.value for entry in entry_points(group=ENTRY_POINT_GROUP)]

    def _try_file(self, path: Path) -> None:
        if path in self._read:
            return
        self._read.add(path)
        try:
            self._take(_import_file(path), str(path))
        except PenstockError as error:
            self.broken[path] = error

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
        is_file = self._folder is not None and (self._folder / f"{name.replace('-', '_')}.py").is_file()
        return is_file or name in self._modules or name in self._found

    def _take(self, module: ModuleType, origin: str) -> None:
        for value in vars(module).values():
            if isinstance(value, Pipeline) and value.name not in self._found:
                self._set_defaults(value)
            if isinstance(value, Pipeline) and self._found.setdefault(value.name, value) is not value:
                raise DefinitionError(
                    f"`{origin}` defines pipeline `{value.name}`, which is defined elsewhere too",
                    hint="give it another name",
                )


def _declares_pipelines(folder: str) -> bool:
    group = f"[{ENTRY_POINT_GROUP}]"
    return any(group in file.read_text(encoding="utf-8") for file in Path(folder).glob("*.dist-info/entry_points.txt"))


def _import_file(path: Path) -> ModuleType:
    folder = str(path.parent.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # so that a pipeline may import the modules beside it
    name = f"penstock_project_{path.stem}"
    stamp = path.stat().st_mtime_ns, str(path.resolve())
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__penstock_stamp__", None) == stamp:
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DefinitionError(f"`{path}` is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        vars(module)["__penstock_stamp__"] = stamp
    except PenstockError as error:
        error.message = f"{error.message} (in `{path}`)"
        raise
    except Exception as error:
        line = _line_of(error, path)
        raise DefinitionError(f"`{path}`{line} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _line_of(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}," if error.lineno else ""
    line, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f", line {trace.tb_lineno},"
        trace = trace.tb_next
    return line
