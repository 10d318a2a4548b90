"""The items of one fan-out: their sums, the classes of their failures, and a page of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.state.records import ItemCounts, ItemRecord, ItemStatus, RunStatus, TaskStatus
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.run_subject import Subject, find_subject, get_task
from penstock.web.paging import address

_SHEET = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow the list down.

    Args:
        is_chosen: Whether the list shows these now.
    """

    word: str
    items: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One item.

    Args:
        error: Class of its failure; empty for none.
    """

    key: str
    status: str
    attempt: int
    finished_at: datetime | None
    error: str
    message: str
    hint: str
    traceback: str
    payload: Any
    result: Any


def show(console: Console, ask: Ask) -> Page:
    """Return the page of a fan-out's items."""
    subject = find_subject(console, ask.path["run"])
    task = get_task(console, subject, ask.path["task"])
    status, error, after = _status(ask.query), ask.query.get("error", ""), ask.query.get("after")
    store, run_id = console.engine.store, subject.run.run_id
    sums, found = store.list_items(
        run_id, task=task.task, status=status, error=error or None, after=after, limit=_SHEET + 1
    )
    counts = sums.get(task.task)
    if counts is None and subject.pipeline and task.task not in _fan_outs(subject.pipeline):
        raise UsageError(
            f"task `{task.task}` of run `{run_id}` handles no items", hint=f"look at {subject.address_of(task.task)}"
        )
    here, rows = f"{subject.address_of(task.task)}/items", found[:_SHEET]
    kept = {"status": status, "error": error}
    facts = {
        "subject": subject,
        "task": task,
        "called": subject.title_of(task.task),
        "here": here,
        "counts": counts,
        "statuses": _statuses(here, counts or ItemCounts(), status, error),
        "errors": _errors(here, store.count_item_errors(run_id, task.task), error),
        "rows": [_row(subject, record) for record in rows],
        "after": after,
        "begin": address(here, **kept),
        "more": address(here, **kept, after=rows[-1].key) if len(found) > _SHEET else "",
        "may_retry": _may_retry(subject, task.status, counts),
    }
    return Page("items", f"items of {subject.title_of(task.task)}", facts, ("items",), Topic(run_id, task.task))


def _status(query: Mapping[str, str]) -> ItemStatus | None:
    given, known = query.get("status", ""), [status.value for status in ItemStatus]
    if given and given not in known:
        raise UsageError(f"an item has no status `{given}`", hint=did_you_mean(given, known))
    return ItemStatus(given) if given else None


def _fan_outs(pipeline: Pipeline) -> set[str]:
    return {task.name for task in pipeline.tasks.values() if task.each is not None}


def _statuses(here: str, counts: ItemCounts, chosen: ItemStatus | None, error: str) -> list[Choice]:
    everything = Choice("all", counts.discovered, here, chosen is None and not error)
    sums = [(status, getattr(counts, status.value)) for status in ItemStatus]
    return [
        everything,
        *(
            Choice(status.value, items, address(here, status=status.value), chosen is status)
            for status, items in sums
            if items or chosen is status
        ),
    ]


def _errors(here: str, counted: Mapping[str, int], chosen: str) -> list[Choice]:
    return [Choice(name, items, address(here, error=name), chosen == name) for name, items in counted.items()]


def _row(subject: Subject, record: ItemRecord) -> Row:
    failure, veil = record.failure, subject.veil
    status = record.status
    if subject.is_dead and status is ItemStatus.RUNNING:
        status = ItemStatus.PENDING  # what a dead process had in hand waits again
    return Row(
        key=record.key,
        status=status.value,
        attempt=record.attempt,
        finished_at=record.finished_at,
        error=failure.error if failure else "",
        message=veil.text(failure.message) if failure else "",
        hint=veil.text(failure.hint or "") if failure else "",
        traceback=veil.text(failure.traceback or "").rstrip() if failure else "",
        payload=veil.value(record.payload),
        result=veil.value(record.result),
    )


def _may_retry(subject: Subject, status: TaskStatus, counts: ItemCounts | None) -> bool:
    if counts is None or not counts.failed or subject.pipeline is None:
        return False
    # Going on with a failed run leaves alone what completed in it, with the items its tolerance allowed to fail.
    is_again = subject.status is RunStatus.FAILED and status is TaskStatus.FAILED
    return is_again or (subject.status is RunStatus.COMPLETED and status.is_final)
