"""The lines by which a script may tell more than its exit code does: `::penstock {…}`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from penstock.engine.execution.script.concealment import Concealment
from penstock.engine.state.records import Item
from penstock.kit.jsonable import from_json
from penstock.kit.spelling import did_you_mean

PREFIX = b"::penstock"
_SURROGATES = re.compile("[\ud800-\udfff]")
#: How many items one script may list, and how many bytes their lines may take together.
MOST_ITEMS = 100_000
MOST_ITEM_BYTES = 64 << 20


class MalformedLineError(ValueError):
    """A line that looks like one of the protocol is none; its text says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the script has come."""

    done: int
    total: int | None = None
    unit: str = "rows"


@dataclass(frozen=True, slots=True)
class Log:
    """A message for the run's log."""

    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What the script returns."""

    value: Any


@dataclass(frozen=True, slots=True)
class Skipping:
    """The script found nothing to do."""

    why: str


Message = Progress | Log | Result | Item | Skipping


def is_protocol(line: bytes) -> bool:
    """Whether a line is meant for Penstock."""
    return line.startswith(PREFIX) and not (line[len(PREFIX) : len(PREFIX) + 1] or b" ").isalnum()


def read_line(line: bytes, concealment: Concealment) -> Message:
    """Return what a line tells, without secrets.

    Raises:
        MalformedLineError: It is none of the lines there are.
    """
    if not line.endswith(b"\n"):
        raise MalformedLineError("it is longer than 1 MiB")
    try:
        told = from_json(line[len(PREFIX) :].decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedLineError("it is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise MalformedLineError(f"what follows `::penstock` is not JSON: {error}") from None
    if not isinstance(told, dict):
        raise MalformedLineError('what follows `::penstock` is not an object such as {"result": 1}')
    word = _word_of(told)
    reader, others = _READERS[word]
    for name in told:
        if name not in (word, *others):
            raise MalformedLineError(f"`{name}` does not belong beside `{word}`")
    try:
        return reader({name: _fit(value, concealment) for name, value in told.items()})
    except RecursionError:
        raise MalformedLineError("its values lie too deep in each other") from None


def _word_of(told: Mapping[str, Any]) -> str:
    words = [word for word in _READERS if word in told]
    if len(words) == 1:
        return words[0]
    if words:
        raise MalformedLineError(f"`{words[0]}` and `{words[1]}` each need a line of their own")
    meant = next((hint for name in told if (hint := did_you_mean(name, _READERS))), None)
    raise MalformedLineError("it says none of " + ", ".join(_READERS) + (f"; {meant}" if meant else ""))


def _progress(told: Mapping[str, Any]) -> Progress:
    total = told.get("total")
    done = _count(told["progress"], "progress")
    return Progress(done, None if total is None else _count(total, "total"), _text(told.get("unit", "rows"), "unit"))


def _log(told: Mapping[str, Any]) -> Log:
    facts = told.get("facts", {})
    if not isinstance(facts, dict):
        raise MalformedLineError("`facts` is not an object")
    if "message" in facts:
        raise MalformedLineError("`message` cannot be among the facts of a message")
    return Log(_text(told["log"], "log"), facts)


def _item(told: Mapping[str, Any]) -> Item:
    return Item(_text(told["item"], "item"), told.get("payload"))


def _skip(told: Mapping[str, Any]) -> Skipping:
    return Skipping(_text(told["skip"], "skip"))


_READERS: dict[str, tuple[Callable[[Mapping[str, Any]], Message], tuple[str, ...]]] = {
    "progress": (_progress, ("total", "unit")),
    "result": (lambda told: Result(told["result"]), ()),
    "item": (_item, ("payload",)),
    "log": (_log, ("facts",)),
    "skip": (_skip, ()),
}


def _count(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MalformedLineError(f"`{name}` is not a whole number")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise MalformedLineError(f"`{name}` is not a text")
    return value


def _fit(value: Any, concealment: Concealment) -> Any:
    """Return the value without secrets, if every state store can keep it."""
    if isinstance(value, str):
        if "\0" in value or _SURROGATES.search(value):
            raise MalformedLineError("a text holds NUL or half a character")
        return concealment.scrub(value)
    if isinstance(value, list):
        return [_fit(one, concealment) for one in value]
    if isinstance(value, dict):
        return {_fit(name, concealment): _fit(one, concealment) for name, one in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise MalformedLineError("a number is not finite")
    return value


class Told:
    """What a script has told of its outcome so far."""

    def __init__(self) -> None:
        self.skip: Skipping | None = None
        self.is_overfull = False
        self._result: Result | None = None
        self._items: list[Item] = []
        self._item_bytes = 0

    @property
    def value(self) -> Any:
        """What the script returned: its items, its last result, or None."""
        if self._items:
            return self._items
        return None if self._result is None else self._result.value

    def note(self, message: Result | Item | Skipping, size: int) -> None:
        """Take in what a line of this size said.

        Raises:
            MalformedLineError: It contradicts an earlier line.
        """
        if isinstance(message, Skipping):
            self.skip = message
        elif isinstance(message, Result):
            if self._items:
                raise MalformedLineError("a script that lists items returns nothing else")
            self._result = message
        elif self._result is not None:
            raise MalformedLineError("a script that returns a result lists no items")
        else:
            self._add(message, size)

    def _add(self, item: Item, size: int) -> None:
        self._item_bytes += size
        self.is_overfull |= len(self._items) >= MOST_ITEMS or self._item_bytes > MOST_ITEM_BYTES
        if not self.is_overfull:
            self._items.append(item)
