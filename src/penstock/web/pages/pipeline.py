"""One pipeline: its graph and steps with how each last ended, its last runs, and the form that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Task, dataset_name
from penstock.engine.state.schedules import StoredDeployment
from penstock.engine.triggers.calendar.zone import Tick
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.view import TaskView
from penstock.web.console import Console
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.lineage import draw_lineage
from penstock.web.drawing.node import Kind, Node
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.field import field_of
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
    """

    task: Task
    newest: TaskView | None
    place: str
    upstream: Sequence[str]
    is_tested: bool

    @property
    def status(self) -> str:
        """Where it stands, or nothing."""
        return self.newest.status.value if self.newest else ""


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
    pipeline = engine.pipeline(ask.path["pipeline"])
    steps = _steps(console, pipeline)
    given = {name.removeprefix("param."): value for name, value in ask.query.items() if name.startswith("param.")}
    facts = {
        "pipeline": pipeline,
        "steps": steps[:_MOST_STEPS],
        "more": max(0, len(steps) - _MOST_STEPS),
        "total": len(steps),
        "tested": sum(step.is_tested for step in steps),
        "runs": engine.history(pipeline.name, limit=_LAST_RUNS),
        "grid": engine.survey.grid(pipeline.name, _LAST_RUNS),
        "graph": _graph(pipeline, steps),
        "lineage": _lineage(pipeline),
        "fields": [field_of(param, given) for param in pipeline.params],
        "chosen": ask.query.get("tasks", ""),
        "is_open": bool(given) or "tasks" in ask.query or len(pipeline.params) <= _SHORT_FORM,
        "scheduled": _scheduled(console, pipeline),
    }
    regions = ("state", "graph", "steps", "grid")
    return Page("pipeline", pipeline.title, facts, regions, Topic())


def _steps(console: Console, pipeline: Pipeline) -> list[Step]:
    newest = {view.name: view for view in console.engine.why(pipeline.name)}
    tested = {
        mark.task for mark in console.engine.store.list_marks(pipeline.name) if mark.name == "tested" and mark.value
    }
    return [
        Step(task, newest.get(name), _place(task), pipeline.graph.upstream(name), name in tested)
        for name, task in ((name, pipeline.tasks[name]) for name in pipeline.graph.order)
    ]


def _place(task: Task) -> str:
    if task.script is not None:
        return task.script.shown_path
    return f"{getattr(task.body, '__module__', '')}.{getattr(task.body, '__qualname__', '')}".strip(".")


def _graph(pipeline: Pipeline, steps: Sequence[Step]) -> str | None:
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
    return draw_graph(nodes, _edges(pipeline), title=f"graph of {pipeline.title}")


def _edges(pipeline: Pipeline) -> list[tuple[str, str]]:
    return [(above, name) for name in pipeline.graph.order for above in pipeline.graph.upstream(name)]


def _lineage(pipeline: Pipeline) -> str | None:
    """Return which tasks read and make which datasets; None where none are declared."""
    tasks = [Node(name, label=task.title or name) for name, task in pipeline.tasks.items()]
    names = dict.fromkeys(
        dataset_name(data) for task in pipeline.tasks.values() for data in (*task.inputs, *task.outputs)
    )
    datasets = [
        Node(name, href=f"/datasets/{part(name)}?pipeline={part(pipeline.name)}", kind=Kind.DATASET) for name in names
    ]
    reads = [(task.name, dataset_name(data)) for task in pipeline.tasks.values() for data in task.inputs]
    makes = [(task.name, dataset_name(data)) for task in pipeline.tasks.values() for data in task.outputs]
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
