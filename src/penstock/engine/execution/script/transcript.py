"""What a script has written so far: numbered lines, of which the head and the tail of a flood are kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from penstock.engine.execution.script.concealment import Concealment
from penstock.engine.execution.script.lines import LineCutter, Segment, clean, count_pieces, pieces_of
from penstock.engine.execution.script.protocol import (
    PREFIX,
    Log,
    MalformedLineError,
    Progress,
    Told,
    is_protocol,
    read_line,
)
from penstock.engine.execution.script.recorder import BLOCK_COST, Recorder

STDOUT, STDERR = "stdout", "stderr"
#: How much of an attempt's output is kept, and how much of its end when there is more.
MOST_KEPT = 4 << 20
TAIL_KEPT = 64 << 10
#: How many of the last lines of stderr a failure shows.
TRACE_LINES = 20


class Line(NamedTuple):
    """A line and its number."""

    number: int
    text: str


class _Dropped(NamedTuple):
    stream: str
    first: int
    data: bytes


class Transcript:
    """Takes in what a script writes and hands it to the recorder, without secrets."""

    def __init__(self, recorder: Recorder, concealment: Concealment) -> None:
        self.told = Told()
        #: The last line of each stream that tells something.
        self.last: dict[str, Line] = {}
        self._recorder = recorder
        self._concealment = concealment
        self._cutters = {stream: LineCutter(concealment) for stream in (STDOUT, STDERR)}
        self._trace: deque[str] = deque(maxlen=TRACE_LINES)
        self._next = 1
        self._kept = 0
        self._tail: deque[_Dropped] = deque()
        self._tail_bytes = 0
        self._dropped_bytes = 0
        self._flood_began: int | None = None

    @property
    def trace(self) -> str:
        """The last lines of stderr."""
        return "\n".join(self._trace)

    def take(self, stream: str, data: bytes) -> None:
        """Take in what was read from a stream."""
        segment = self._cutters[stream].feed(data)
        if segment is not None:
            self._take(stream, segment)

    def finish(self) -> None:
        """Take in lines without an end, and hand over the end of a flood."""
        for stream, cutter in self._cutters.items():
            segment = cutter.finish()
            if segment is not None:
                self._take(stream, segment)
        if self._flood_began is not None:
            self._finish_flood(self._flood_began)

    def _take(self, stream: str, segment: Segment) -> None:
        if stream != STDOUT or PREFIX not in segment.data:
            self._keep(stream, segment.data)
            return
        begin = 0
        for plain, line in _protocol_lines(segment):
            if plain > begin:
                self._keep(stream, segment.data[begin:plain])
            begin = plain + len(line)
            self._hear(line)
        if begin < len(segment.data):
            self._keep(stream, segment.data[begin:])

    def _hear(self, line: bytes) -> None:
        """Take in a line of the protocol; one that cannot be understood stays output, and a message says why."""
        number = self._next
        try:
            message = read_line(line, self._concealment)
            if isinstance(message, Progress):
                self._recorder.progress(message)
            elif isinstance(message, Log):
                if not self._can_say(message.message, message.facts, len(line)):
                    self._keep(STDOUT, line)
                    return
            else:
                self.told.note(message, len(line))
            self._next += 1
        except MalformedLineError as error:
            self._keep(STDOUT, line)
            self._can_say(f"line {number} of the output is no line for penstock: {error}", {"line": number}, 0)

    def _can_say(self, text: str, facts: Mapping[str, Any], size: int) -> bool:
        cost = len(text) + size + BLOCK_COST
        if self._flood_began is not None or self._kept + cost > MOST_KEPT:
            return False
        self._kept += cost
        self._recorder.message(self._concealment.scrub(text), facts)
        return True

    def _keep(self, stream: str, data: bytes) -> None:
        first = self._next
        if self._flood_began is None:
            lines = _lines_of(data, self._concealment)
            cost = sum(map(len, lines)) + len(lines) + BLOCK_COST
            if self._kept + cost <= MOST_KEPT:
                self._kept += cost
                self._next += len(lines)
                self._record(stream, first, lines)
                return
            self._flood_began = first
        self._next += count_pieces(data)
        self._tail.append(_Dropped(stream, first, data))
        self._tail_bytes += len(data)
        while self._tail_bytes - len(self._tail[0].data) >= TAIL_KEPT:
            self._drop(len(self._tail.popleft().data))

    def _record(self, stream: str, first: int, lines: list[str]) -> None:
        self._recorder.output(stream, first, lines)
        if stream == STDERR:
            self._trace.extend(lines[-TRACE_LINES:])
        for offset in range(len(lines) - 1, -1, -1):
            if _tells(lines[offset]):
                self.last[stream] = Line(first + offset, lines[offset])
                break

    def _drop(self, count: int) -> None:
        self._tail_bytes -= count
        self._dropped_bytes += count

    def _finish_flood(self, began: int) -> None:
        if self._tail_bytes > TAIL_KEPT:
            oldest = self._tail.popleft()
            left = _tail_of(oldest, self._tail_bytes - TAIL_KEPT, self._concealment.longest)
            self._drop(len(oldest.data) - len(left.data))
            if left.data:
                self._tail.appendleft(left)
        if self._dropped_bytes:
            self._recorder.message(
                f"the script wrote more than is kept: {self._dropped_bytes:,} bytes from line {began} on were dropped",
                {"dropped_bytes": self._dropped_bytes, "line": began},
            )
        follows = began
        for stream, counted, data in self._tail:
            # Bytes that are shown by their numbers make longer lines, and so more pieces, than were counted.
            first, lines = max(counted, follows), _lines_of(data, self._concealment)
            self._record(stream, first, lines)
            follows = first + len(lines)


def _protocol_lines(segment: Segment) -> list[tuple[int, bytes]]:
    """Return the lines of the protocol in a segment, each with the place where it begins."""
    data, found = segment.data, []
    begin = data.find(PREFIX)
    while begin >= 0:
        end = data.find(b"\n", begin) + 1 or len(data)
        is_first = segment.begins_line if begin == 0 else data[begin - 1 : begin] == b"\n"
        if is_first and is_protocol(data[begin:end]):
            found.append((begin, data[begin:end]))
        begin = data.find(PREFIX, end)
    return found


def _lines_of(data: bytes, concealment: Concealment) -> list[str]:
    return pieces_of(clean(data, concealment).removesuffix("\n").split("\n"))


def _tail_of(oldest: _Dropped, excess: int, longest_secret: int) -> _Dropped:
    """Return what is left when so many bytes of the beginning go, and with them a line or secret that was cut."""
    cut = oldest.data.find(b"\n", excess - 1) + 1 or excess + longest_secret
    gone = oldest.data[:cut]
    return _Dropped(oldest.stream, oldest.first + count_pieces(gone), oldest.data[cut:])


def _tells(line: str) -> bool:
    """Tell whether a line may say what went wrong: not an empty one, nor the advice that follows an error."""
    return bool(line.strip()) and not line.lstrip().lower().startswith("hint:")
