"""Two runs are held against each other, what differs first."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from penstock.web.console import Console
from tests.web.browsing import browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import read
from tests.web.shop import shop


def test_without_two_runs_there_is_a_choice(client: TestClient, console: Console) -> None:
    assert "There are not two runs yet" in read(client, "/runs/compare").text
    one, other = run(console).run.run_id, run(console, force=True).run.run_id
    page = read(client, "/runs/compare")
    chosen = {told["value"] for tag, told in page.elements if told.get("type") == "radio"}
    assert chosen == {one, other}


def test_parameters_and_tasks_that_differ_are_told_first(client: TestClient, console: Console) -> None:
    first = run(console, params={"guests": 2}).run.run_id
    second = run(console, params={"guests": 2, "rude": 1}).run.run_id
    page = read(client, f"/runs/compare?first={first}&second={second}")
    told = page.text
    assert "rude -1 1" in told
    assert told.index("Tasks that differ 2") < told.index("greet")
    assert "differs: status, reason, result" in told
    assert f"/runs/{second}/tasks/greet" in page.links
    assert f"penstock compare {first} {second}" in told


def test_outputs_that_differ_are_told(open_console: OpenConsole, tmp_path: Path) -> None:
    console = open_console(shop(tmp_path))
    first, second = (run(console, "shop", params={"price": price}).run.run_id for price in (5, 6))
    page = read(browse(console), f"/runs/compare?first={first}&second={second}")
    assert "differs: reason, result, outputs" in page.text


def test_equal_runs_differ_in_nothing_but_time(client: TestClient, console: Console) -> None:
    first, second = (run(console, force=True).run.run_id for _ in range(2))
    told = read(client, f"/runs/compare?first={first}&second={second}").text
    assert "None: both ran with the same parameters." in told
    assert "None but in the time they took." in told
    assert "Tasks that do not differ 2" in told


def test_a_short_id_and_the_newest_run_will_do(client: TestClient, console: Console) -> None:
    first = run(console).run.run_id
    run(console, force=True)
    assert first in read(client, f"/runs/compare?first={first[:22]}&second=last").text


def test_runs_that_cannot_be_compared_are_refused(
    open_console: OpenConsole, client: TestClient, console: Console
) -> None:
    first = run(console).run.run_id
    assert "there is no run `nothing`" in read(client, f"/runs/compare?first=nothing&second={first}", 404).text
    assert f"both are run `{first}`" in read(client, f"/runs/compare?first=last&second={first}", 404).text


def test_runs_of_two_pipelines_are_not_compared(open_console: OpenConsole, tmp_path: Path) -> None:
    from tests.web.conftest import party

    console = open_console(shop(tmp_path), party())
    first, second = run(console, "shop").run.run_id, run(console).run.run_id
    page = read(browse(console), f"/runs/compare?first={first}&second={second}", 404)
    assert "compare two runs of one pipeline" in page.text


def test_a_secret_that_differs_is_told_and_not_shown(open_console: OpenConsole, tmp_path: Path) -> None:
    console = open_console(shop(tmp_path))
    secrets = ("open-sesame-1", "open-sesame-2")
    ids = [run(console, "shop", params={"api_token": one}).run.run_id for one in secrets]
    told = read(browse(console), f"/runs/compare?first={ids[0]}&second={ids[1]}").text
    assert "api_token *** (secret) *** (another secret)" in told
    assert "sesame" not in told
