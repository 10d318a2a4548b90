"""Log lines: what scripts wrote and what tasks reported, made of the facts of the event log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.kit.jsonable import to_json
from penstock.kit.veil import Veil

#: What a log is made of.
LOG_KINDS = (EventKind.OUTPUT_WRITTEN, EventKind.MESSAGE_LOGGED)
MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log.

    Args:
        seq: Place in the event log of the fact it comes from.
        source: `stdout`, `stderr`, or `message` for what a task reported by itself.
        number: Of a script's line, counted over both streams of its attempt; None for a message.
        attempt: Number of the attempt that wrote it; None where it is not told.
        item: Key of the fan-out's item it is about; empty for none.
    """

    seq: int
    at: datetime
    task: str
    source: str
    number: int | None
    text: str
    attempt: int | None
    item: str

    @property
    def anchor(self) -> str:
        """What addresses of this line end in; lines of different items share their numbers."""
        if self.number is None:
            return f"E{self.seq}"
        return f"E{self.seq}-{self.number}" if self.item else f"L{self.number}"


def lines_of(event: Event, veil: Veil) -> Iterator[Line]:
    """Yield the lines that a fact of a log holds, in order."""
    if event.kind is EventKind.OUTPUT_WRITTEN:
        yield from _output(event, veil)
    else:
        text = veil.text(_message(event.facts))
        yield Line(event.seq, event.at, event.task or "", MESSAGE, None, text, None, str(event.facts.get("item") or ""))


def _output(event: Event, veil: Veil) -> Iterator[Line]:
    facts = event.facts
    first, attempt = int(facts.get("line") or 1), facts.get("attempt")
    item, source = str(facts.get("item") or ""), str(facts.get("stream") or "stdout")
    text = veil.text(str(facts.get("text", ""))).removesuffix("\n")
    for number, line in enumerate(text.split("\n"), first):
        yield Line(event.seq, event.at, event.task or "", source, number, line, attempt, item)


def _message(facts: Mapping[str, Any]) -> str:
    further = {name: value for name, value in facts.items() if name not in ("message", "item")}
    return f"{facts.get('message', '')}{'  ' + to_json(further) if further else ''}"


def place_of(event: Event) -> tuple[int, int]:
    """Return where a block that a script wrote stands: its attempt, and the number of its first line."""
    return int(event.facts.get("attempt") or 0), int(event.facts.get("line") or 1)
