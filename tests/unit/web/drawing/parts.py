"""What a browser, a pointer and a screen reader find in a drawing."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

_SVG = "{http://www.w3.org/2000/svg}"
#: All that a page which forbids inline styles and scripts lets pass.
ALLOWED = {
    *("aria-hidden", "aria-label", "class", "d", "height", "href", "role", "rx", "text-anchor", "transform"),
    *("viewBox", "width", "x", "y"),
}


def parse(drawing: str | None) -> ET.Element:
    assert drawing is not None
    root = ET.fromstring(drawing)
    assert {name for part in root.iter() for name in part.attrib} <= ALLOWED
    assert {part.tag.removeprefix(_SVG) for part in root.iter()} <= {"svg", "title", "desc", "g", "a", *SHAPES}
    return root


SHAPES = ("path", "rect", "text")


def parts(root: ET.Element, tag: str, class_: str = "") -> Iterator[ET.Element]:
    for part in root.iter(_SVG + tag):
        if not class_ or class_ in part.get("class", "").split():
            yield part


def names(root: ET.Element) -> list[str]:
    """The names of all that can be pointed at, as they are read aloud."""
    return [part.get("aria-label", "") for part in root.iter() if "aria-label" in part.attrib]


def hrefs(root: ET.Element) -> list[str]:
    return [part.get("href", "") for part in parts(root, "a")]


def classes(root: ET.Element) -> set[str]:
    return {word for part in root.iter() for word in part.get("class", "").split()}


def texts(root: ET.Element, class_: str = "") -> list[str]:
    return [part.text or "" for part in parts(root, "text", class_)]


def told(root: ET.Element) -> tuple[str, str]:
    """The title and the description of the whole drawing."""
    return root.findtext(f"{_SVG}title", ""), root.findtext(f"{_SVG}desc", "")


def number(part: ET.Element, name: str) -> int:
    return int(part.get(name, "0"))
