"""What holds for every page of a list: it opens on an empty store, escapes what it shows, and names what is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock import Pipeline, task
from penstock.engine.definition.dataset import File
from penstock.engine.definition.deployment import Cron, Deployment
from tests.web.browsing import browse, run
from tests.web.conftest import OpenConsole
from tests.web.reading import read
from tests.web.shop import shop

PAGES = ("/runs", "/runs/compare", "/schedules", "/datasets", "/budgets", "/workers", "/settings")
ODD = '<script>alert("1")</script> é🙂 \' &amp; %2F'


@pytest.mark.parametrize("address", PAGES)
def test_a_list_opens_on_a_project_without_pipelines_and_says_what_to_do(
    open_console: OpenConsole, address: str
) -> None:
    page = read(browse(open_console()), address)
    assert page.dangers == []
    assert [tag for tag, _ in page.elements].count("h1") == 1


@pytest.mark.parametrize("address", PAGES)
def test_the_navigation_marks_the_list(open_console: OpenConsole, address: str) -> None:
    page = read(browse(open_console()), address)
    marked = [told["href"] for tag, told in page.elements if tag == "a" and told.get("aria-current") == "page"]
    assert marked == ["/" + address.split("/")[1]]


def test_odd_names_are_shown_as_they_are_and_never_run(open_console: OpenConsole, tmp_path: Path) -> None:
    odd = task(name="x<y>'\"", outputs=[File(ODD.replace("/", "-"), folder=tmp_path, optional=True)])(lambda _: ODD)
    pipeline = Pipeline(
        "odd",
        tasks=[odd],
        title=ODD,
        doc=ODD,
        deployments=[Deployment(ODD, Cron("weekdays 01:00 UTC"), doc=ODD)],
    )
    console = open_console(pipeline)
    run(console, "odd", cause=ODD)
    run(console, "odd", cause=ODD, force=True)
    client = browse(console)
    first, second = (view.run.run_id for view in console.engine.history("odd"))
    for address in (*PAGES, f"/runs/compare?first={first}&second={second}"):
        assert read(client, address).dangers == []
    for address in ("/runs", "/schedules", "/datasets"):
        assert ODD in read(client, address).text


def test_every_page_a_list_leads_to_opens(open_console: OpenConsole, tmp_path: Path) -> None:
    console = open_console(shop(tmp_path))
    run(console, "shop", params={"cycle": "2026"})
    run(console, "shop", params={"cycle": "2025"})
    client = browse(console)
    for address in PAGES:
        for link in {link for link in read(client, address).links if link.startswith("/") and "shop" in link}:
            read(client, link)


def test_readers_see_no_forms_that_act(open_console: OpenConsole, tmp_path: Path) -> None:
    from penstock.web.page import Role, Viewer
    from penstock.web.render import render_page
    from penstock.web.router import find_page
    from tests.web.reading import Document

    console, viewer = open_console(shop(tmp_path)), Viewer(Role.READER)
    for address in PAGES:
        page = Document(render_page(find_page(console, address, viewer), viewer, seq=0, path=address))
        assert [form.method for form in page.forms if form.method != "get"] == []
