"""Keeps answers for a while, and asks the publisher whether they still hold once that is over."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from penstock.kit.clock import Clock
from penstock.sources.http.answer import Answer
from penstock.sources.http.request import Request
from penstock.sources.http.shelf import DamagedEntryError, Shelf

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})")


class Kept(NamedTuple):
    """An answer that was kept, and whether it may be used unasked."""

    answer: Answer
    is_fresh: bool

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask the publisher whether it still holds; empty when it cannot be asked."""
        asked = {
            "If-None-Match": self.answer.headers.get("etag", ""),
            "If-Modified-Since": self.answer.headers.get("last-modified", ""),
        }
        return {header: value for header, value in asked.items() if value}


class Cache:
    """Answers of one source in a folder; several processes may share it.

    Args:
        ttl: An answer younger than this is used unasked; the publisher may allow less, never more.
        keep_for: An older answer is removed; until then the publisher can be asked whether it still holds.
    """

    def __init__(self, folder: Path, *, ttl: timedelta, clock: Clock, keep_for: timedelta = timedelta(days=1)) -> None:
        self.folder = folder
        self._ttl = ttl
        self._keep_for = max(ttl, keep_for)
        self._clock = clock
        self._shelf = Shelf(folder)
        self._tidied_at: datetime | None = None

    def find(self, request: Request) -> Kept | None:
        """Return what was answered before; None when nothing is kept, or it is damaged."""
        try:
            entry = self._shelf.find(request)
            kept_at = datetime.fromisoformat(entry.kept_at) if entry else None
        except (DamagedEntryError, ValueError):
            return None
        if entry is None or kept_at is None or kept_at.tzinfo is None:
            return None
        age = self._clock.now() - kept_at
        # A clock that was set back makes an age negative: nothing is known of it then.
        is_fresh = timedelta(0) <= age < self._lifetime(entry.answer)
        return Kept(replace(entry.answer, from_cache=True), is_fresh)

    def keep(self, request: Request, answer: Answer) -> None:
        """Keep a good answer, unless the publisher forbids that.

        Raises:
            StateError: It cannot be written.
        """
        if request.method == "GET" and answer.status == 200 and "no-store" not in _control(answer):
            self._tidy_at_times()
            self._shelf.put(request, answer, self._clock.now().isoformat())

    def renew(self, request: Request, kept: Kept, said: Answer) -> Answer:
        """Return the kept answer, good for another while after the publisher said that it still holds.

        Raises:
            StateError: It cannot be written.
        """
        answer = replace(kept.answer, headers={**kept.answer.headers, **said.headers})
        self.keep(request, answer)
        return answer

    def clear(self) -> int:
        """Remove every answer and return how many there were.

        Raises:
            StateError: Something cannot be removed.
        """
        return self._shelf.clear()

    def _tidy_at_times(self) -> None:
        now = self._clock.now()
        if self._tidied_at is None or now - self._tidied_at >= self._keep_for / 4:
            self._tidied_at = now
            self._shelf.remove_older(now - self._keep_for)

    def _lifetime(self, answer: Answer) -> timedelta:
        control = _control(answer)
        if "no-cache" in control:
            return timedelta(0)
        stated = _MAX_AGE.search(control)
        return min(self._ttl, timedelta(seconds=int(stated[1]))) if stated else self._ttl


def _control(answer: Answer) -> str:
    return answer.headers.get("cache-control", "").lower()
