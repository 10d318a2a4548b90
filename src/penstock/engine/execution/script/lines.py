"""Cuts what a script writes into lines, and makes them fit to be kept and shown."""

from __future__ import annotations

import re
from typing import NamedTuple

from penstock.engine.execution.script.concealment import Concealment

#: A line longer than this is no longer waited for as a whole.
LONGEST_WHOLE = 1 << 20
#: Longer lines are kept in pieces of so many bytes, each numbered like a line.
PIECE = 16 << 10
# In UTF-8 a character takes up to four bytes.
_WIDEST = 4

_COLOURS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Segment(NamedTuple):
    """Some lines of one stream, or a part of one long line."""

    data: bytes
    begins_line: bool = True
    ends_line: bool = True


class LineCutter:
    """Cuts one stream into segments of whole lines; of a line that is too long it yields parts."""

    def __init__(self, concealment: Concealment) -> None:
        self._concealment = concealment
        self._rest = bytearray()
        self._is_inside = False

    def feed(self, data: bytes) -> Segment | None:
        """Return what can be cut off now that these bytes came; None while a line is incomplete."""
        end = data.rfind(b"\n") + 1
        if not end:
            self._rest += data
            return self._part() if len(self._rest) > LONGEST_WHOLE else None
        whole = bytes(self._rest) + data[:end]
        self._rest = bytearray(data[end:])
        return self._segment(whole, ends_line=True)

    def finish(self) -> Segment | None:
        """Return the last line, if it was written without an end."""
        if not self._rest:
            return None
        whole, self._rest = bytes(self._rest) + b"\n", bytearray()
        return self._segment(whole, ends_line=True)

    def _part(self) -> Segment:
        """Cut off all but what may be the beginning of a secret, or of a character."""
        scrubbed = self._concealment.scrub_bytes(bytes(self._rest))
        cut = _before_character(scrubbed, len(scrubbed) - max(_WIDEST, self._concealment.longest))
        self._rest = bytearray(scrubbed[cut:])
        return self._segment(scrubbed[:cut], ends_line=False)

    def _segment(self, data: bytes, *, ends_line: bool) -> Segment:
        segment = Segment(data, not self._is_inside, ends_line)
        self._is_inside = not ends_line
        return segment


def clean(data: bytes, concealment: Concealment) -> str:
    """Return the bytes as text: without secrets and colours, what has no shape made visible."""
    text = data.decode("utf-8", "backslashreplace")
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    return _CONTROLS.sub(_escaped, concealment.scrub(text).replace("\r\n", "\n"))


def pieces_of(lines: list[str]) -> list[str]:
    """Return the lines, those that are too long in pieces."""
    if max(map(len, lines), default=0) <= PIECE // _WIDEST:
        return lines
    return [piece for line in lines for piece in _pieces(line)]


def count_pieces(data: bytes) -> int:
    """Return how many lines and pieces of lines the bytes are."""
    begin, size = 0, len(data)
    while size - begin > PIECE:
        end = data.rfind(b"\n", begin, begin + PIECE) + 1
        if not end:
            return sum(max(1, -(-len(line) // PIECE)) for line in data.removesuffix(b"\n").split(b"\n"))
        begin = end
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _before_character(data: bytes, place: int) -> int:
    """Return the place, or the one before it where a character of UTF-8 begins that lies across it."""
    for begin in range(place, place - _WIDEST, -1):
        if data[begin] & 0xC0 != 0x80:
            return begin
    return place


def _pieces(line: str) -> list[str]:
    size = PIECE if line.isascii() else PIECE // _WIDEST
    return [line[begin : begin + size] for begin in range(0, len(line), size)] or [""]


def _escaped(match: re.Match[str]) -> str:
    return f"\\x{ord(match.group()):02x}"
