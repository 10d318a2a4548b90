"""What a step runs: a script beside the file, or a `@task` of a Python file there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path

from penstock.engine.definition.modules import import_file
from penstock.engine.definition.task import Task
from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.report import Report, quoted
from penstock.errors import PenstockError

#: Keys that only a script understands.
_OF_SCRIPTS = ("args", "env", "params", "matrix")


@dataclass(frozen=True, slots=True)
class Bodies:
    """Finds what steps run.

    Args:
        folder: The folder of scripts; nothing outside it is run.
        shown_folder: What messages call it.
    """

    folder: Path
    shown_folder: str
    report: Report

    def choose(self, fields: Mapping[str, Told]) -> Path | Task | None:
        """Return the script or the task that a step names; None, which is told, when it names none that can be."""
        script, function = fields.get("script"), fields.get("task")
        if script is not None and function is not None:
            self.report.add(function.place, "a step has either `script` or `task`, not both")
            return None
        if script is not None:
            return self._path(script, script.value)
        if function is not None:
            self._refuse_keys(fields)
            return self._task(function)
        return None

    def _refuse_keys(self, fields: Mapping[str, Told]) -> None:
        for key in _OF_SCRIPTS:
            if key in fields:
                message = f"`{key}` belongs to scripts; a Python task reads `ctx.params`"
                self.report.add(fields[key].place, message, "take it away, or name a `script`")

    def _path(self, told: Told, written: str) -> Path | None:
        path = Path(_normal(self.folder / written))
        if not path.is_relative_to(self.folder) or path == self.folder or self._leads_out(path):
            message = f"{quoted(written)} lies outside `{self.shown_folder}`, the folder of the pipeline's scripts"
            self.report.add(told.place, message, "move the script there")
            return None
        first = written.partition(" ")[0]
        if " " in written and not path.exists() and (self.folder / first).is_file():
            self.report.add(
                told.place, f"{quoted(written)} is no file, but `{first}` is", "arguments stand under `args`"
            )
            return None
        return path

    def _leads_out(self, path: Path) -> bool:
        try:
            return not path.resolve().is_relative_to(self.folder.resolve())
        except (OSError, RuntimeError):
            return False  # links in a circle, a name too long: the run tells it, as it tells a missing file

    def _task(self, told: Told) -> Task | None:
        file, separator, name = told.value.rpartition(":")
        if not separator or not file.endswith(".py") or not name.isidentifier():
            self.report.add(told.place, f"{quoted(told.value)} names no task", "write `file.py:function`")
            return None
        path = self._path(told, file)
        if path is None:
            return None
        if not path.is_file():
            self.report.add(told.place, f"there is no file {quoted(file)} in `{self.shown_folder}`")
            return None
        try:
            module = import_file(path, self.folder.parent)
        except PenstockError as error:
            self.report.add(told.place, error.message, error.hint)
            return None
        return self._declared(told, name, dict(vars(module)))

    def _declared(self, told: Told, name: str, found: Mapping[str, object]) -> Task | None:
        declared = found.get(name)
        if isinstance(declared, Task):
            return declared
        tasks = [one for one, value in found.items() if isinstance(value, Task)]
        hint = "put `@task` above it" if callable(declared) else self.report.suggest(name, tasks)
        self.report.add(told.place, f"{quoted(told.value)} is no task", hint or "declare it with `@task`")
        return None


def iter_task_files(fields: Mapping[str, Told], folder: Path) -> Iterator[Path]:
    """Yield the Python file that a step's task comes from, if it names one."""
    if "task" in fields:
        yield Path(_normal(folder / fields["task"].value.rpartition(":")[0]))


def _normal(path: Path) -> str:
    return normpath(path)  # unlike `resolve`, it keeps links as they are written
