"""The tabs of a run's page: filters, pages, and what each tells."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from penstock import File, Pipeline, task
from penstock.engine.events import Event, EventKind
from penstock.web.console import Console
from penstock.web.page import Role, Viewer
from penstock.web.router import find_page
from tests.web.browsing import a_stored_run, browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import Document, read

_ODD = '<script>"it\'s"🙂'


def rows_of(page: Document, run_id: str) -> list[str]:
    """The tasks that a page links to."""
    start = f"/runs/{run_id}/tasks/"
    return [link.removeprefix(start) for link in page.links if link.startswith(start) and "/items" not in link]


def many(count: int) -> Pipeline:
    """A pipeline of so many tasks."""
    return Pipeline("many", tasks=[task(name=f"load-{number:03d}")(lambda *_: None) for number in range(count)])


def test_tasks_are_filtered_by_status_and_text(client: TestClient, console: Console) -> None:
    view = run(console, params={"rude": 1})
    run_id = view.run.run_id
    assert rows_of(read(client, f"/runs/{run_id}?tab=tasks&status=completed"), run_id) == ["greet#failure", "fetch"]
    assert rows_of(read(client, f"/runs/{run_id}?tab=tasks&q=FET"), run_id)[1:] == ["fetch"]
    assert rows_of(read(client, f"/runs/{run_id}?tab=tasks&q=no+manners"), run_id)[1:] == ["greet"]
    assert "None of its 2 tasks is like this" in read(client, f"/runs/{run_id}?q=nowhere").text
    assert "did you mean `failed`?" in read(client, f"/runs/{run_id}?status=faild", 404).text


def test_a_long_list_of_tasks_comes_in_pages(open_console: OpenConsole) -> None:
    console = open_console(many(450))
    a_stored_run(console, many(450))
    asking, seen, address = browse(console), [], "/runs/R1?tab=tasks&q=load"
    while address:
        page = read(asking, address)
        seen += rows_of(page, "R1")
        nexts = [told["href"] for name, told in page.elements if told.get("rel") == "next"]
        address = nexts[0] if nexts else ""
    assert seen == [f"load-{number:03d}" for number in range(450)]
    assert "tasks 401 to 450 of 450" in page.text
    assert "`page` in the address takes a whole number" in read(asking, "/runs/R1?page=x", 404).text


def test_a_skipped_task_tells_why(client: TestClient, console: Console) -> None:
    first = run(console).run.run_id
    run(console)
    assert f"fresh since run {first}" in read(client, "/runs/last").text


def test_odd_names_are_shown_as_they_are(open_console: OpenConsole) -> None:
    pipeline = Pipeline("odd", tasks=[task(name=_ODD)(lambda *_: "</td><script>alert(1)</script>")])
    console = open_console(pipeline)
    run(console, "odd")
    asking = browse(console)
    from penstock.web.words import part

    for address in (
        "/runs/last",
        "/runs/last?tab=graph",
        "/runs/last?tab=timeline",
        "/runs/last?tab=data",
        f"/runs/last/tasks/{part(_ODD)}",
        f"/pipelines/odd/tasks/{part(_ODD)}",
    ):
        page = read(asking, address)
        assert page.dangers == []
        assert _ODD in page.text, address


def test_the_graph_draws_each_task_with_a_link(client: TestClient, console: Console) -> None:
    view = run(console)
    page = read(client, "/runs/last?tab=graph")
    assert {f"/runs/{view.run.run_id}/tasks/fetch", f"/runs/{view.run.run_id}/tasks/greet"} <= set(page.links)
    assert any(name == "svg" for name, _ in page.elements)


def test_a_graph_of_far_too_many_tasks_is_left_to_the_list(open_console: OpenConsole) -> None:
    tasks = [task(name="t0")(lambda *_: None)]
    tasks += [task(name=f"t{number}", depends_on=[f"t{number - 1}"])(lambda *_: None) for number in range(1, 320)]
    pipeline = Pipeline("chain", tasks=tasks)
    console = open_console(pipeline)
    a_stored_run(console, pipeline)
    assert "320 tasks are too many to be drawn" in read(browse(console), "/runs/R1?tab=graph").text


def test_the_items_tab_sums_up_each_fan_out(client: TestClient, console: Console) -> None:
    run_id = run(console, params={"guests": 5, "rude": 1}).run.run_id
    page = read(client, "/runs/last?tab=items")
    assert f"/runs/{run_id}/tasks/greet/items?status=failed" in page.links
    labels = [told.get("aria-label") for _, told in page.elements]
    assert "4 completed items of greet" in labels


def test_states_and_row_counts_are_told(open_console: OpenConsole, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("guests")

    def load(*_: Any) -> dict[str, Any]:
        return {"silver.guests": {"inserted": 1200, "changed": 4, "unchanged": 0}, "took": 3}

    console = open_console(Pipeline("p", tasks=[task(name="load", inputs=[File(str(tmp_path / "in.txt"))])(load)]))
    first = run(console, "p").run.run_id
    page = read(browse(console), "/runs/last?tab=data")
    assert "rows of silver.guests : inserted 1,200 · changed 4 · unchanged 0" in page.text
    assert "in.txt" in page.text
    (tmp_path / "in.txt").write_text("other guests")
    run(console, "p")
    assert "→" in read(browse(console), "/runs/last?tab=data").text
    assert "A later run completed this task" in read(browse(console), f"/runs/{first}?tab=data").text


def test_events_are_filtered_by_kind_and_read_page_by_page(client: TestClient, console: Console) -> None:
    run_id = run(console).run.run_id
    noted = [Event(EventKind.PROGRESS_REPORTED, console.clock.now(), run_id, "fetch", {"done": n}) for n in range(450)]
    console.engine.store.append_events(noted)
    address, seen = f"/runs/{run_id}?tab=events&kind=progress_reported", []
    while address:
        page = read(client, address)
        numbers = [
            int(told["id"][1:]) for name, told in page.elements if name == "tr" and told.get("id", "")[:1] == "E"
        ]
        seen = numbers + seen
        older = [told["href"] for _, told in page.elements if told.get("rel") == "prev"]
        address = older[0] if older else ""
    stored = console.engine.store.read_events(run_id=run_id, kinds=[EventKind.PROGRESS_REPORTED])
    assert seen == [event.seq for event in stored]
    behind = [told["href"] for _, told in page.elements if told.get("rel") == "next"]
    assert str(seen[60]) in [
        told["id"][1:] for _, told in read(client, behind[0]).elements if told.get("id", "")[:1] == "E"
    ]
    assert (
        "there are no events of kind `nonsense`" in read(client, f"/runs/{run_id}?tab=events&kind=nonsense", 404).text
    )


def test_the_config_tells_who_worked_and_what_was_given(client: TestClient, console: Console) -> None:
    run(console, params={"guests": 4})
    page = read(client, "/runs/last?tab=config")
    assert "How many come." in page.text
    assert "starts nothing more" in page.text
    assert "process" in page.text


def test_only_tabs_that_show_the_log_are_drawn_for_every_line(console: Console) -> None:
    run_id = run(console).run.run_id
    line = Event(EventKind.MESSAGE_LOGGED, console.clock.now(), run_id, "fetch", {"message": "hello"})
    turn = Event(EventKind.TASK_STARTED, console.clock.now(), run_id, "fetch", {})
    elsewhere = turn._replace(run_id="another")
    viewer = Viewer(Role.OPERATOR)
    for tab, follows in (("logs", True), ("events", True), ("tasks", False), ("graph", False)):
        topic = find_page(console, f"/runs/{run_id}?tab={tab}", viewer).topic
        assert topic.concerns([turn])
        assert topic.concerns([line]) is follows
        assert not topic.concerns([elsewhere])


def test_a_timeline_leaves_out_what_never_began(open_console: OpenConsole) -> None:
    console = open_console(many(3))
    a_stored_run(console, many(3), ttl=timedelta(0), created_at=console.clock.now() - timedelta(hours=1))
    page = read(browse(console), "/runs/R1?tab=timeline")
    assert "3 tasks that never began are left out" in page.text
