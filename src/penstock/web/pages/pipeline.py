"""One pipeline: its graph and steps with how each last ended, its last runs, and the form that starts it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Task, dataset_name
from penstock.engine.state.schedules import StoredDeployment
from penstock.engine.triggers.calendar.zone import Tick
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.view import TaskView
from penstock.errors import PenstockError
from penstock.web.asking import is_set
from penstock.web.console import Console
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.lineage import draw_lineage
from penstock.web.drawing.node import Kind, Node
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.dataset_known import params_of, title_of
from penstock.web.pages.field import field_of
from penstock.web.pages.pipeline_stored import show_stored
from penstock.web.paging import address
from penstock.web.words import part, took

_LAST_RUNS = 15
_NEXT_FIRES = 5
#: A list of more steps helps nobody; the pages of runs have filters.
_MOST_STEPS = 200
#: A form of more parameters waits, folded, until somebody wants it.
_SHORT_FORM = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One task in the list.

    Args:
        newest: Its newest task run that was decided about; None before the first.
        place: The script or function it runs.
        upstream: Titles of the tasks it waits for.
    """

    task: Task
    newest: TaskView | None
    place: str
    upstream: Sequence[str]
    is_tested: bool

    @property
    def status(self) -> str:
        """Where it stands, or nothing."""
        return self.newest.standing if self.newest else ""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One deployment: declared, and perhaps recorded.

    Args:
        recorded: None while no scheduler follows it.
    """

    name: str
    trigger: str
    doc: str
    recorded: StoredDeployment | None
    ticks: Sequence[Tick]


def show(console: Console, ask: Ask) -> Page:
    """Return the page of a pipeline; `param.<name>` in the query fills its form beforehand."""
    engine = console.engine
    try:
        pipeline = engine.pipeline(ask.path["pipeline"])
    except PenstockError as error:
        return show_stored(console, ask.path["pipeline"], error)
    steps, runs = _steps(console, pipeline), engine.history(pipeline.name, limit=_LAST_RUNS)
    given = {name.removeprefix("param."): value for name, value in ask.query.items() if name.startswith("param.")}
    facts = {
        "pipeline": pipeline,
        "steps": steps[:_MOST_STEPS],
        "more": max(0, len(steps) - _MOST_STEPS),
        "total": len(steps),
        "tested": sum(step.is_tested for step in steps),
        "runs": runs,
        "grid": engine.survey.grid(pipeline.name, _LAST_RUNS),
        "graph": _graph(pipeline, steps, runs[0].run.run_id if runs else ""),
        "lineage": _lineage(console, pipeline),
        "fields": [field_of(param, given) for param in pipeline.params],
        "chosen": ask.query.get("tasks", ""),
        "is_forced": is_set(ask.lists, "force"),
        "goes_on": is_set(ask.lists, "continue_on_failure"),
        "is_open": bool(ask.query) or len(pipeline.params) <= _SHORT_FORM,
        "scheduled": _scheduled(console, pipeline),
    }
    regions = ("state", "graph", "steps", "grid", "schedule")
    return Page("pipeline", pipeline.title, facts, regions, Topic())


def _steps(console: Console, pipeline: Pipeline) -> list[Step]:
    newest = {view.name: view for view in console.engine.why(pipeline.name)}
    tested = {
        mark.task for mark in console.engine.store.list_marks(pipeline.name) if mark.name == "tested" and mark.value
    }
    return [
        Step(task, newest.get(name), _place(task), _titles(pipeline, pipeline.graph.upstream(name)), name in tested)
        for name, task in ((name, pipeline.tasks[name]) for name in pipeline.graph.order)
    ]


def _place(task: Task) -> str:
    if task.script is not None:
        return task.script.shown_path
    function = getattr(task.body, "__wrapped__", task.body)
    code = getattr(function, "__code__", None)
    return f"{Path(code.co_filename).name}:{function.__qualname__}" if code else ""


def _titles(pipeline: Pipeline, tasks: Iterable[str]) -> list[str]:
    return [pipeline.tasks[name].title or name for name in tasks]


def _graph(pipeline: Pipeline, steps: Sequence[Step], newest_run: str) -> str | None:
    """Return the tasks as they last stood; of many told as one, the newest run lists each."""
    here = f"/pipelines/{part(pipeline.name)}/tasks/"
    nodes = [
        Node(
            step.task.name,
            label=step.task.title or step.task.name,
            status=step.status,
            href=here + part(step.task.name),
            note=took(step.newest.duration) if step.newest and step.status == "completed" else "",
        )
        for step in steps
    ]

    def folded_href(pattern: str) -> str:
        return address(f"/runs/{part(newest_run)}", tab="tasks", q=pattern.replace("*", "")) if newest_run else ""

    return draw_graph(nodes, _edges(pipeline), title=f"graph of {pipeline.title}", folded_href=folded_href)


def _edges(pipeline: Pipeline) -> list[tuple[str, str]]:
    return [(above, name) for name in pipeline.graph.order for above in pipeline.graph.upstream(name)]


def _lineage(console: Console, pipeline: Pipeline) -> str | None:
    """Return which tasks read and make which datasets; None where none are declared."""
    touching = [task for task in pipeline.tasks.values() if task.inputs or task.outputs or task.updates]
    tasks = [Node(task.name, label=task.title or task.name) for task in touching]
    reads = [(task.name, dataset_name(data)) for task in touching for data in task.inputs]
    makes = [(task.name, dataset_name(data)) for task in touching for data in (*task.outputs, *task.updates)]
    names = dict.fromkeys(name for _, name in (*reads, *makes))
    params = params_of(console, pipeline) if any("{" in name for name in names) else {}
    here = f"?pipeline={part(pipeline.name)}"
    datasets = [
        Node(name, label=title_of(name, params), href=f"/datasets/{part(name)}{here}", kind=Kind.DATASET)
        for name in names
    ]
    return draw_lineage(tasks, datasets, reads=reads, writes=makes) if names else None


def _scheduled(console: Console, pipeline: Pipeline) -> list[Scheduled]:
    deployments = Deployments(console.engine)
    recorded = [one for one in deployments.list_all() if one.pipeline == pipeline.name]
    found = [
        Scheduled(one.name, one.trigger, _doc(pipeline, one), one, deployments.next_ticks(one, _NEXT_FIRES))
        for one in recorded
    ]
    known = {one.deployment for one in recorded}
    return found + [
        Scheduled(name, one.trigger.text, one.doc, None, ())
        for name, one in pipeline.deployments.items()
        if name not in known
    ]


def _doc(pipeline: Pipeline, recorded: StoredDeployment) -> str:
    declared = pipeline.deployments.get(recorded.deployment)
    return declared.doc if declared else "no longer declared by the pipeline"
