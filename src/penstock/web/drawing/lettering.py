"""How wide a text will be when a browser sets it, and what remains of it where there is less room."""

from __future__ import annotations

import unicodedata

#: Widths in hundredths of the font size, measured in DejaVu Sans, a wide face: narrower ones leave some air.
_WIDTHS = {
    28: "'ijlIJ",
    34: " ,.·/:;\\|",
    40: "f-()[]t!r",
    48: '"*_`sz',
    56: "?cLFk",
    61: "vxyPTYaoe",
    64: "ESbdghnpqu$0123456789{}",
    70: "KAVBRXZC",
    78: "UHNDG&OQ",
    86: "w#+<=>^~×M",
    99: "%mW@…",
}
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OTHER = 72
_WIDE = 104


def width_of(text: str, size: int) -> int:
    """Return about how many pixels wide a text of this font size is."""
    return -(-sum(map(_hundredths, text)) * size // 100)


def _hundredths(character: str) -> int:
    known = _WIDTH_OF.get(character)
    if known is not None:
        return known
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    is_wide = unicodedata.east_asian_width(character) in "WF" or ord(character) > 0xFFFF
    return _WIDE if is_wide else _OTHER


def shorten(text: str, width: int, size: int) -> str:
    """Return the text, its middle replaced by `…` where it is wider: names often differ at their ends."""
    if width_of(text, size) <= width:
        return text
    head, tail, kept = "", "", "…"
    for number in range(len(text)):
        if number % 2:
            tail = text[-1 - len(tail)] + tail
        else:
            head += text[len(head)]
        if width_of(longer := f"{head}…{tail}", size) > width:
            break
        kept = longer
    return kept
