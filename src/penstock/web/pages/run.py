"""One run: its head, and beneath it one of the tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from penstock.engine.state.records import ItemCounts, TaskRun, TaskStatus
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean
from penstock.web.console import Console
from penstock.web.launches import Started
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages import (
    run_config,
    run_data,
    run_events,
    run_graph,
    run_items,
    run_logs,
    run_tasks,
    run_timeline,
)
from penstock.web.pages.run_command import is_typed
from penstock.web.pages.run_head import head_of
from penstock.web.pages.run_subject import Subject, find_subject, list_tasks
from penstock.web.pages.run_tab import Matter
from penstock.web.paging import address


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the tabs.

    Args:
        facts: Returns what its template prints.
        needs_tasks: Whether it reads all task runs.
        follows_log: Whether every line of the log changes it.
    """

    word: str
    facts: Callable[[Matter], Mapping[str, Any]]
    needs_tasks: bool = False
    follows_log: bool = False


_TABS: Mapping[str, Tab] = {
    "graph": Tab("Graph", run_graph.tell, needs_tasks=True),
    "timeline": Tab("Timeline", run_timeline.tell, needs_tasks=True),
    "tasks": Tab("Tasks", run_tasks.tell, needs_tasks=True),
    "items": Tab("Items", run_items.tell),
    "logs": Tab("Logs", run_logs.tell, follows_log=True),
    "data": Tab("Inputs/Outputs", run_data.tell, needs_tasks=True),
    "events": Tab("Events", run_events.tell, follows_log=True),
    "config": Tab("Config", run_config.tell, needs_tasks=True),
}
_FIRST = "tasks"


def show(console: Console, ask: Ask) -> Page:
    """Return the page of a run."""
    name = ask.query.get("tab") or _FIRST
    if name not in _TABS:
        raise UsageError(
            f"a run has no tab `{name}`", hint=did_you_mean(name, _TABS) or f"known are {', '.join(_TABS)}"
        )
    try:
        subject = find_subject(console, ask.path["run"])
    except UsageError:
        started = console.launches.find(ask.path["run"])
        if started is None:
            raise
        return _starting(ask.path["run"], started)
    return _shown(console, ask, subject, name)


def _shown(console: Console, ask: Ask, subject: Subject, name: str) -> Page:
    run, tab = subject.run, _TABS[name]
    items, _ = console.engine.store.list_items(run.run_id, limit=0)
    tasks = list_tasks(console, subject) if tab.needs_tasks or _head_needs_tasks(subject) else ()
    facts = {
        "subject": subject,
        "head": head_of(console, subject, tasks, items),
        "starting": None,
        "tab": name,
        "tabs": [(key, one.word, address(subject.here, tab=key)) for key, one in _TABS.items()],
        **tab.facts(_matter(console, ask, subject, tasks, items)),
    }
    title = f"{subject.title} · {run.run_id}"
    return Page("run", title, facts, ("head", name), Topic(run.run_id, turns_only=not tab.follows_log))


def _matter(
    console: Console, ask: Ask, subject: Subject, tasks: Sequence[TaskRun], items: Mapping[str, ItemCounts]
) -> Matter:
    return Matter(console.engine.store, subject, tasks, items, ask.query)


def _head_needs_tasks(subject: Subject) -> bool:
    """Tell whether the first failure, or the choice of tasks, is to be looked up."""
    return bool(subject.run.counts.get(TaskStatus.FAILED)) or not is_typed(subject)


def _starting(run_id: str, started: Started) -> Page:
    """Return the page of a run that was launched here and is not in the store yet, or never came to be."""
    facts = {"run_id": run_id, "starting": started, "subject": None, "tab": "", "tabs": []}
    return Page(
        "run", f"starting · {run_id}", facts, ("head",), Topic(run_id), status=200 if not started.ending else 404
    )
