"""Turns pages into HTML; the only module that knows the template engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from penstock import __version__
from penstock.web import words
from penstock.web.page import Page, Viewer


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("penstock.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(words.FILTERS)
    found.globals.update(version=__version__, svg=_svg)
    return found


def _svg(drawing: str) -> Markup:
    """Let a drawing pass as it is: its makers have escaped every text in it."""
    return Markup(drawing)  # noqa: S704 - made by penstock.web.drawing alone


def render_page(page: Page, viewer: Viewer, *, seq: int, path: str) -> str:
    """Return a whole page.

    Args:
        seq: Position in the event log from before the page's facts were read.
        path: Its address, which marks the place in the navigation.
    """
    return _render(f"{page.folder}/page.html", page, viewer, {"seq": seq, "path": path, "title": page.title})


def render_regions(page: Page, viewer: Viewer) -> dict[str, str]:
    """Return the HTML of each live region of a page, by the element's id."""
    return {name: _render(f"{page.folder}/{name}.html", page, viewer, {}) for name in page.regions}


def _render(template: str, page: Page, viewer: Viewer, further: Mapping[str, Any]) -> str:
    return _templates().get_template(template).render(**page.facts, **further, viewer=viewer)
