"""Datasets are told with who makes and reads them, what each run changed, and a look at their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from penstock import Param, Pipeline, Task, task
from penstock.engine.definition.dataset import Feed
from penstock.warehouse.connect import foreign_table
from penstock.web.console import Console
from tests.web.browsing import browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import Document, read
from tests.web.shop import NOTE, REPORT, shop

ORDERS = "/datasets/bronze.orders?pipeline=shop"


@pytest.fixture
def console(open_console: OpenConsole, tmp_path: Path) -> Console:
    """A console that knows the shop."""
    return open_console(shop(tmp_path))


@pytest.fixture
def client(console: Console) -> Iterator[TestClient]:
    """A browser on the machine itself."""
    with browse(console) as asking:
        yield asking


def sell(console: Console, **params: object) -> str:
    """Run the shop and return the run's id."""
    view = run(console, "shop", params=params)
    assert view.status == "completed", view
    return view.run.run_id


def test_all_datasets_are_listed_with_makers_readers_and_state(client: TestClient, console: Console) -> None:
    newest = [sell(console, cycle=cycle) for cycle in ("2025", "2026")][-1]
    page = read(client, "/datasets?pipeline=shop")
    for told in ("bronze.orders", "Every order as the shop exports it.", "6 rows in 2 partitions", "load_orders"):
        assert told in page.text
    assert f"/runs/{newest}" in page.links
    assert "/pipelines/shop/tasks/write_report" in page.links
    assert ORDERS in page.links


def test_a_dataset_nobody_wrote_says_what_makes_it(client: TestClient) -> None:
    assert "never seen" in read(client, "/datasets?pipeline=shop").text
    page = read(client, ORDERS)
    assert "Nobody has written or seen it yet" in page.text
    assert "US dollars." in page.text
    assert "amounts below a million" in page.text


def test_each_write_is_told_with_its_run_and_counts(client: TestClient, console: Console) -> None:
    first, second = sell(console, orders=3), sell(console, orders=4, price=6)
    page = read(client, ORDERS)
    assert {f"/runs/{first}", f"/runs/{second}"} <= set(page.links)
    assert "v2 1 1 0 2 0" in page.text  # inserted, changed, vanished, unchanged, repeated
    assert "v1 3 0 0 0 0" in page.text


def test_changed_rows_are_told_with_old_and_new_values(client: TestClient, console: Console) -> None:
    sell(console, orders=3)
    second = sell(console, orders=2, price=6)
    told = read(client, ORDERS).text
    assert "± changed cycle=2026, id=o000 amount 5.00 → became 6.00" in told
    assert "− vanished cycle=2026, id=o002" in told
    of_run = read(client, f"{ORDERS}&run={second}").text
    assert f"Rows that changed in run {second}" in of_run
    assert "o002" in of_run
    assert "− vanished" not in read(client, f"{ORDERS}&run=nothing").text


def test_rows_are_shown_as_they_are_and_never_run(client: TestClient, console: Console) -> None:
    sell(console)
    page = read(client, ORDERS)
    assert "2026 o000 5.00 " + NOTE in page.text
    assert page.dangers == []


def test_rows_are_paged(client: TestClient, console: Console) -> None:
    sell(console, orders=120)
    address, seen = ORDERS, list[str]()
    while address:
        page = read(client, address)
        seen += [word for word in page.text.partition("long texts cut")[2].split() if word.startswith("o")]
        address = next((told["href"] for tag, told in page.elements if told.get("rel") == "next"), "").partition("#")[0]
    assert [one for one in seen if one[1:].isdigit()] == [f"o{number:03}" for number in range(120)]


def test_one_partition_can_be_looked_at(client: TestClient, console: Console) -> None:
    sell(console, cycle="2025", orders=1)
    sell(console, cycle="2026", orders=2)
    page = read(client, f"{ORDERS}&partition=2025")
    assert "Rows of 2025" in page.text
    assert "2026 o00" not in page.text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/datasets/bronze.order", "did you mean `bronze.orders`?"),
        ("/datasets/bronze.orders?pipeline=nobody", "there is no pipeline `nobody`"),
        ("/datasets/_penstock.loads", "no pipeline declares a dataset"),
        ("/datasets/bronze.orders%22;drop%20table%20x", "no pipeline declares a dataset"),
        (f"{ORDERS}&partition=1999", "it has `2026`"),
        (f"{ORDERS}&partition='%20or%201=1", "has no partition"),
        (f"{ORDERS}&page=x", "takes a whole number"),
        (f"{ORDERS}&page=100000", "the first 200 pages are shown"),
        ("/datasets?pipeline=nobody", "there is no pipeline `nobody`"),
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, console: Console, address: str, told: str) -> None:
    sell(console)
    assert told in read(client, address, 404).text


def test_a_file_is_told_as_tasks_left_it_run_by_run(client: TestClient, console: Console) -> None:
    runs = [sell(console, **asked) for asked in ({"price": 5}, {"price": 6}, {"price": 6, "orders": 4})]
    page = read(client, "/datasets/" + quote(REPORT, safe="") + "?pipeline=shop")
    assert REPORT in page.text
    assert [word for word in page.text.split() if word in ("changed", "same")] == ["same", "changed"]
    assert {f"/runs/{one}/tasks/write_report" for one in runs} <= set(page.links)
    assert page.dangers == []


def test_a_dataset_of_several_pipelines_tells_all_of_them(open_console: OpenConsole, tmp_path: Path) -> None:
    reads = task(name="count_orders", inputs=["bronze.orders"])(lambda _: 1)
    from tests.web.shop import ORDERS as TABLE

    console = open_console(shop(tmp_path), Pipeline("books", tasks=[reads], datasets=[TABLE]))
    page = read(browse(console), "/datasets/bronze.orders?pipeline=books")
    assert {"/pipelines/books/tasks/count_orders", "/pipelines/shop/tasks/load_orders"} <= set(page.links)


def a_database(path: Path) -> None:
    """Make a database as scripts do."""
    connection = sqlite3.connect(path)
    connection.executescript(
        "create table users (id text, age integer, photo blob); create view empty as select 1 where 0"
    )
    rows = [(f"u{number:03}", None if number else 7, b"\xff\xfe") for number in range(60)]
    connection.executemany("insert into users values (?, ?, ?)", rows)
    connection.execute("insert into users values (cast(x'c3' as text), 1, null)")
    connection.commit()
    connection.close()


def scripts(folder: Path, path: str = "{base}.db") -> Pipeline:
    """A pipeline that reads a table scripts wrote, and a feed."""
    users = foreign_table(path, "users", folder)
    reading: list[Task] = [
        task(name="count", inputs=[users])(lambda _: 1),
        task(name="ask", inputs=[Feed("x")])(lambda _: 1),
    ]
    return Pipeline("scripts", tasks=reading, params=[Param("base", str, "data")])


def users_page(console: Console, status: int = 200, query: str = "") -> Document:
    """The page of the table scripts wrote."""
    return read(
        browse(console), f"/datasets/{quote('sqlite:{base}.db#users', safe='')}?pipeline=scripts{query}", status
    )


def test_rows_of_a_table_that_scripts_wrote_are_shown(open_console: OpenConsole, tmp_path: Path) -> None:
    a_database(tmp_path / "data.db")
    console = open_console(scripts(tmp_path))
    page = users_page(console)
    assert "SQLite table" in page.text
    assert "u000 7 2 bytes" in page.text
    assert "u001 null 2 bytes" in page.text
    assert "u059" in users_page(console, query="&page=2").text
    assert "� 1 null" in users_page(console, query="&page=2").text


def test_a_table_that_is_not_there_yet_says_so(open_console: OpenConsole, tmp_path: Path) -> None:
    console = open_console(scripts(tmp_path))
    assert "there is no database `data.db`; run the task that makes it" in users_page(console).text
    (tmp_path / "data.db").write_bytes(b"no database at all" * 100)
    assert "cannot look at table `users`" in users_page(console).text


def test_a_database_that_a_script_holds_says_so(open_console: OpenConsole, tmp_path: Path) -> None:
    a_database(tmp_path / "data.db")
    holder = sqlite3.connect(tmp_path / "data.db", isolation_level=None)
    holder.execute("begin exclusive")
    assert "database is locked; try again in a moment" in users_page(open_console(scripts(tmp_path))).text
    holder.close()


def test_looking_at_rows_of_another_place_follows_the_newest_run(open_console: OpenConsole, tmp_path: Path) -> None:
    a_database(tmp_path / "other.db")
    console = open_console(scripts(tmp_path))
    run(console, "scripts", params={"base": "other"})
    assert "u000" in users_page(console).text


def test_a_feed_has_a_page_too(open_console: OpenConsole, tmp_path: Path) -> None:
    page = read(browse(open_console(scripts(tmp_path))), "/datasets/x%20feed?pipeline=scripts")
    assert "from outside" in page.text
