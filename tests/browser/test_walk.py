"""Every page: it opens, says nothing wrong, is usable by all, fits a phone, and reads without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from axe_playwright_python.sync_playwright import Axe

from tests.servers.console import ServedConsole

PLAIN = ("/pipelines", "/runs", "/runs/compare", "/schedules", "/datasets", "/budgets", "/workers", "/settings")
OF_PIPELINE = ("", "/plan", "/reset", "/tasks/fetch")
TABS = ("graph", "timeline", "tasks", "items", "logs", "data", "events", "config")
#: What makes a page unusable for somebody.
_GRAVE = ("serious", "critical")


def every_address(console: ServedConsole) -> list[str]:
    """Every page of the project."""
    runs = api(console, "/api/runs")["runs"]
    failed = next(run["run_id"] for run in runs if run["pipeline"] == "nightly" and run["status"] == "failed")
    letters = next(run["run_id"] for run in runs if run["pipeline"] == "letters" and run["status"] == "failed")
    return [
        *PLAIN,
        *(f"/pipelines/nightly{rest}" for rest in OF_PIPELINE),
        "/pipelines/letters",
        "/datasets/data%2Fnumbers.txt?pipeline=nightly",
        *(f"/runs/{failed}?tab={tab}" for tab in TABS),
        f"/runs/{letters}?tab=items",
        f"/runs/{failed}/tasks/report",
        f"/runs/{letters}/tasks/write_letter",
        f"/runs/{letters}/tasks/write_letter/items?status=failed",
        f"/runs/compare?first={runs[-1]['run_id']}&second={failed}",
        "/nowhere",
    ]


def api(console: ServedConsole, path: str) -> Any:
    """What the API answers."""
    with urlopen(Request(console.address + path)) as answer:
        return json.load(answer)


def test_every_page_is_usable_with_a_screen_reader_and_a_keyboard(
    console: ServedConsole, open_page: Callable[..., Any]
) -> None:
    page, found = open_page(), {}
    for address in every_address(console):
        page.goto(console.address + address)
        grave = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in Axe().run(page).response["violations"]
            if one["impact"] in _GRAVE
        ]
        if grave:
            found[address] = grave
    page.problems[:] = [told for told in page.problems if "404" not in told]
    assert found == {}


def test_every_page_has_enough_contrast_in_the_dark(console: ServedConsole, open_page: Callable[..., Any]) -> None:
    page, found = open_page(color_scheme="dark"), {}
    options = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for address in every_address(console)[::3]:  # all are drawn from the same few colours
        page.goto(console.address + address)
        pale = [
            node["html"][:160]
            for one in Axe().run(page, options=options).response["violations"]
            for node in one["nodes"]
        ]
        if pale:
            found[address] = pale[:3]
    page.problems[:] = [told for told in page.problems if "404" not in told]
    assert found == {}


def test_every_page_fits_a_screen_of_400_pixels(console: ServedConsole, open_page: Callable[..., Any]) -> None:
    page, too_wide = open_page(viewport={"width": 400, "height": 800}), {}
    for address in every_address(console):
        page.goto(console.address + address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 400:
            too_wide[address] = width
    page.problems[:] = [told for told in page.problems if "404" not in told]
    assert too_wide == {}


def test_every_page_can_be_read_without_scripts(console: ServedConsole, open_page: Callable[..., Any]) -> None:
    page = open_page(java_script_enabled=False)
    for address in every_address(console):
        page.goto(console.address + address)
        assert page.locator("h1").count() == 1, address
        assert page.locator("main").inner_text().strip(), address
    page.problems[:] = [told for told in page.problems if "404" not in told]


def test_links_of_every_page_lead_somewhere(console: ServedConsole) -> None:
    seen, broken = set(), {}
    for address in every_address(console):
        for link in re.findall(r'href="(/[^"#]*)', read(console.address + address)):
            if link not in seen:
                seen.add(link)
                try:
                    read(console.address + unescape(link))
                except HTTPError as refusal:
                    broken[link] = (refusal.code, address)
    assert len(seen) > 50
    assert broken == {}


def read(address: str) -> str:
    """Return a page's source; of one that is not there, too."""
    try:
        with urlopen(address) as answer:
            return str(answer.read().decode())
    except HTTPError as refusal:
        if address.endswith("/nowhere"):
            return str(refusal.read().decode())
        raise


def test_screenshots_of_every_page_can_be_kept(
    console: ServedConsole, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page("/pipelines")
    page.screenshot(path=tmp_path / "pipelines.png", full_page=True)
    assert (tmp_path / "pipelines.png").stat().st_size > 5_000
