"""What follows from the datasets of steps: who comes after whom, and whether that ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from penstock.engine.definition.dataset import File
from penstock.engine.definition.task import Task, dataset_name
from penstock.engine.definition.yaml.datasets import Pattern
from penstock.engine.definition.yaml.report import Place, Report, quoted

Places = Mapping[str, Place]


def follow_patterns(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks, each after those that make what it reads by a pattern; equal names are followed anyway.

    One side names a path, the other a pattern: two different patterns are taken to have nothing in common.
    """
    made = [(output.path, task.name) for task in tasks for output in task.outputs if isinstance(output, File)]
    patterns = [(pattern, name) for path, name in made if (pattern := Pattern.of(path)) is not None]
    paths = [(path, name) for path, name in made if Pattern.of(path) is None]
    return [_after_makers(task, paths, patterns) for task in tasks]


def _after_makers(task: Task, paths: Sequence[tuple[str, str]], patterns: Sequence[tuple[Pattern, str]]) -> Task:
    makers: list[str] = []
    inputs = []
    for read in task.inputs:
        found = _makers_of(read.path, paths, patterns) if isinstance(read, File) else []
        found = [name for name in found if name != task.name]
        # What another step is still to make need not be there yet.
        inputs.append(replace(read, optional=True) if isinstance(read, File) and found else read)
        makers += found
    above = tuple(dict.fromkeys([*task.depends_on, *makers]))
    return replace(task, depends_on=above, inputs=tuple(inputs)) if makers else task


def _makers_of(read: str, paths: Sequence[tuple[str, str]], patterns: Sequence[tuple[Pattern, str]]) -> list[str]:
    pattern = Pattern.of(read)
    if pattern is None:
        return [name for made, name in patterns if made.matches(read)]
    return [name for path, name in paths if pattern.matches(path)]


def refuse_two_makers(tasks: Sequence[Task], places: Places, report: Report) -> None:
    """Tell where a dataset is made by two tasks."""
    makers: dict[str, str] = {}
    for task in tasks:
        for name in dict.fromkeys(map(dataset_name, task.outputs)):
            maker = makers.setdefault(name, task.name)
            if maker == task.name:
                continue
            if places[maker] == places[task.name]:
                message = f"{quoted(name)} is made by every task of the matrix"
                report.add(places[maker], message, "name a choice of the matrix in it, such as `out/{choice}.csv`")
            else:
                message = f"{quoted(name)} is made by `{maker}` too, at {report.show(places[maker])}"
                report.add(places[task.name], message, "let one step make it")


def refuse_circle(tasks: Sequence[Task], places: Places, report: Report) -> None:
    """Tell the first circle that tasks form, with where each of them stands."""
    makers = {dataset_name(output): task.name for task in tasks for output in task.outputs}
    edges = {task.name: list(_above(task, makers)) for task in tasks}
    path = _find_circle(edges)
    if path:
        told = " → ".join(f"`{name}` ({report.show(places[name])})" for name in path)
        report.add(places[path[0]], f"steps wait for each other in a circle: {told}", "take one dependency away")


def _above(task: Task, makers: Mapping[str, str]) -> Iterator[str]:
    yield from task.depends_on
    if task.each is not None:
        yield task.each
    for name in map(dataset_name, task.inputs):
        if makers.get(name, task.name) != task.name:
            yield makers[name]


def _find_circle(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a circle, from a name to itself against the arrows of waiting; empty when there is none."""
    waiting = {name: set(above) & edges.keys() for name, above in edges.items()}
    free = [name for name, above in waiting.items() if not above]
    below: dict[str, list[str]] = {}
    for name, above in waiting.items():
        for other in above:
            below.setdefault(other, []).append(name)
    while free:
        done = free.pop()
        for name in below.get(done, ()):
            waiting[name].discard(done)
            if not waiting[name]:
                free.append(name)
    stuck = [name for name, above in waiting.items() if above]
    path = stuck[:1]
    while path:
        other = next(name for name in edges[path[-1]] if name in waiting[path[-1]])
        if other in path:
            return [other, *reversed(path[path.index(other) :])]
        path.append(other)
    return []
