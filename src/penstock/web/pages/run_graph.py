"""The tab with the graph of a run's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.engine.planning.reason import ReasonKind
from penstock.engine.state.records import TaskRun, TaskStatus
from penstock.web.drawing.folding import MOST_NODES
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.node import Node
from penstock.web.pages.run_subject import Subject
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import address
from penstock.web.words import part, took


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return the drawing; None where the tasks are too many for one."""
    subject = matter.subject
    is_folded = len(matter.tasks) > MOST_NODES
    here = f"{subject.here}/tasks/"
    drawing = draw_graph(
        [_node(subject, task, here, note="" if is_folded else _note(subject, task)) for task in matter.tasks],
        edges_of(matter),
        title="graph of the run",
        folded_href=lambda pattern: address(subject.here, tab="tasks", q=pattern.replace("*", "")),
    )
    return {"graph": drawing, "all_tasks": len(matter.tasks)}


def _node(subject: Subject, task: TaskRun, here: str, *, note: str) -> Node:
    standing = subject.standing_of(task)
    is_fresh = standing == TaskStatus.SKIPPED and task.reason.get("kind") == ReasonKind.FRESH.value
    return Node(
        task.task,
        label=subject.title_of(task.task),
        status="fresh" if is_fresh else standing,
        href=here + part(task.task),
        note=note,
    )


def _note(subject: Subject, task: TaskRun) -> str:
    return "" if task.standing == TaskStatus.SKIPPED else took(subject.duration_of(task))


def edges_of(matter: Matter) -> list[tuple[str, str]]:
    """Return which task waits for which: as declared now, and for tasks that are gone as the run had it."""
    pipeline = matter.subject.pipeline
    known = {task.task for task in matter.tasks}
    declared = pipeline.graph if pipeline and known <= pipeline.tasks.keys() else None
    return [
        (above, task.task)
        for task in matter.tasks
        for above in (declared.upstream(task.task) if declared else task.upstream)
        if above in known
    ]
