"""The tab with what a run's tasks read and made: states of datasets, and rows changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from penstock.engine.definition.task import dataset_name
from penstock.engine.events import EventKind
from penstock.engine.state.records import Completion, TaskRun, TaskStatus
from penstock.kit.placeholders import filled
from penstock.warehouse.table import Table
from penstock.web.pages.run_subject import Subject
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import Sheet, address, cut
from penstock.web.words import part

_SHEET = 50
#: What a write tells of its rows, in this order.
_ROW_COUNTS = ("inserted", "changed", "unchanged", "vanished", "repeated")
_DEEPEST = 3
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class State:
    """A dataset as a task saw or left it.

    Args:
        title: Its name as in this run: with the values of its parameters.
        before: Its state when the task last completed, where that is what made it run.
        after: Its state with this completion.
        fingerprint: The same as a short identity.
    """

    name: str
    title: str
    before: str
    after: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Changed:
    """How many rows a task wrote, by what became of them; `what` is empty for its only table."""

    what: str
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """What went into one task and what came out.

    Args:
        fingerprint: Of all it left behind, as the run recorded it; empty where that cannot be told.
        seen_in: Run whose completion tells it, when that is not this run; empty for this run.
        is_known: Whether the states are still kept.
        tables: Tables of the warehouse it writes, with the address of the rows that this run, or the one that is told,
            changed.
    """

    title: str
    href: str
    status: str
    inputs: tuple[State, ...]
    outputs: tuple[State, ...]
    changed: tuple[Changed, ...]
    version: str
    code: tuple[tuple[str, str], ...]
    fingerprint: str
    seen_in: str
    is_known: bool
    tables: tuple[tuple[str, str], ...]


def tell(matter: Matter) -> Mapping[str, Any]:
    """Return one page of tasks with their data."""
    subject, run = matter.subject, matter.subject.run
    sheet = cut(matter.tasks, _SHEET, subject.here, matter.query, tab="data")
    names = [task.task for task in sheet.rows]
    completions = matter.store.load_completions(run.pipeline, run.partition, tasks=names)
    prints = _fingerprints(matter)
    flows = tuple(_flow(subject, task, completions.get(task.task), prints.get(task.task, "")) for task in sheet.rows)
    return {"sheet": Sheet(flows, sheet.total, sheet.first, sheet.previous, sheet.next)}


def _fingerprints(matter: Matter) -> dict[str, str]:
    """Return what each task of the run left behind, as a short identity."""
    found: dict[str, str] = {}
    after, run_id = 0, matter.subject.run.run_id
    while events := matter.store.read_events(run_id=run_id, kinds=(EventKind.TASK_FINISHED,), after=after, limit=_PAGE):
        found |= {str(one.task): str(one.facts["fingerprint"]) for one in events if "fingerprint" in one.facts}
        after = events[-1].seq
    return found


def _flow(subject: Subject, task: TaskRun, completion: Completion | None, fingerprint: str) -> Flow:
    told = completion if completion is not None and _speaks_of(task, completion) else None
    facts = told.facts if told else {}
    return Flow(
        title=subject.title_of(task.task),
        href=subject.address_of(task.task),
        status=subject.standing_of(task),
        inputs=tuple(_states(subject, task, facts.get("inputs", {}))),
        outputs=tuple(_states(subject, task, facts.get("outputs", {}))),
        changed=tuple(changes_of(task.result)),
        version=str(facts.get("version") or ""),
        code=tuple(sorted((str(name), str(value)) for name, value in facts.get("code", {}).items())),
        fingerprint=fingerprint,
        seen_in=told.run_id if told and told.run_id != subject.run.run_id else "",
        is_known=told is not None,
        tables=tuple(_tables(subject, task, told)),
    )


def _tables(subject: Subject, task: TaskRun, told: Completion | None) -> Iterator[tuple[str, str]]:
    """Yield the tables that the task fills, where it completed, with the address of their changed rows."""
    pipeline = subject.pipeline
    run_id = subject.run.run_id if task.status is TaskStatus.COMPLETED else told.run_id if told else ""
    if pipeline is None or task.task not in pipeline.tasks or not run_id:
        return
    declared = pipeline.tasks[task.task]
    for name in (*map(dataset_name, declared.outputs), *declared.updates):
        if isinstance(pipeline.datasets.get(name), Table):
            yield name, address(f"/datasets/{part(name)}", pipeline=pipeline.name, run=run_id) + "#changes"


def _speaks_of(task: TaskRun, completion: Completion) -> bool:
    """Tell whether the newest completion is that of this task run, or the one it was found fresh by."""
    return completion.run_id in (task.run_id, task.reason.get("what"))


def _states(subject: Subject, task: TaskRun, stored: Mapping[str, Any]) -> Iterator[State]:
    for name, (value, label, *_) in sorted(stored.items()):
        is_reason = task.reason.get("what") == name and "before" in task.reason
        before = str(task.reason["before"]) if is_reason else ""
        title = subject.veil.text(filled(name, subject.veil.params))
        yield State(name, title, subject.veil.text(before), subject.veil.text(str(label or value)), str(value))


def changes_of(result: Any, what: str = "", depth: int = 0) -> Iterator[Changed]:
    """Yield the row counts that a result holds, those of inner tables under their names."""
    if not isinstance(result, Mapping) or depth > _DEEPEST:
        return
    counts = tuple((name, result[name]) for name in _ROW_COUNTS if _is_count(result.get(name)))
    if counts:
        yield Changed(what, counts)
    for name, inner in result.items():
        yield from changes_of(inner, str(name), depth + 1)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
