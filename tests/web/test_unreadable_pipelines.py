"""What ran stays readable, and open pages stay true, when a pipeline's file is broken or removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from penstock.engine.planning.request import RunRequest
from penstock.web.console import Console
from penstock.web.page import Role, Viewer
from penstock.web.render import render_regions
from penstock.web.router import find_page
from tests.web.browsing import TABS, a_stored_run, browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import read

STEPS = """
name: Slow one
steps:
  - name: Take a while
    script: work.py
"""


def break_file(file: Path) -> None:
    file.write_text("steps: [\n", encoding="utf-8")


def remove_file(file: Path) -> None:
    file.unlink()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a pipeline of one script."""
    folder = tmp_path / "pipelines" / "slow"
    folder.mkdir(parents=True)
    (folder / "work.py").write_text("print('done')\n", encoding="utf-8")
    (folder.parent / "slow.yaml").write_text(STEPS, encoding="utf-8")
    return folder.parent / "slow.yaml"


@pytest.fixture(params=[break_file, remove_file])
def spoil(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """Make the file one that cannot be read."""
    done: Callable[[Path], None] = request.param
    return done


@pytest.fixture
def console(open_console: OpenConsole, file: Path) -> Console:
    """A console with one run of the pipeline."""
    console = open_console()
    assert file.exists()
    assert run(console, "slow").exit_code == 0
    return console


@pytest.mark.parametrize("tab", TABS)
def test_every_part_of_a_run_is_told_from_the_store(
    console: Console, file: Path, spoil: Callable[[Path], None], tab: str
) -> None:
    spoil(file)
    page = read(browse(console), f"/runs/last?tab={tab}")
    assert "completed" in page.text
    assert "What is told here is what was stored" in page.text
    assert "/pipelines" in page.links
    assert not [form for form in page.forms if form.method == "post"]


def test_the_line_says_that_the_file_is_broken_or_that_there_is_none(console: Console, file: Path) -> None:
    break_file(file)
    assert "its file cannot be read now: " in read(browse(console), "/runs/last").text
    remove_file(file)
    assert "there is no pipeline `slow`" in read(browse(console), "/runs/last").text


def test_lists_and_tasks_are_told_from_the_store(console: Console, file: Path, spoil: Callable[[Path], None]) -> None:
    client = browse(console)
    run_id = console.engine.history(limit=1)[0].run.run_id
    spoil(file)
    assert run_id in read(client, "/runs").text
    assert run_id in read(client, "/runs?pipeline=slow").text
    task = read(client, "/runs/last/tasks/Take-a-while")
    assert "What is told here is what was stored" in task.text
    assert "took" in task.text
    over = read(client, "/pipelines/slow/tasks/Take-a-while")
    assert run_id in over.text
    read(client, "/pipelines/slow/tasks/nobody", 404 if spoil is remove_file else 400)


def test_the_page_of_the_pipeline_tells_the_problem_and_its_last_runs(
    console: Console, file: Path, spoil: Callable[[Path], None]
) -> None:
    run_id = console.engine.history(limit=1)[0].run.run_id
    spoil(file)
    page = read(browse(console), "/pipelines/slow")
    assert "This pipeline cannot be read now." in page.text
    assert f"/runs/{run_id}" in page.links
    assert "completed" in page.text
    assert page.dangers == []
    assert not [form for form in page.forms if form.method == "post"]


def test_an_open_page_of_the_pipeline_stops_saying_that_it_runs(
    console: Console, file: Path, spoil: Callable[[Path], None]
) -> None:
    viewer = Viewer(Role.OPERATOR)
    before = find_page(console, "/pipelines/slow", viewer)
    spoil(file)
    after = find_page(console, "/pipelines/slow", viewer)
    assert set(after.regions) <= set(before.regions)
    assert "This pipeline cannot be read now." in render_regions(after, viewer)["state"]


def test_a_page_that_was_opened_meanwhile_becomes_another_one_when_the_file_is_mended(
    console: Console, file: Path
) -> None:
    break_file(file)
    shown = read(browse(console), "/pipelines/slow")
    there = {told["id"] for _, told in shown.elements if "data-region" in told}
    file.write_text(STEPS, encoding="utf-8")
    mended = find_page(console, "/pipelines/slow", Viewer(Role.OPERATOR))
    assert set(mended.regions) - there  # a region that is not there makes the page's script open it anew


def test_a_broken_file_without_runs_is_told_with_its_problem(open_console: OpenConsole, file: Path) -> None:
    break_file(file)
    page = read(browse(open_console()), "/pipelines/slow")
    assert "This pipeline cannot be read now." in page.text
    assert "It never ran." in page.text


def test_a_pipeline_that_never_was_is_not_found(console: Console) -> None:
    assert "there is no pipeline `fast`" in read(browse(console), "/pipelines/fast", 404).text


def test_a_run_under_way_can_be_cancelled(open_console: OpenConsole, file: Path) -> None:
    console = open_console()
    a_stored_run(console, console.engine.pipeline("slow"))
    client = browse(console)
    break_file(file)
    page = read(client, "/runs/R1")
    csrf = page.form("/runs/R1/cancel").fields["csrf"]
    answer = client.post("/runs/R1/cancel", data={"csrf": csrf}, headers={"Origin": str(client.base_url)})
    assert answer.status_code == 303
    assert "cancelled" in read(client, "/runs/R1").text


@pytest.mark.parametrize(
    "address",
    [
        "/api/runs",
        "/api/runs/last",
        "/api/runs/last/tasks",
        "/api/runs/last/tasks/Take-a-while",
        "/api/runs/last/tasks/Take-a-while/attempts",
        "/api/runs/last/log",
        "/api/runs/last/events",
        "/api/running",
        "/api/compare?first=last&second=last",
        "/api/pipelines",
    ],
)
def test_programs_read_runs_as_before(
    console: Console, file: Path, spoil: Callable[[Path], None], address: str
) -> None:
    client = browse(console)
    before = client.get(address)
    spoil(file)
    assert client.get(address).status_code == before.status_code == 200


def test_going_on_with_a_run_is_refused_before_a_process_starts(
    open_console: OpenConsole, file: Path, spoil: Callable[[Path], None]
) -> None:
    console = open_console()
    (file.parent / "slow" / "work.py").write_text("raise SystemExit(1)\n", encoding="utf-8")
    console.engine.run(RunRequest("slow", cause="test"))
    client: TestClient = browse(console)
    spoil(file)
    answer = client.post("/api/runs/last/retry", json={})
    assert answer.status_code in (400, 404)
    assert "slow" in answer.json()["error"]["message"]
    assert console.launches.look() == {}
