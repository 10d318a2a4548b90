"""Reads a Mixpanel project: raw events of whole days as published, and profiles page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from penstock.errors import SourceError, UsageError
from penstock.kit.jsonable import Json, from_json_exactly, to_json
from penstock.sources.http.answer import Answer
from penstock.sources.http.request import Params

_LATER = "run again: nothing of this answer was kept"
_NEWS = "the publisher may have changed its interface: compare with https://developer.mixpanel.com/reference"


class Asking(Protocol):
    """What is needed of an HTTP client."""

    def get(self, path: str, params: Params | None = None, *, refresh: bool = False) -> Answer:
        """Return the answer to a path."""
        ...

    def post(self, path: str, form: Params) -> Answer:
        """Return the answer to a form."""
        ...


class Mixpanel:
    """One project.

    Args:
        exports: A client of `EXPORT`.
        profiles: A client of `PROFILES`.
        project_id: Needed with a service account, which may see several projects.
    """

    def __init__(self, exports: Asking, profiles: Asking, *, project_id: str | None = None) -> None:
        self._exports = exports
        self._profiles = profiles
        self._project_id = project_id or None

    def export(self, from_on: date, to_on: date, events: Sequence[str] = ()) -> Iterator[Json]:
        """Yield the events of these days, both inclusive, as published: duplicates included, in no order.

        The body is held in memory while it is read: ask for few days at once where a day holds many events.

        Args:
            events: Names; all events when empty.

        Raises:
            SourceError: Mixpanel cannot be reached or refuses, or the body is cut short; retriable where that helps.
            UsageError: The days are in the wrong order.
        """
        if to_on < from_on:
            raise UsageError(f"days end at `{to_on}`, before they begin at `{from_on}`", hint="give them in order")
        asked = {
            "from_date": from_on,
            "to_date": to_on,
            "event": to_json(list(events)) if events else None,
            "project_id": self._project_id,
        }
        answer = self._exports.get("export", asked, refresh=True)
        return _lines_of(answer.body, f"days {from_on} to {to_on}")

    def engage(self) -> Iterator[Json]:
        """Yield all profiles as published, each with `$distinct_id` and `$properties`.

        Raises:
            SourceError: As `export`; also when fewer profiles were handed out than were announced.
        """
        session: str | None = None
        page, seen = 0, 0
        while True:
            form = {"session_id": session, "page": page, "project_id": self._project_id}
            data = _read_page(self._profiles.post("engage", form), page)
            session, page = session or data["session_id"], page + 1
            rows, total = data["results"], data["total"]
            seen += len(rows)
            yield from rows
            if seen >= total:
                return
            if not rows:
                raise SourceError(f"`engage` handed out {seen:,} of {total:,} profiles", hint=_LATER, retriable=True)


def _lines_of(body: bytes, where: str) -> Iterator[Json]:
    start, number = 0, 0
    while start < len(body):
        end = body.find(b"\n", start)
        line = body[start : end if end >= 0 else len(body)].strip()
        start = len(body) if end < 0 else end + 1
        number += 1
        if line:
            yield _read_line(line, f"line {number:,} of the export of {where}")


def _read_line(line: bytes, where: str) -> Json:
    try:
        value = from_json_exactly(line)
    except (ValueError, RecursionError) as error:
        # Not quoted: a line is about a person. A body that Mixpanel gives up on ends with words instead of an event.
        raise SourceError(f"{where} is no JSON: it was cut short or is damaged", hint=_LATER, retriable=True) from error
    if not isinstance(value, dict):
        raise SourceError(f"{where} is no event", hint=_NEWS, retriable=True)
    return value


def _read_page(answer: Answer, page: int) -> dict[str, Json]:
    where = f"page {page} of `engage`"
    try:
        data = from_json_exactly(answer.body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{where} is no JSON: it was cut short or is damaged", hint=_LATER, retriable=True) from error
    for name, kind in (("results", list), ("total", int), ("session_id", str)):
        if not isinstance(data, dict) or not isinstance(data.get(name), kind):
            raise SourceError(f"{where} holds no `{name}`", hint=_NEWS, retriable=True)
    if not all(isinstance(row, dict) for row in data["results"]):
        raise SourceError(f"{where} holds a result that is no profile", hint=_NEWS, retriable=True)
    return dict(data)
