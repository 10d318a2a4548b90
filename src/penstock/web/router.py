"""Which page stands at which address: one table for the server's answers and for the live connection."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from penstock.errors import UsageError
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Show, Viewer
from penstock.web.pages import (
    budgets,
    compare,
    dataset,
    datasets,
    items,
    pipeline,
    pipeline_task,
    pipelines,
    plan,
    reset,
    run,
    runs,
    schedules,
    settings,
    task,
    workers,
)

#: In the query of an address.
MOST_FIELDS = 200

#: Variable parts stand in braces, as FastAPI writes them.
PAGES: Mapping[str, Show] = {
    "/pipelines": pipelines.show,
    "/pipelines/{pipeline}": pipeline.show,
    "/pipelines/{pipeline}/plan": plan.show,
    "/pipelines/{pipeline}/reset": reset.show,
    "/pipelines/{pipeline}/tasks/{task}": pipeline_task.show,
    "/runs": runs.show,
    "/runs/compare": compare.show,
    "/runs/{run}": run.show,
    "/runs/{run}/tasks/{task}": task.show,
    "/runs/{run}/tasks/{task}/items": items.show,
    "/schedules": schedules.show,
    "/datasets": datasets.show,
    "/datasets/{name}": dataset.show,
    "/budgets": budgets.show,
    "/workers": workers.show,
    "/settings": settings.show,
}


def find_page(console: Console, address: str, viewer: Viewer) -> Page:
    """Return the page at an address, as it is now.

    Args:
        address: Path and query, without host.

    Raises:
        UsageError: There is no such page, what it is about does not exist, or the query has too many fields.
    """
    path, _, query = address.partition("?")
    for pattern, show in PAGES.items():
        found = _match(pattern, path)
        if found is not None:
            lists = _fields_of(query)
            return show(console, Ask(found, {name: values[-1] for name, values in lists.items()}, viewer, lists))
    raise UsageError(f"there is no page `{path}`", hint="begin at /pipelines")


def _fields_of(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise UsageError(
            f"the address has more than {MOST_FIELDS} fields", hint="leave out those the page does not know"
        ) from error


def _match(pattern: str, path: str) -> dict[str, str] | None:
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    found = {}
    for name, value in zip(wanted, given, strict=True):
        if name.startswith("{"):
            found[name.strip("{}")] = unquote(value)
        elif name != value:
            return None
    return found
