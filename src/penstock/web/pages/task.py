"""One task of one run: how it stands and why, its attempts, its log, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from penstock.engine.planning.reason import veiled_reason
from penstock.engine.state.records import Attempt, Failure, TaskRun
from penstock.kit.process import describe
from penstock.kit.veil import is_hidden
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.run_subject import Subject, find_subject, get_task
from penstock.web.pages.task_history import draw_past, find_tested, list_past
from penstock.web.pages.task_log import STREAMS, read_task_log
from penstock.web.paging import address
from penstock.web.words import part

_NOT_TOLD = ("kind", "sentence", "what", "before", "after")


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt.

    Args:
        outcome: How it ended, or where it is.
        href: Address of its log.
    """

    attempt: Attempt
    process: str
    outcome: str
    duration: timedelta | None
    told: str
    href: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the newest attempt failed, secrets out of sight."""

    error: str
    message: str
    hint: str
    traceback: str
    is_retriable: bool


def show(console: Console, ask: Ask) -> Page:
    """Return the page of a task of a run."""
    store = console.engine.store
    subject = find_subject(console, ask.path["run"])
    task = get_task(console, subject, ask.path["task"])
    run, veil = subject.run, subject.veil
    items, _ = store.list_items(run.run_id, task=task.task, limit=0)
    past = list_past(console, run.pipeline, task.task)
    declared = subject.pipeline.tasks.get(task.task) if subject.pipeline else None
    facts = {
        "subject": subject,
        "task": task,
        "declared": declared,
        "upstream": [(subject.address_of(name), subject.title_of(name)) for name in task.upstream],
        "called": subject.title_of(task.task),
        "here": subject.address_of(task.task),
        "status": subject.standing_of(task),
        "duration": subject.duration_of(task),
        "reason": subject.reason_of(task),
        "reason_facts": _reason_facts(subject, task),
        "tries": [_try(subject, task, attempt) for attempt in reversed(task.attempts)],
        "failure": _trouble(subject, task.failure),
        "items": items.get(task.task),
        "result": veil.value(task.result),
        "log": read_task_log(store, subject, task, ask.query),
        "streams": STREAMS,
        "past": past,
        "durations": draw_past(past, task.task),
        "tested": find_tested(console, run.pipeline, task.task),
        "over": f"/pipelines/{part(run.pipeline)}/tasks/{part(task.task)}",
        "rerun": _fields(subject, task.task),
        "from_here": _fields(subject, f"{task.task}+"),
    }
    title = f"{subject.title_of(task.task)} · {subject.title}"
    return Page("task", title, facts, ("state", "log", "outcome"), Topic(run.run_id, task.task, turns_only=False))


def _reason_facts(subject: Subject, task: TaskRun) -> list[tuple[str, Any]]:
    """Return the facts behind the reason that its sentence does not tell."""
    facts = subject.veil.value(dict(veiled_reason(task.reason)))
    return [(name, value) for name, value in facts.items() if name not in _NOT_TOLD and value not in (None, "")]


def _try(subject: Subject, task: TaskRun, attempt: Attempt) -> Try:
    is_open = attempt.finished_at is None
    ended = attempt.finished_at or (None if subject.status.is_final else subject.now)
    still = "abandoned" if subject.status.is_final else "running"
    return Try(
        attempt=attempt,
        process=describe(attempt.owner),
        outcome=still if is_open or attempt.outcome is None else attempt.outcome.value,
        duration=None if ended is None else max(ended - attempt.started_at, timedelta(0)),
        told=subject.veil.text(attempt.failure.message) if attempt.failure else "",
        href=address(subject.address_of(task.task), attempt=attempt.number) + "#log-title",
    )


def _trouble(subject: Subject, failure: Failure | None) -> Trouble | None:
    if failure is None:
        return None
    veil = subject.veil
    return Trouble(
        failure.error,
        veil.text(failure.message),
        veil.text(failure.hint or ""),
        veil.text(failure.traceback or "").rstrip(),
        failure.retriable,
    )


def _fields(subject: Subject, selector: str) -> dict[str, Any]:
    """Return the hidden fields of a form that runs tasks anyway, with this run's parameters but for secret ones."""
    params = {
        f"param.{name}": value
        for name, value in subject.run.params.items()
        if value is not None and not is_hidden(name, value)
    }
    return {"tasks": selector, **params, "force": 1}
