"""From the steps of a file to tasks, the same that Python declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from penstock.engine.definition.dataset import Fingerprinted
from penstock.engine.definition.task import Constant, Task
from penstock.engine.definition.yaml.bodies import Bodies
from penstock.engine.definition.yaml.datasets import Shelf
from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.report import Report, quoted
from penstock.engine.definition.yaml.step import Cast, Step

_BRACED = re.compile(r"\{\{\w+\}\}|\{([^\W\d]\w*)\}")
_RESERVED = "PENSTOCK_"


@dataclass(frozen=True, slots=True)
class TaskMaker:
    """Makes the tasks of a file's steps.

    Args:
        top: What the file says of all steps.
        params: The names of the pipeline's parameters.
    """

    top: Mapping[str, Told]
    cwd: Path
    params: tuple[str, ...]
    cast: Cast
    bodies: Bodies
    shelf: Shelf
    report: Report

    def make(self, step: Step) -> list[Task]:
        """Return the tasks of a step; none when it cannot be understood, which is told."""
        body = self.bodies.choose(step.fields)
        self._check_texts(step)
        common = self._common(step, body if isinstance(body, Task) else None)
        if body is None:
            return []
        if isinstance(body, Task):
            return [self._python(step, name, body, common) for name in step.tasks]
        return [self._script(step, name, body, common) for name in step.tasks]

    def _script(self, step: Step, name: str, path: Path, common: Mapping[str, Any]) -> Task:
        fields, choice = step.fields, step.tasks[name]
        made = Task.of_script(
            name,
            path,
            folder=self.bodies.folder,
            cwd=self.cwd,
            args=[one.value for one in _listed(fields.get("args"))],
            env=self._env(fields),
            params=[one.value for one in _listed(fields.get("params"))] if "params" in fields else None,
            matrix=choice,
            doc=_one_line(fields.get("description")),
            inputs=self._datasets(step, "inputs", choice) if "inputs" in fields else None,
            outputs=self._datasets(step, "outputs", choice),
        )
        return replace(made, title=step.title_of(name), **common)

    def _python(self, step: Step, name: str, declared: Task, common: Mapping[str, Any]) -> Task:
        told = step.fields["task"]
        above = [task for one in declared.depends_on for task in self.cast.find(Told(one, told.place))]
        given: dict[str, Any] = {**common, "depends_on": tuple(dict.fromkeys([*above, *common.get("depends_on", ())]))}
        if declared.each is not None and "each" not in given:
            given["each"] = self._one(Told(declared.each, told.place))
        for side in ("inputs", "outputs"):
            if side in step.fields:
                given[side] = tuple(self._datasets(step, side, {}))
        return replace(declared, name=name, title=step.title_of(name), **given)

    def _common(self, step: Step, declared: Task | None) -> dict[str, Any]:
        """Return what a step says of its task, whatever it runs; only what it, or the file, says."""
        fields = step.fields
        given: dict[str, Any] = {}
        for key in ("retries", "timeout"):
            if key in fields or (key in self.top and declared is None):
                given[key] = (fields.get(key) or self.top[key]).value
        if "retry_delay" in fields:
            given["backoff"] = Constant(fields["retry_delay"].value)
        if "continue_on_error" in fields:
            given["may_fail"] = fields["continue_on_error"].value
        if "tags" in fields:
            given["tags"] = frozenset(one.value for one in _listed(fields["tags"]))
        versions = [self.top.get("version"), fields.get("version")]
        told = [one.value for one in versions if one is not None]
        if told:
            given["version"] = "-".join([*told, *([declared.version] if declared and declared.version else [])])
        return {**given, **self._upstream(step, declared)}

    def _upstream(self, step: Step, declared: Task | None) -> dict[str, Any]:
        fields = step.fields
        found: dict[str, Any] = {}
        for one in _listed(fields.get("depends_on")):
            if set(self.cast.find(one)) & set(step.tasks):
                self.report.add(one.place, f"step {quoted(step.title)} depends on itself")
        if "depends_on" in fields:
            names = [name for one in _listed(fields["depends_on"]) for name in self.cast.find(one)]
            found["depends_on"] = tuple(name for name in dict.fromkeys(names) if name not in step.tasks)
        if "each" in fields:
            found["each"] = self._one(fields["each"])
        if "failure_tolerance" in fields:
            if "each" not in fields and (declared is None or declared.each is None):
                self.report.add(fields["failure_tolerance"].place, "`failure_tolerance` needs `each`", "use `retries`")
            found["failure_tolerance"] = fields["failure_tolerance"].value
        return found

    def _one(self, told: Told) -> str | None:
        names = self.cast.find(told)
        if len(names) > 1:
            self.report.add(
                told.place, f"{quoted(told.value)} stands for {len(names)} tasks", f"name one: `{names[0]}`"
            )
        return names[0] if names else None

    def _datasets(self, step: Step, side: str, choice: Mapping[str, str]) -> list[Fingerprinted]:
        read = self.shelf.read(step.fields.get(side), choice)
        return list({dataset.name: dataset for dataset, _ in read}.values())

    def _env(self, fields: Mapping[str, Told]) -> dict[str, str]:
        pairs = [*_listed(self.top.get("env")), *_listed(fields.get("env"))]
        return {name.value: value.value for name, value in pairs}

    def _check_texts(self, step: Step) -> None:
        choices = {name.value for name, _ in _listed(step.fields.get("matrix"))}
        for text in _texts(step.fields):
            self.check_braces(text, choices)
        self.check_variables(step.fields.get("env"))
        for one in _listed(step.fields.get("params")):
            if one.value not in self.params:
                hint = self.report.suggest(one.value, self.params) or "declare it under `params` of the pipeline"
                self.report.add(one.place, f"there is no parameter {quoted(one.value)}", hint)

    def check_braces(self, told: Told, choices: set[str]) -> None:
        """Tell where braces hold a name that stands for nothing."""
        known = (*self.params, *sorted(choices))
        for found in _BRACED.finditer(told.value):
            name = found[1]
            if name is not None and name not in known:
                hint = self.report.suggest(name, known) or f"write `{{{{{name}}}}}` for the text itself"
                self.report.add(told.place, f"`{{{name}}}` names neither a parameter nor a value of the matrix", hint)

    def check_variables(self, told: Told | None) -> None:
        """Tell where a variable has a name that Penstock sets itself."""
        for name, _ in _listed(told):
            if name.value.startswith(_RESERVED):
                self.report.add(name.place, f"variables that begin with `{_RESERVED}` are set by Penstock itself")


def _listed(told: Told | None) -> Sequence[Any]:
    return told.value if told is not None else ()


def _texts(fields: Mapping[str, Told]) -> Iterator[Told]:
    yield from _listed(fields.get("args"))
    yield from (value for _, value in _listed(fields.get("env")))


def _one_line(told: Told | None) -> str:
    return " ".join(told.value.split()) if told is not None else ""
