"""A task's page tells why it ran, what it wrote, and where it failed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from penstock import Context, Pipeline, Retry, task
from penstock.engine.state.records import Failure, Mark, Outcome, TaskOutcome, TaskStatus
from penstock.web.console import Console
from tests.web.browsing import a_stored_run, browse, claim, run, write_output
from tests.web.conftest import OpenConsole
from tests.web.reading import Document, read


def scripted() -> Pipeline:
    """A pipeline of three tasks in a row."""
    tasks = [
        task(name="fetch")(lambda *_: None),
        task(name="load", depends_on=["fetch"])(lambda *_: None),
        task(name="report", depends_on=["load"])(lambda *_: None),
    ]
    return Pipeline("scripted", tasks=tasks)


@pytest.fixture
def failed(open_console: OpenConsole) -> Console:
    """A console with a run whose first task wrote 1,000 lines and failed at line 700."""
    console = open_console(scripted())
    a_stored_run(console, scripted())
    held = claim(console, "R1")
    write_output(console, "R1", "fetch", (_lines(start, 10) for start in range(1, 1001, 10)))
    failure = Failure("ScriptFailed", "it broke", "mend it", traceback="Traceback: <b>here</b>", line=700)
    ended = TaskOutcome(TaskStatus.FAILED, Outcome.FAILED, console.clock.now(), failure=failure)
    console.engine.store.finish_task_run(held, ended)
    return console


def _lines(first: int, count: int) -> str:
    return "".join(f"this is number {number}\n" for number in range(first, first + count))


def anchors(page: Document) -> list[str]:
    """The lines of the log on a page."""
    return [told["id"] for name, told in page.elements if name == "li" and told.get("id")]


def test_a_task_tells_status_reason_attempts_and_result(client: TestClient, console: Console) -> None:
    run_id = run(console).run.run_id
    page = read(client, f"/runs/{run_id}/tasks/fetch")
    for told in ("completed", "has not completed before", "attempt 1", "fetching 3 guests", '"items": 3'):
        assert told in page.text
    assert page.dangers == []


def test_a_failure_is_told_with_hint_traceback_and_its_line(failed: Console) -> None:
    page = read(browse(failed), "/runs/R1/tasks/fetch")
    for told in ("it broke", "mend it", "Traceback: <b>here</b>", "Failing line 700"):
        assert told in page.text
    assert "/runs/R1/tasks/fetch?attempt=1&line=700#L700" in page.links


@pytest.mark.parametrize("line", [1, 5, 250, 700, 1000])
def test_a_link_to_a_line_opens_the_page_that_holds_it(failed: Console, line: int) -> None:
    assert f"L{line}" in anchors(read(browse(failed), f"/runs/R1/tasks/fetch?line={line}"))


def test_the_telling_line_is_marked(failed: Console) -> None:
    page = read(browse(failed), "/runs/R1/tasks/fetch?line=700")
    assert [told["id"] for _, told in page.elements if "telling" in told.get("class", "").split()] == ["L700"]


def test_the_log_is_read_backwards_to_its_first_line(failed: Console) -> None:
    asking, address, seen = browse(failed), "/runs/R1/tasks/fetch", []
    while address:
        page = read(asking, address)
        seen = anchors(page) + seen
        older = [told["href"] for _, told in page.elements if told.get("rel") == "prev"]
        address = older[0] if older else ""
    assert seen == [f"L{number}" for number in range(1, 1001)]


def test_the_log_is_searched(failed: Console) -> None:
    page = read(browse(failed), "/runs/R1/tasks/fetch?q=NUMBER+77")
    assert anchors(page) == ["L77", *(f"L{number}" for number in range(770, 780))]
    assert "No line of this attempt is like this" in read(browse(failed), "/runs/R1/tasks/fetch?q=nowhere").text


def test_streams_are_told_by_a_word_and_chosen(open_console: OpenConsole) -> None:
    console = open_console(scripted())
    a_stored_run(console, scripted())
    claim(console, "R1")
    write_output(console, "R1", "fetch", ["all is well\n"])
    write_output(console, "R1", "fetch", ["<script>alert('oh')</script>\n"], stream="stderr")
    page = read(browse(console), "/runs/R1/tasks/fetch")
    assert "stderr <script>alert('oh')</script>" in page.text
    assert page.dangers == []
    only = read(browse(console), "/runs/R1/tasks/fetch?stream=stderr")
    assert "oh" in only.text
    assert "all is well" not in only.text
    assert "known are stdout" in read(browse(console), "/runs/R1/tasks/fetch?stream=nonsense", 404).text


def test_each_attempt_has_its_own_log(open_console: OpenConsole) -> None:
    tries = []

    def stumble(ctx: Context) -> str:
        tries.append(1)
        ctx.log(f"try number {len(tries)}")
        if len(tries) == 1:
            raise Retry("not yet", after=timedelta(0))
        return "done"

    console = open_console(Pipeline("p", tasks=[task(name="stumble", retries=1)(stumble)]))
    run(console, "p")
    asking = browse(console)
    newest = read(asking, "/runs/last/tasks/stumble").text
    first = read(asking, "/runs/last/tasks/stumble?attempt=1").text
    assert ("try number 2" in newest, "try number 1" in newest) == (True, False)
    assert ("try number 2" in first, "try number 1" in first) == (False, True)
    assert "has no attempt 7" in read(asking, "/runs/last/tasks/stumble?attempt=7", 404).text
    assert "takes a whole number" in read(asking, "/runs/last/tasks/stumble?attempt=x", 404).text


def test_a_task_can_be_run_alone_from_here_on_and_marked(client: TestClient, console: Console) -> None:
    run_id = run(console, params={"guests": 4}).run.run_id
    page = read(client, f"/runs/{run_id}/tasks/fetch")
    alone, onward = [form.fields for form in page.forms if form.action == "/pipelines/party/run"]
    assert (alone["tasks"], alone["param.guests"], alone["force"]) == ("fetch", "4", "1")
    assert (onward["tasks"], onward["param.guests"]) == ("fetch+", "4")
    assert page.form("/pipelines/party/tasks/fetch/tested").fields["value"] == "1"


def test_a_tested_task_says_so(client: TestClient, console: Console) -> None:
    run(console)
    console.engine.store.set_mark(Mark("party", "fetch", "tested", True, console.clock.now()))
    for address in ("/runs/last/tasks/fetch", "/pipelines/party/tasks/fetch"):
        page = read(client, address)
        assert "✓ tested" in page.text
        assert page.form("/pipelines/party/tasks/fetch/tested").fields["value"] == "0"


def test_a_task_that_was_not_begun_prints(open_console: OpenConsole) -> None:
    console = open_console(scripted())
    a_stored_run(console, scripted())
    page = read(browse(console), "/runs/R1/tasks/report")
    assert "has not been tried in this run" in page.text
    assert "/runs/R1/tasks/load" in page.links


def test_a_task_across_runs_tells_its_last_runs_and_neighbours(client: TestClient, console: Console) -> None:
    first = run(console, params={"guests": 2}).run.run_id
    second = run(console, params={"guests": 3}).run.run_id
    page = read(client, "/pipelines/party/tasks/fetch")
    assert {f"/runs/{first}/tasks/fetch", f"/runs/{second}/tasks/fetch"} <= set(page.links)
    assert "/pipelines/party/tasks/greet" in page.links
    assert "parameter `guests` changed 2 → 3" in page.text


def test_a_task_that_never_ran_tells_how_to_run_it(client: TestClient) -> None:
    page = read(client, "/pipelines/party/tasks/greet")
    assert "penstock run party --tasks greet" in page.text
    assert "did you mean `greet`?" in read(client, "/pipelines/party/tasks/gret", 404).text


def test_items_are_filtered_by_status_and_class_of_failure(client: TestClient, console: Console) -> None:
    run_id = run(console, params={"guests": 6, "rude": 4}).run.run_id
    here = f"/runs/{run_id}/tasks/greet/items"
    assert "guest-0" in read(client, here).text
    failed = read(client, f"{here}?status=failed")
    assert "<script>alert('no manners')</script>" in failed.text
    assert failed.dangers == []
    assert "guest-4" in (told := read(client, f"{here}?error=ValueError").text)
    assert "guest-3" not in told
    assert "No item is like this" in read(client, f"{here}?error=KeyError").text
    assert "did you mean `failed`?" in read(client, f"{here}?status=faild", 404).text
    assert failed.form(f"/runs/{run_id}/retry").method == "post"


def test_items_come_in_pages(client: TestClient, console: Console) -> None:
    run_id = run(console, params={"guests": 250}).run.run_id
    address, keys = f"/runs/{run_id}/tasks/greet/items?status=completed", []
    while address:
        page = read(client, address)
        keys += [told["id"].removeprefix("item-") for name, told in page.elements if name == "details"]
        nexts = [told["href"] for _, told in page.elements if told.get("rel") == "next"]
        address = nexts[0] if nexts else ""
    assert keys == sorted(f"guest-{number}" for number in range(250))


def test_a_task_without_items_says_so(client: TestClient, console: Console) -> None:
    run_id = run(console).run.run_id
    assert "handles no items" in read(client, f"/runs/{run_id}/tasks/fetch/items", 404).text


def test_a_fan_out_that_has_not_begun_has_no_items_yet(open_console: OpenConsole, console: Console) -> None:
    a_stored_run(console, console.engine.pipeline("party"))
    assert "It has no items yet" in read(browse(console), "/runs/R1/tasks/greet/items").text
