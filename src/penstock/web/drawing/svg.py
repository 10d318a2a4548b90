"""The few elements that drawings are made of, with every text and attribute escaped."""

from __future__ import annotations

import re
from html import escape

from penstock.errors import UsageError

#: What no XML text may hold, and what would turn the reading direction of the text around it.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_LOCAL = re.compile(r"[?#]|/(?![/\\])")


def element(tag: str, *inside: str, **attributes: str | int | None) -> str:
    """Return one element around inner elements; an attribute of None is left out, `class_` is `class`, `_` is `-`."""
    told = "".join(
        f' {_spell(name)}="{escaped(str(value))}"' for name, value in attributes.items() if value is not None
    )
    return f"<{tag}{told}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{told}/>"


def _spell(name: str) -> str:
    return name if name == "viewBox" else name.rstrip("_").replace("_", "-")


def escaped(text: str) -> str:
    """Return text that markup cannot break out of, wherever it stands."""
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


def text(words: str, x: int, y: int, class_: str, *, anchor: str | None = None) -> str:
    """Return a line of text whose baseline starts, or with an anchor ends or is centred, at a point."""
    return element("text", escaped(words), class_=class_, x=x, y=y, text_anchor=anchor)


def target(name: str, *inside: str, href: str, class_: str) -> str:
    """Return what a reader can point at: a link, or where there is no address a picture, with its name as tooltip.

    What is seen is hidden from screen readers, which read the name instead and would else read both.

    Raises:
        UsageError: The address is not one of this console.
    """
    seen = element("g", element("title", escaped(name)), *inside, aria_hidden="true")
    if not href:
        return element("g", seen, class_=class_, role="img", aria_label=name)
    if not _LOCAL.match(href):
        raise UsageError(
            f"a drawing cannot link to `{href}`", hint="addresses in drawings begin with a single `/`, `?` or `#`"
        )
    return element("a", seen, class_=class_, href=href, aria_label=name)


def blank(words: str, *, class_: str, title: str) -> str:
    """Return the drawing of nothing: a few words that say so."""
    return picture(text(words, 12, 27, "note"), class_=class_, size=(200, 44), title=title, desc=f"{words}.")


def picture(*inside: str, class_: str, size: tuple[int, int], title: str, desc: str) -> str:
    """Return the whole drawing, in a size of its own: what is too wide for a page is scrolled, never shrunk.

    A picture that holds links is a group, for what lies inside a picture is hidden from screen readers.
    """
    width, height = size
    has_links = any("<a " in part or 'role="img"' in part for part in inside)
    return element(
        "svg",
        element("title", escaped(title)),
        element("desc", escaped(desc)),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"drawing {class_}",
        role="group" if has_links else "img",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
    )
