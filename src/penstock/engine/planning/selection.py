"""Selectors to tasks: `name`, `+name`, `name+`, globs and `tag:x`."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from penstock.engine.definition.pipeline import Pipeline
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean


def select(pipeline: Pipeline, tasks: Iterable[str] = (), skip: Iterable[str] = ()) -> frozenset[str]:
    """Return the tasks chosen by the selectors, without those chosen by `skip`; all tasks when none is given.

    Raises:
        UsageError: A selector matches no task.
    """
    wanted = [_match(pipeline, selector) for selector in tasks]
    chosen: set[str] = set().union(*wanted) if wanted else set(pipeline.tasks)
    for selector in skip:
        chosen -= _match(pipeline, selector)
    return frozenset(chosen)


def _match(pipeline: Pipeline, selector: str) -> set[str]:
    core = selector.strip()
    up, down = core.startswith("+"), core.endswith("+")
    core = core.removeprefix("+").removesuffix("+")
    found = _match_names(pipeline, core)
    if not found:
        raise UsageError(
            f"`{selector}` matches no task of pipeline `{pipeline.name}`",
            hint=did_you_mean(core, pipeline.tasks) or f"see them with `penstock show {pipeline.name}`",
        )
    above = pipeline.graph.ancestors(found) if up else set()
    below = pipeline.graph.descendants(found) if down else set()
    return found | above | below


def _match_names(pipeline: Pipeline, core: str) -> set[str]:
    if core in pipeline.tasks:
        return {core}
    if core.startswith("tag:"):
        tag = core.removeprefix("tag:")
        return {task.name for task in pipeline.tasks.values() if tag in task.tags}
    if any(mark in core for mark in "*?["):
        return {name for name in pipeline.tasks if fnmatchcase(name, core)}
    return set()
