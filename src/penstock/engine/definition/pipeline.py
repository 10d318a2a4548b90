"""The pipeline: tasks, parameters and datasets under one name, validated when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.engine.definition.dataset import File, Named
from penstock.engine.definition.deployment import Deployment
from penstock.engine.definition.graph import Graph
from penstock.engine.definition.param import Param, partition_of, resolve_params, with_defaults
from penstock.engine.definition.task import Task, dataset_name
from penstock.errors import DefinitionError, UsageError
from penstock.kit.spelling import did_you_mean


class Pipeline:
    """A named set of tasks with parameters.

    Args:
        name: What a person types: words joined by hyphens.
        tasks: In the order they are to be shown and, where dependencies leave a choice, run.
        params: Typed parameters; each becomes a flag.
        datasets: Tables the tasks name as inputs and outputs.
        doc: One line that says what it makes.
        default_tasks: Selectors of the tasks a run is about when it chooses none; empty for all.
        deployments: When it, or some of its tasks, are to run.
        title: What a person called it, where the name had to be spelt otherwise.
        workers: How many of its tasks may run at once, where nobody says otherwise; 1 keeps the order of the tasks.
        file: The YAML file it was read from.
        status_file: Where other tools look how its tasks stand; None for a pipeline that keeps no such file.

    A task that reads a dataset another task makes depends on that task; it need not say so.

    Raises:
        DefinitionError: A name is taken twice or unknown, two tasks make one dataset, or tasks form a circle.
    """

    def __init__(
        self,
        name: str,
        *,
        tasks: Iterable[Task],
        params: Iterable[Param] = (),
        datasets: Iterable[Named] = (),
        doc: str = "",
        default_tasks: Iterable[str] = (),
        deployments: Iterable[Deployment] = (),
        title: str = "",
        workers: int | None = None,
        file: Path | None = None,
        status_file: Path | None = None,
    ) -> None:
        if not name.replace("-", "").replace("_", "").isalnum():
            raise DefinitionError(f"pipeline `{name}` must be named by letters, digits and hyphens")
        self.name = name
        self.doc = doc
        self.title = title or name
        self.workers = workers
        self.file = file
        self.status_file = status_file
        self.params = tuple(params)
        self.tasks: Mapping[str, Task] = self._by_name("task", tasks)
        self.datasets: Mapping[str, Named] = self._by_name("dataset", datasets)
        self._by_name("parameter", self.params)
        self.producers = self._producers()
        self.updaters = self._updaters()
        self.graph = Graph({task.name: self._upstream(task) for task in self.tasks.values()})
        self.default_tasks = tuple(default_tasks)
        self.deployments: Mapping[str, Deployment] = self._by_name("deployment", deployments)

    def _by_name(self, kind: str, things: Iterable[Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for thing in things:
            if thing.name in found:
                raise DefinitionError(f"pipeline `{self.name}` has two of {kind} `{thing.name}`")
            found[thing.name] = thing
        return found

    def _producers(self) -> dict[str, str]:
        makers: dict[str, str] = {}
        for task in self.tasks.values():
            for output in map(dataset_name, task.outputs):
                if output in makers:
                    raise DefinitionError(
                        f"tasks `{makers[output]}` and `{task.name}` of pipeline `{self.name}` both make `{output}`",
                        hint="let one task make it, or give the datasets names of their own",
                    )
                makers[output] = task.name
        return makers

    def _updaters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for task in self.tasks.values():
            for name in task.updates:
                if name not in self.producers:
                    raise DefinitionError(
                        f"task `{task.name}` of pipeline `{self.name}` updates `{name}`, which no task makes",
                        hint=did_you_mean(name, self.producers),
                    )
                found.setdefault(name, []).append(task.name)
        return found

    def _upstream(self, task: Task) -> Sequence[str]:
        above = [*task.depends_on, *([task.each] if task.each else [])]
        for name in above:
            if name not in self.tasks:
                raise DefinitionError(
                    f"task `{task.name}` of pipeline `{self.name}` depends on `{name}`, which does not exist",
                    hint=did_you_mean(name, self.tasks),
                )
        self._refuse_placeholders(task)
        for read in task.inputs:
            if isinstance(read, str) and read not in self.producers and read not in self.datasets:
                known = [*self.producers, *self.datasets]
                raise DefinitionError(
                    f"task `{task.name}` of pipeline `{self.name}` reads `{read}`, which no task makes",
                    hint=did_you_mean(read, known),
                )
        reads = list(map(dataset_name, task.inputs))
        makers = [self.producers.get(name) for name in (*reads, *task.updates)]
        correctors = [name for read in reads if read not in task.updates for name in self.updaters.get(read, ())]
        return [*above, *(name for name in (*makers, *correctors) if name and name != task.name)]

    def _refuse_placeholders(self, task: Task) -> None:
        known = [param.name for param in self.params]
        for dataset in (*task.inputs, *task.outputs):
            for name in dataset.placeholders if isinstance(dataset, File) else ():
                if name not in known:
                    raise DefinitionError(
                        f"task `{task.name}` names `{dataset_name(dataset)}`, but there is no parameter `{name}`",
                        hint=did_you_mean(name, known),
                    )

    def task(self, name: str) -> Task:
        """Return the task of this name.

        Raises:
            UsageError: There is none.
        """
        if name not in self.tasks:
            raise UsageError(f"pipeline `{self.name}` has no task `{name}`", hint=did_you_mean(name, self.tasks))
        return self.tasks[name]

    def deployment(self, name: str) -> Deployment:
        """Return the deployment of this name.

        Raises:
            UsageError: There is none.
        """
        if name not in self.deployments:
            hint = did_you_mean(name, self.deployments) or "see them with `penstock deploy --summary`"
            raise UsageError(f"pipeline `{self.name}` has no deployment `{name}`", hint=hint)
        return self.deployments[name]

    def set_defaults(self, values: Mapping[str, Any]) -> None:
        """Give parameters other defaults: those of a project.

        Raises:
            UsageError: There is no such parameter, or a value does not fit.
        """
        self.params = with_defaults(self.params, values)

    def resolve(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a checked value for every parameter.

        Raises:
            UsageError: A given name is unknown, a value does not fit, or a required one is missing.
        """
        return resolve_params(self.params, given)

    def resolve_partition(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return a checked value for every parameter that names the slice of data, whatever else is given.

        Raises:
            UsageError: One is missing, or a value does not fit.
        """
        naming = [param for param in self.params if param.partition]
        names = {param.name for param in naming}
        return resolve_params(naming, {name: value for name, value in given.items() if name in names})

    def partition(self, values: Mapping[str, Any]) -> str:
        """Return the text that names the slice of data these parameter values choose."""
        return partition_of(self.params, values)
