"""A browser, a console and a project for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.browser.project import write_project
from tests.servers.chromium import chromium
from tests.servers.console import ServedConsole


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A running Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a history."""
    return write_project(tmp_path_factory.mktemp("console") / "project")


@pytest.fixture(scope="session")
def console(project: Path) -> Iterator[ServedConsole]:
    """The console of that project."""
    served = ServedConsole(project)
    try:
        yield served
    finally:
        served.close()


@pytest.fixture
def open_page(browser: Any, console: ServedConsole) -> Iterator[Callable[..., Any]]:
    """Open a page in a context of its own; at the end nothing may have gone wrong in the browser."""
    problems: list[str] = []
    with ExitStack() as opened:

        def open_it(address: str = "/pipelines", *, base: str = "", **context: Any) -> Any:
            around = opened.enter_context(browser.new_context(**context))
            page = around.new_page()
            page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on(
                "request",
                lambda asked: problems.append(asked.url) if not _is_own(asked.url, base or console.address) else None,
            )
            page.problems = problems
            page.goto((base or console.address) + address)
            return page

        yield open_it
        assert problems == []


def _is_own(url: str, base: str) -> bool:
    return url.startswith((base, base.replace("http", "ws", 1), "data:"))
