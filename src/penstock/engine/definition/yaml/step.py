"""The steps of a file by name, and the tasks each of them stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from penstock.engine.definition.yaml.forms import Told
from penstock.engine.definition.yaml.report import Place, Report, quoted
from penstock.engine.definition.yaml.slug import LONGEST_NAME, slug

#: A pipeline of more tasks is the work of a program, not of a person.
MOST_TASKS = 2_000
_NO_CHOICE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as written, and the tasks it stands for.

    Args:
        fields: What was read, by key.
        title: What the file calls it; empty when it has no name.
        tasks: The choice out of its matrix, by the name of the task.
    """

    fields: Mapping[str, Told]
    place: Place
    title: str
    tasks: Mapping[str, Mapping[str, str]]

    def title_of(self, task: str) -> str:
        """Return what a person calls one of its tasks; nothing when that is the task's name."""
        values = ", ".join(self.tasks[task].values())
        title = f"{self.title} ({values})" if values else self.title
        return "" if title == task else title


class Cast:
    """All steps of a file, found by any of their names.

    Args:
        read: The steps in the order of the file.
        params: Names that no choice of a matrix may take.
    """

    def __init__(self, read: Sequence[Told], params: Sequence[str], report: Report) -> None:
        self._report = report
        self._params = params
        self._first: dict[str, Place] = {}
        self.steps: list[Step] = []
        count = 0
        for told in read:
            self.steps.append(self._step(told))
            count += len(self.steps[-1].tasks)
            if count > MOST_TASKS:
                report.add(told.place, f"the file makes more than {MOST_TASKS:,} tasks", "hand items over with `each`")
                break
        self._tasks = {word: tuple(step.tasks) for step in self.steps for word in _words(step)}
        self._tasks |= {task: (task,) for step in self.steps for task in step.tasks}
        self._is_complete = all(step.tasks for step in self.steps)

    def find(self, told: Told) -> tuple[str, ...]:
        """Return the tasks that a name in the file stands for; none, which is told, when there is no such step."""
        known = self._tasks.get(told.value) or self._tasks.get(slug(told.value))
        if known is None and self._is_complete:
            titles = [step.title for step in self.steps]
            self._report.add(
                told.place, f"there is no step {quoted(told.value)}", self._report.suggest(told.value, titles)
            )
        return known or ()

    def _step(self, told: Told) -> Step:
        fields: Mapping[str, Told] = told.value
        written = fields.get("name") or _name_of_function(fields.get("task"))
        if written is None:
            return Step(fields, told.place, "", {})
        title = " ".join(written.value.split())
        names = {self._joined(title, choice): choice for choice in self._choices(fields.get("matrix"))}
        fitting = [self._claim(name, written) for name in names]
        return Step(fields, told.place, title, names if all(fitting) else {})

    def _joined(self, title: str, choice: Mapping[str, str]) -> str:
        return ".".join([slug(title), *map(slug, choice.values())])

    def _claim(self, name: str, written: Told) -> bool:
        """Note that a task has this name; return whether any task can."""
        is_empty = not all(name.split("."))
        if is_empty or len(name) > LONGEST_NAME:
            why = "has no letter or digit" if is_empty else f"has more than {LONGEST_NAME} characters"
            self._report.add(written.place, f"the name {quoted(written.value)} {why}", "give another name")
            return False
        first = self._first.setdefault(name, written.place)
        if first is not written.place:
            told = f"two steps are called {quoted(name)}; the other is at {self._report.show(first)}"
            self._report.add(written.place, told, "steps are told apart by the letters and digits of their names")
        return True

    def _choices(self, matrix: Told | None) -> list[Mapping[str, str]]:
        if matrix is None:
            return [_NO_CHOICE]
        lists = {name.value: self._values(name, values) for name, values in matrix.value}
        for name, _ in matrix.value:
            if name.value in self._params:
                self._report.add(name.place, f"`{name.value}` is a parameter already", "give the choice another name")
        if prod(map(len, lists.values())) > MOST_TASKS:
            self._report.add(matrix.place, f"the matrix has more than {MOST_TASKS:,} combinations")
            return [_NO_CHOICE]
        return [dict(zip(lists, combination, strict=True)) for combination in product(*lists.values())]

    def _values(self, name: Told, values: Told) -> list[str]:
        found: dict[str, str] = {}
        for one in values.value:
            if slug(one.value) in found:
                told = f"{quoted(one.value)} of `{name.value}` gives the same name as {quoted(found[slug(one.value)])}"
                self._report.add(one.place, told, "values are told apart by their letters and digits")
            found.setdefault(slug(one.value), one.value)
        return list(found.values())


def _name_of_function(told: Told | None) -> Told | None:
    name = told.value.rpartition(":")[2].strip() if told is not None else ""
    return Told(name, told.place) if told is not None and name else None


def _words(step: Step) -> Iterator[str]:
    if step.tasks:
        yield slug(step.title)
        yield step.title
