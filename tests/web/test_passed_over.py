"""A failure that is passed over has its own word and sign, wherever the console tells of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from penstock import Context, Pipeline, task
from penstock.engine.view import RunView
from penstock.web.console import Console
from tests.web.browsing import browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import Document, read


def breaks(_: Context) -> Any:
    """Fail."""
    raise ValueError("no such luck")


def lucky() -> Pipeline:
    """A pipeline whose first task fails and stops nothing."""
    shaky = replace(task(name="shaky")(breaks), may_fail=True)  # what `continue_on_error` in a file makes of it
    return Pipeline("lucky", tasks=[shaky, task(name="after", depends_on=["shaky"])(lambda _: None)])


@pytest.fixture
def console(open_console: OpenConsole) -> Console:
    """A console that knows the lucky pipeline."""
    return open_console(lucky())


@pytest.fixture
def view(console: Console) -> RunView:
    """A run in which a failure was passed over."""
    return run(console, "lucky")


@pytest.fixture
def client(console: Console, view: RunView) -> TestClient:
    """A browser."""
    assert view.exit_code == 0
    return browse(console)


def classes(page: Document) -> set[str]:
    return {name for _, told in page.elements for name in told.get("class", "").split()}


@pytest.mark.parametrize(
    "address",
    [
        *(f"/runs/last?tab={tab}" for tab in ("graph", "tasks", "timeline", "data")),
        "/runs/last/tasks/shaky",
        "/pipelines/lucky",
        "/pipelines/lucky/tasks/shaky",
    ],
)
def test_the_word_and_the_colour_are_its_own(client: TestClient, address: str) -> None:
    page = read(client, address)
    assert "failed, passed over" in page.text
    assert "status-passed" in classes(page)
    assert "status-skipped" not in classes(page)


def test_the_grid_tells_it_by_sign_and_name(client: TestClient) -> None:
    cells = {told.get("aria-label"): told for _, told in read(client, "/pipelines/lucky").elements}
    assert cells["shaky: failed, passed over"]["class"] == "square status-passed"


def test_a_comparison_names_it_too(console: Console, client: TestClient, view: RunView) -> None:
    second = run(console, "lucky", tasks=("after",))
    page = read(client, f"/runs/compare?first={view.run.run_id}&second={second.run.run_id}")
    assert "failed, passed over" in page.text
    assert "status-passed" in classes(page)


def test_counts_leave_it_out_of_the_skipped(client: TestClient, view: RunView) -> None:
    page = read(client, "/runs/last")
    here = f"/runs/{view.run.run_id}?tab=tasks&status="
    assert f"{here}passed_over" in page.links
    assert f"{here}skipped" not in page.links
    assert "1 completed, 1 failed and passed over" in read(client, "/runs").text


def test_the_filter_of_tasks_tells_both_apart(client: TestClient) -> None:
    passed = read(client, "/runs/last?tab=tasks&status=passed_over").text
    assert "1 of 2 tasks" in passed
    assert "no such luck" in passed
    assert "None of its 2 tasks is like this" in read(client, "/runs/last?tab=tasks&status=skipped").text


def test_programs_get_the_status_as_it_is_stored_and_the_difference_beside_it(client: TestClient) -> None:
    tasks = {one["name"]: one for one in client.get("/api/runs/last").json()["tasks"]}
    assert (tasks["shaky"]["status"], tasks["shaky"]["passed_over"]) == ("skipped", True)
    assert "passed_over" not in tasks["after"]


def test_what_is_fresh_or_not_chosen_stays_skipped(console: Console, client: TestClient) -> None:
    run(console, "lucky", tasks=("after",))
    assert "status-passed" not in classes(read(client, "/runs/last?tab=tasks"))
    assert "skipped" in read(client, "/runs/last?tab=tasks").text
