"""One task across runs: where it stands in the graph, why it last ran or not, and how its last runs went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from penstock.engine.definition.dataset import Fingerprinted
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import dataset_name
from penstock.engine.reading import RunReader
from penstock.engine.view import TaskView
from penstock.errors import PenstockError
from penstock.web.console import Console
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.node import Node
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.dataset_known import params_of, title_of
from penstock.web.pages.pipeline_stored import find_stored
from penstock.web.pages.task_history import draw_past, find_tested, list_past, past_address
from penstock.web.paging import address
from penstock.web.words import part


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest decision about the task.

    Args:
        href: Address of the task in the run that decided.
        problem: Why it failed; empty when it did not.
    """

    run_id: str
    href: str
    status: str
    reason: str
    duration: timedelta | None
    problem: str
    hint: str


def show(console: Console, ask: Ask) -> Page:
    """Return the page of a task of a pipeline."""
    try:
        pipeline = console.engine.pipeline(ask.path["pipeline"])
    except PenstockError as error:
        return _stored(console, ask, error)
    task = pipeline.task(ask.path["task"])
    decisions = console.engine.why(pipeline.name, task.name)
    past = list_past(console, pipeline.name, task.name)
    newest = _newest(decisions[0]) if decisions else None
    facts = {
        "pipeline": pipeline,
        "task": task,
        "called": task.title or task.name,
        "here": f"/pipelines/{part(pipeline.name)}/tasks/{part(task.name)}",
        "inputs": _datasets(console, pipeline, task.inputs),
        "outputs": _datasets(console, pipeline, task.outputs),
        "upstream": _tasks(pipeline, pipeline.graph.upstream(task.name)),
        "downstream": _tasks(pipeline, pipeline.graph.downstream(task.name)),
        "each": _tasks(pipeline, [task.each] if task.each else []),
        "newest": newest,
        "past": [(one, past_address(one, task.name)) for one in past],
        "durations": draw_past(past, task.name),
        "graph": _surroundings(pipeline, task.name, newest),
        "tested": find_tested(console, pipeline.name, task.name),
    }
    return Page("pipeline_task", f"{task.title or task.name} · {pipeline.title}", facts, ("state", "past"), Topic())


def _stored(console: Console, ask: Ask, error: PenstockError) -> Page:
    """Return what the store tells of a task whose pipeline cannot be read, live regions named as on its own page.

    Raises:
        UsageError: No stored run of such a pipeline has such a task.
    """
    stored, name = find_stored(console, ask.path["pipeline"], error), ask.path["task"]
    decisions = RunReader(console.engine.store, console.clock).newest_decisions(stored.name, None, [name])
    if not decisions:
        raise error
    past = list_past(console, stored.name, name)
    facts = {
        "stored": stored,
        "called": name,
        "newest": _newest(decisions[0]),
        "past": [(one, past_address(one, name)) for one in past],
        "durations": draw_past(past, name),
    }
    return Page("pipeline_task_stored", f"{name} · {stored.name}", facts, ("state", "past"), Topic())


def _tasks(pipeline: Pipeline, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the address and the title of each task."""
    here = f"/pipelines/{part(pipeline.name)}/tasks/"
    return [(here + part(name), pipeline.tasks[name].title or name) for name in names]


def _datasets(console: Console, pipeline: Pipeline, datasets: Sequence[str | Fingerprinted]) -> list[tuple[str, str]]:
    """Return the address and the title of each dataset."""
    names = [dataset_name(one) for one in datasets]
    params = params_of(console, pipeline) if any("{" in name for name in names) else {}
    return [(address(f"/datasets/{part(name)}", pipeline=pipeline.name), title_of(name, params)) for name in names]


def _newest(decided: TaskView) -> Newest:
    failure = decided.failure
    return Newest(
        run_id=decided.run_id,
        href=f"/runs/{part(decided.run_id)}/tasks/{part(decided.name)}",
        status=decided.standing,
        reason=decided.reason,
        duration=decided.duration,
        problem=failure.message if failure else "",
        hint=(failure.hint or "") if failure else "",
    )


def _surroundings(pipeline: Pipeline, task: str, newest: Newest | None) -> str | None:
    """Return the task with what it waits for and what waits for it."""
    upstream, downstream = pipeline.graph.upstream(task), pipeline.graph.downstream(task)
    around = [
        Node(
            name, label=pipeline.tasks[name].title or name, href=f"/pipelines/{part(pipeline.name)}/tasks/{part(name)}"
        )
        for name in dict.fromkeys((*upstream, *downstream))
    ]
    itself = Node(
        task, label=pipeline.tasks[task].title or task, status=newest.status if newest else "", note="this task"
    )
    edges = [(name, task) for name in upstream] + [(task, name) for name in downstream]
    return draw_graph([itself, *around], edges, title="what it waits for, and what waits for it")
