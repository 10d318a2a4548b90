"""From a name as people write it, with blanks and pictures, to one that can be typed."""

from __future__ import annotations

import unicodedata

#: Longer ones cannot be read on any screen.
LONGEST_NAME = 120
_MARKS = "-_."


def slug(text: str) -> str:
    """Return a name of letters, digits, `-`, `_` and `.` for a text; equal texts give equal names.

    Letters of any script stay as they are. A text of pictures alone is spelt by what the pictures are called; a text
    of nothing that has a name gives an empty one.
    """
    normal = unicodedata.normalize("NFC", text)
    return _joined(normal) or _joined(" ".join(_spelt(char) for char in normal))


def _joined(text: str) -> str:
    kept = ""
    for char in text:
        if char.isalnum() or char in _MARKS or (_is_accent(char) and kept[-1:].isalpha()):
            kept += char
        elif kept and not kept.endswith("-"):
            kept += "-"
    name = kept.strip("-.")
    return name if any(char.isalnum() for char in name) else ""


def _is_accent(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _spelt(char: str) -> str:
    # Joiners and variation selectors say how a picture is drawn, not what it is.
    if _is_accent(char) or unicodedata.category(char) in ("Cf", "Zs"):
        return " "
    return unicodedata.name(char, "").lower()
