"""A pipeline whose file is broken or gone: what is wrong with it, and what the store tells of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from penstock.engine.definition.folder import canonical
from penstock.engine.view import TaskView
from penstock.errors import PenstockError, UsageError
from penstock.web.console import Console
from penstock.web.page import Page, Topic
from penstock.web.pages.run_row import RunRow, row_of
from penstock.web.words import part

_LAST_RUNS, _MOST_TASKS = 15, 200


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a pipeline that cannot be read.

    Args:
        rows: Its last runs, the newest first.
        tasks: Those of its newest run, with the address of each.
    """

    name: str
    message: str
    hint: str
    rows: Sequence[RunRow]
    tasks: Sequence[tuple[TaskView, str]]
    more_tasks: int


def show_stored(console: Console, name: str, error: PenstockError) -> Page:
    """Return the page of a pipeline that cannot be read, live regions named as on its own page.

    So a page that was open before shows it in place, and goes on when the file is mended.

    Raises:
        UsageError: There is no such pipeline, and no run of one.
    """
    found = find_stored(console, name, error)
    facts = {"stored": found, "newest": found.rows[0] if found.rows else None}
    return Page("pipeline_stored", found.name, facts, ("state", "graph", "steps", "grid"), Topic())


def find_stored(console: Console, name: str, error: PenstockError) -> Stored:
    """Return what the store tells of a pipeline that cannot be read.

    Raises:
        UsageError: There is no such pipeline, and no run of one.
    """
    spellings = dict.fromkeys((name, canonical(name), name.replace("-", "_")))
    views = next(filter(None, (console.engine.history(one, _LAST_RUNS) for one in spellings)), [])
    if not views and isinstance(error, UsageError):
        raise error
    now = console.clock.now()
    tasks = console.engine.view(views[0].run.run_id).veiled().tasks if views else ()
    return Stored(
        name=views[0].run.pipeline if views else name,
        message=error.message,
        hint=error.hint or "",
        rows=[row_of(view, now) for view in views],
        tasks=[(task, f"/runs/{part(task.run_id)}/tasks/{part(task.name)}") for task in tasks[:_MOST_TASKS]],
        more_tasks=max(0, len(tasks) - _MOST_TASKS),
    )
