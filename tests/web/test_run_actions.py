"""A run's page offers what makes sense now, and says what it will do; a refused form leads back to itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from penstock import Context, Item, Param, Pipeline, task
from penstock.engine.state.records import RunSignal
from penstock.web.console import Console
from tests.web.browsing import a_stored_run, browse, run
from tests.web.conftest import OpenConsole, party
from tests.web.reading import Document, csrf_of, read, send
from tests.web.shop import shop


def breaks(_: Context) -> None:
    """Fail."""
    raise ValueError("no")


def half_failed() -> Pipeline:
    """A pipeline of a fan-out that tolerates failures, and of a task that fails, before another one."""

    @task
    def fetch(_: Context) -> Any:
        return [Item(f"guest-{number}", number) for number in range(4)]

    @task(each="fetch", failure_tolerance=0.5)
    def greet(_: Context, item: Item) -> None:
        if item.payload < 2:
            raise ValueError("rude")

    bad = task(name="bad")(breaks)
    behind = task(name="behind", depends_on=["bad"])(lambda _: None)
    return Pipeline("half", title="Half of it", tasks=[fetch, greet, bad, behind])


def actions(page: Document) -> set[str]:
    return {form.action.rpartition("/")[2] for form in page.forms if form.method == "post"}


# Trying again -----------------------------------------------------------------------------------------------


def test_trying_a_failed_run_again_names_what_is_tried_and_what_is_left_alone(open_console: OpenConsole) -> None:
    console = open_console(half_failed())
    run(console, "half", continue_on_failure=True)
    page = read(browse(console), "/runs/last")
    assert "Retry failed: this run tries again bad and 1 task that did not begin." in page.text
    assert "Left alone: what completed; 2 failed items of greet, as tolerated" in page.text


def test_the_items_a_failed_run_tolerated_offer_no_retry_there(open_console: OpenConsole) -> None:
    console = open_console(half_failed())
    run(console, "half", continue_on_failure=True)
    assert actions(read(browse(console), "/runs/last/tasks/greet/items")) == set()


def test_the_items_of_a_fan_out_that_failed_can_be_tried_again_there(open_console: OpenConsole) -> None:
    console = open_console(party())
    run(console, params={"rude": 1})
    assert actions(read(browse(console), "/runs/last/tasks/greet/items")) == {"retry"}


def test_a_completed_run_with_failed_items_is_tried_again_in_a_new_one(open_console: OpenConsole) -> None:
    console = open_console(party(failure_tolerance=0.5))
    run(console, params={"rude": 1})
    page = read(browse(console), "/runs/last")
    assert "Retry failed items: a new run tries again 1 failed item of greet, and what follows from them." in page.text


def test_nothing_is_offered_where_nothing_failed(open_console: OpenConsole) -> None:
    console = open_console(party())
    run(console)
    page = read(browse(console), "/runs/last")
    assert actions(page) == set()
    assert "Retry" not in page.text


# Ending -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "offered", "told"),
    [
        (None, 2, ""),
        (RunSignal.CANCEL, 1, "cancel requested: it stops after the running tasks"),
        (RunSignal.CANCEL_NOW, 0, "cancel requested: the running tasks are being ended"),
    ],
)
def test_what_was_asked_for_already_is_told_and_not_offered_again(
    open_console: OpenConsole, signal: RunSignal | None, offered: int, told: str
) -> None:
    console = open_console(half_failed())
    a_stored_run(console, half_failed())
    claimed = console.engine.store.claim_task_runs("R1", "elsewhere:1:1", console.clock.now(), console.engine._ttl)
    assert claimed
    if signal:
        console.engine.cancel("R1", now=signal is RunSignal.CANCEL_NOW)
    page = read(browse(console), "/runs/R1")
    assert sum(form.action == "/runs/R1/cancel" for form in page.forms) == offered
    assert told in page.text
    assert "cancel requested" not in page.text or told


def test_the_filter_of_an_open_page_knows_every_status_from_the_start(open_console: OpenConsole) -> None:
    console = open_console(party())
    run(console)
    choices = {told.get("value") for name, told in read(browse(console), "/runs/last").elements if name == "option"}
    assert {"running", "queued", "pending", "cancelled", "passed_over"} <= choices


# Names people read ------------------------------------------------------------------------------------------

MATRIX = """
name: Many regions
params: {database: some.db}
steps:
  - name: Fetch it
    matrix: {region: [north, south]}
    script: fetch.py
    args: ["{matrix.region}"]
    inputs: "{database}"
  - name: Count all
    needs: Fetch it
    task: tasks.py:count
"""

TASKS = """
from penstock import task


@task
def count(ctx):
    return 1
"""


@pytest.fixture
def regions(open_console: OpenConsole, tmp_path: Path) -> Console:
    """A console with one run of a pipeline of titles, a matrix, and a path that a parameter names."""
    folder = tmp_path / "pipelines" / "regions"
    folder.mkdir(parents=True)
    (folder.parent / "regions.yaml").write_text(MATRIX, encoding="utf-8")
    (folder / "fetch.py").write_text("print('here')\n", encoding="utf-8")
    (folder / "tasks.py").write_text(
        "from penstock import task\n\n\n@task\ndef count(ctx):\n    return 1\n", encoding="utf-8"
    )
    for name in ("some.db", "other.db"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    console = open_console()
    assert run(console, "regions").exit_code == 0
    return console


def test_steps_stand_after_titles_and_name_functions_as_the_file_does(regions: Console) -> None:
    page = read(browse(regions), "/pipelines/regions")
    assert "after Fetch it (north), Fetch it (south)" in page.text
    assert "tasks.py:count" in page.text
    assert "penstock_project" not in page.text


def test_a_run_is_headed_by_the_title_of_its_pipeline(regions: Console) -> None:
    page = read(browse(regions), "/runs/last")
    assert "Many regions ·" in page.text
    assert "of Many regions" in page.text


def test_reasons_and_datasets_name_the_path_that_a_run_gave(regions: Console) -> None:
    run(regions, "regions", params={"database": "other.db"})
    client = browse(regions)
    for address in ("/runs/last", "/pipelines/regions", "/datasets", "/datasets/%7Bdatabase%7D", "/runs/last?tab=data"):
        told = read(client, address).text.replace("declared as {database}", "")
        assert "other.db" in told, address
        assert "{database}" not in told, address
    first = regions.engine.history("regions")[-1].run.run_id
    assert "some.db" in read(client, f"/datasets/%7Bdatabase%7D?run={first}").text


def test_lineage_leaves_out_tasks_without_data(regions: Console) -> None:
    html = browse(regions).get("/pipelines/regions").text
    lineage = html[html.index('aria-label="Lineage of the datasets"') :]
    assert "Fetch it (north)" in lineage
    assert "Count all" not in lineage.partition("</svg>")[0]


def test_a_task_that_names_no_data_is_told_so_in_the_words_of_the_file(regions: Console) -> None:
    assert "It declares neither inputs nor outputs ." in read(browse(regions), "/runs/last?tab=data").text


# Ways on ----------------------------------------------------------------------------------------------------


def test_a_run_leads_to_its_comparison_with_the_run_before(open_console: OpenConsole) -> None:
    console = open_console(party())
    first = run(console).run.run_id
    client = browse(console)
    assert not [link for link in read(client, "/runs/last").links if link.startswith("/runs/compare")]
    second = run(console).run.run_id
    address = f"/runs/compare?first={first}&second={second}"
    assert address in read(client, "/runs/last").links
    read(client, address)


def test_a_table_leads_to_the_rows_that_the_run_changed(open_console: OpenConsole, tmp_path: Path) -> None:
    console = open_console(shop(tmp_path))
    view = run(console, "shop")
    client = browse(console)
    address = f"/datasets/bronze.orders?pipeline=shop&run={view.run.run_id}"
    assert f"{address}#changes" in read(client, "/runs/last?tab=data").links
    assert "Rows that changed in run" in read(client, address).text


def test_running_from_a_task_on_runs_it_whether_fresh_or_not(open_console: OpenConsole) -> None:
    console = open_console(party())
    run(console)
    forms = [form for form in read(browse(console), "/runs/last/tasks/fetch").forms if form.action.endswith("/run")]
    assert [(form.fields["tasks"], form.fields["force"]) for form in forms] == [("fetch", "1"), ("fetch+", "1")]


# A form that was refused ------------------------------------------------------------------------------------


def test_a_refused_form_leads_back_with_what_was_given(open_console: OpenConsole) -> None:
    client = browse(open_console(party()))
    given = {"param.guests": "0", "param.rude": "2", "tasks": "fetch", "force": "1"}
    answer = send(client, "/pipelines/party/run", **given)
    assert answer.status_code == 400
    (back,) = [link for link in Document(answer.text).links if link.endswith("#run")]
    form = read(client, back.removesuffix("#run")).form("/pipelines/party/run")
    assert {name: form.fields[name] for name in given} == given
    ticked = [told for _, told in read(client, back.removesuffix("#run")).elements if "checked" in told]
    assert [told["name"] for told in ticked] == ["force"]


def test_what_a_refused_plan_was_asked_for_is_kept_too(open_console: OpenConsole) -> None:
    client = browse(open_console(party()))
    page = read(client, "/pipelines/party/plan?param.guests=0&tasks=fetch", 400)
    assert "/pipelines/party?param.guests=0&tasks=fetch#run" in page.links


def test_secrets_do_not_go_into_the_way_back(open_console: OpenConsole) -> None:
    secretive = Pipeline(
        "secretive",
        tasks=[task(name="only")(lambda _: None)],
        params=[Param("api_token"), Param("count", int, 1, minimum=1)],
    )
    client = browse(open_console(secretive, party()))
    fields = {"param.api_token": "hush-hush-hush", "param.count": "0", "csrf": csrf_of(client)}
    answer = client.post("/pipelines/secretive/run", data=fields, headers={"Origin": str(client.base_url)})
    assert answer.status_code == 400
    assert "hush-hush-hush" not in answer.text
    (back,) = [link for link in Document(answer.text).links if link.endswith("#run")]
    assert parse_qs(urlsplit(back).query) == {"param.count": ["0"]}
