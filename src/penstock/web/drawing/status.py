"""The word and the sign of every status, so that no reader depends on colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from penstock.errors import UsageError
from penstock.web.drawing.svg import element

_RING = "M6 1.5a4.5 4.5 0 1 0 .01 0Z"

#: Strokes in a square of 12 by 12, from the status that most needs a reader's eye to the one that least does.
_SIGNS = {
    "failed": "M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5",
    "timed_out": "M2.5 1.5H9.5L2.5 10.5H9.5Z",
    "abandoned": "M3.5 4a2.5 2.5 0 1 1 3.8 2.1C6.3 6.7 6 7.1 6 8M6 10.2V10.4",
    "upstream_failed": "M6 1.5 10.5 10H1.5Z",
    "passed_over": "M1.5 9A4.5 4.5 0 0 1 10.5 8.5M7.8 7 10.5 9 11.8 5.8",
    "cancelled": "M2.5 2.5H9.5V9.5H2.5Z",
    "running": f"{_RING}M6 1.5V10.5M7.6 2.5V9.5M9.2 3.5V8.5",
    "queued": f"{_RING}M6 3.5V6L8 7.5",
    "pending": _RING,
    "stale": "M1.5 7C3 3.5 4.5 3.5 6 6S9 8.5 10.5 5",
    "skipped": "M2 6H10",
    "fresh": "M2 4.5H10M2 7.5H10",
    "completed": "M1.5 6.5 4.5 9.5 10.5 2.5",
}
_BROKEN = ("failed", "timed_out", "abandoned", "passed_over")
#: Where the word in the store, or in an address, is not what people read.
_WORDS = {"passed_over": "failed, passed over"}
#: The same between other counts, where a comma would part it.
_COUNTED = {"passed_over": "failed and passed over"}
_CLASSES = {"passed_over": "status-passed"}
_NAMED_AT_MOST = 5


def sign(status: str, x: int, y: int) -> str:
    """Return the status's sign with its upper left corner at a point; of no status, nothing.

    Raises:
        UsageError: There is no such status.
    """
    if not status:
        return ""
    return element("path", class_="sign", d=_SIGNS[_known(status)], transform=f"translate({x} {y})")


def status_class(status: str) -> str:
    """Return the class that colours a status.

    Raises:
        UsageError: There is no such status.
    """
    return class_of(_known(status)) if status else "status-none"


def class_of(status: str) -> str:
    """Return the class that colours a status, whether or not it can be drawn."""
    return _CLASSES.get(status, f"status-{status}")


def word(status: str) -> str:
    """Return the status as it is read."""
    return _WORDS.get(status, status.replace("_", " "))


def counted_as(status: str) -> str:
    """Return the status as it is read behind a count, among others."""
    return _COUNTED.get(status, word(status))


def _known(status: str) -> str:
    if status not in _SIGNS:
        raise UsageError(f"`{status}` is not a status that can be drawn", hint=f"known are {', '.join(_SIGNS)}")
    return str(status)


def gravest(statuses: Iterable[str]) -> str:
    """Return the status that most needs a reader's eye, for what stands for many."""
    among = set(statuses)
    return next((status for status in _SIGNS if status in among), "")


def count_statuses(statuses: Iterable[str]) -> str:
    """Return how many have which status, the gravest first: `2 failed, 118 completed`."""
    counts = Counter(map(str, statuses))
    return ", ".join(f"{counts[status]} {counted_as(status)}" for status in _SIGNS if counts[status])


def tell_statuses(labelled: Iterable[tuple[str, str]]) -> str:
    """Return the counts as sentences, and the labels of what broke: the gist of a drawing for those who hear it."""
    pairs = list(labelled)
    counts = count_statuses(status for _, status in pairs)
    broken = list(dict.fromkeys(label for label, status in pairs if status in _BROKEN))
    sentences = [f"{counts}."] if counts else []
    if broken:
        sentences.append(f"Look at {name_some(broken)}.")
    return " ".join(sentences)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 task`, `3 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def name_some(names: Iterable[str]) -> str:
    """Return a list of names in words, cut where it would tire a listener."""
    listed = list(names)
    more = len(listed) - _NAMED_AT_MOST
    shown = ", ".join(listed[:_NAMED_AT_MOST])
    return f"{shown} and {more} more" if more > 0 else shown
