"""The datasets that pipelines declare: what each is, who makes it and who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from penstock.engine.definition.dataset import Feed, File
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Task, dataset_name
from penstock.errors import UsageError
from penstock.kit.placeholders import filled
from penstock.kit.spelling import did_you_mean
from penstock.kit.tablelook import Browsable
from penstock.kit.veil import Veil
from penstock.warehouse.table import Table
from penstock.web.console import Console
from penstock.web.paging import address
from penstock.web.words import part


@dataclass(frozen=True, slots=True)
class TaskLink:
    """A task that has to do with a dataset."""

    pipeline: str
    name: str
    title: str

    @property
    def href(self) -> str:
        """Address of the task's page."""
        return f"/pipelines/{part(self.pipeline)}/tasks/{part(self.name)}"


@dataclass(frozen=True, slots=True)
class Known:
    """One dataset, as one pipeline knows it.

    Args:
        title: Its name with the values that the newest run gave for the parameters in it.
        declared: The dataset itself; None where only its name is told.
        maker: None when no task of this pipeline makes it.
        updaters: Tasks that correct what the maker made.
    """

    name: str
    pipeline: Pipeline
    declared: Any
    maker: TaskLink | None
    readers: tuple[TaskLink, ...]
    updaters: tuple[TaskLink, ...]
    title: str

    @property
    def href(self) -> str:
        """Address of its page."""
        return address(f"/datasets/{part(self.name)}", pipeline=self.pipeline.name)

    @property
    def table(self) -> Table | None:
        """Its declaration, when it is a table of the warehouse."""
        return self.declared if isinstance(self.declared, Table) else None

    @property
    def kind(self) -> str:
        """What it is, in a word or two."""
        for kind, word in ((Table, "table"), (File, "file"), (Feed, "feed")):
            if isinstance(self.declared, kind):
                return word
        return "SQLite table" if isinstance(self.declared, Browsable) else "dataset"

    @property
    def layer(self) -> str:
        """How far its rows have come, for a table."""
        return self.table.layer.value if self.table else ""

    @property
    def doc(self) -> str:
        """What it holds, where the declaration says so."""
        return str(getattr(self.declared, "doc", "") or "")


def list_known(console: Console) -> list[Known]:
    """Return every dataset of every pipeline, by pipeline, in the order tasks name them."""
    return [known for pipeline in console.engine.registry.all().values() for known in _of(console, pipeline)]


def find_known(console: Console, name: str, pipeline: str = "") -> list[Known]:
    """Return a dataset as each pipeline knows it: the one asked for first, else the one that makes it.

    Raises:
        UsageError: No pipeline, or not this one, declares such a dataset.
    """
    wanted = console.engine.pipeline(pipeline).name if pipeline else ""
    everything = list_known(console)
    found = [one for one in everything if one.name == name]
    if not any(wanted in ("", one.pipeline.name) for one in found):
        where = f"pipeline `{wanted}`" if wanted else "no pipeline"
        verb = "declares no dataset" if wanted else "declares a dataset"
        names = [one.name for one in everything if wanted in ("", one.pipeline.name)]
        raise UsageError(f"{where} {verb} `{name}`", hint=did_you_mean(name, names) or "see them at /datasets")
    return sorted(found, key=lambda one: (one.pipeline.name != wanted, one.maker is None))


def params_of(console: Console, pipeline: Pipeline, run_id: str | None = None) -> Mapping[str, Any]:
    """Return the parameters of a run, which say where its data lies: of this one, or else of the newest.

    Before the first run, and where a run gave none, they are the defaults.
    """
    store = console.engine.store
    run = store.find_run(run_id) if run_id else next(iter(store.list_runs(pipeline=pipeline.name, limit=1)), None)
    given = {name: value for name, value in run.params.items() if value is not None} if run else {}
    return {**{param.name: param.default for param in pipeline.params if param.default is not None}, **given}


def title_of(name: str, params: Mapping[str, Any]) -> str:
    """Return the name of a dataset with the values of parameters in it, secret ones as stars."""
    return filled(name, Veil.over(params).params)


def _of(console: Console, pipeline: Pipeline) -> Iterator[Known]:
    everything = _declared(pipeline)
    params = params_of(console, pipeline) if any("{" in name for name in everything) else {}
    for name, declared in everything.items():
        maker = pipeline.producers.get(name)
        yield Known(
            name,
            pipeline,
            declared,
            _link(pipeline, pipeline.tasks[maker]) if maker else None,
            tuple(_link(pipeline, task) for task in pipeline.tasks.values() if name in map(dataset_name, task.inputs)),
            tuple(_link(pipeline, task) for task in pipeline.tasks.values() if name in task.updates),
            title_of(name, params),
        )


def _declared(pipeline: Pipeline) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for task in pipeline.tasks.values():
        for dataset in (*task.inputs, *task.outputs):
            name = dataset_name(dataset)
            found[name] = pipeline.datasets.get(name, found.get(name)) if isinstance(dataset, str) else dataset
    return {**found, **{name: one for name, one in pipeline.datasets.items() if name not in found}}


def _link(pipeline: Pipeline, task: Task) -> TaskLink:
    return TaskLink(pipeline.name, task.name, task.title or task.name)
