"""The tab with the graph of a run's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.engine.planning.reason import ReasonKind
from penstock.engine.state.records import TaskRun, TaskStatus
from penstock.web.drawing.graph import draw_graph
from penstock.web.drawing.node import Node
from penstock.web.pages.run_subject import Subject
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import address
from penstock.web.words import took


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return the drawing; None where the tasks are too many for one."""
    subject = matter.subject
    drawing = draw_graph(
        [_node(subject, task) for task in matter.tasks],
        edges_of(matter),
        title="graph of the run",
        folded_href=lambda pattern: address(subject.here, tab="tasks", q=pattern.replace("*", "")),
    )
    return {"graph": drawing, "all_tasks": len(matter.tasks)}


def _node(subject: Subject, task: TaskRun) -> Node:
    status = subject.status_of(task)
    is_fresh = status is TaskStatus.SKIPPED and task.reason.get("kind") == ReasonKind.FRESH.value
    note = "" if status is TaskStatus.SKIPPED else took(subject.duration_of(task))
    return Node(
        task.task,
        label=subject.title_of(task.task),
        status="fresh" if is_fresh else status.value,
        href=subject.address_of(task.task),
        note=note,
    )


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
