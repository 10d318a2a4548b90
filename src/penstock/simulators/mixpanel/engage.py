"""Answers queries for profiles, page by page: https://developer.mixpanel.com/reference/engage-query."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from penstock.simulators.mixpanel.person import Person
from penstock.simulators.mixpanel.profile import as_engage_record
from penstock.simulators.mixpanel.refusal import Refusal
from penstock.simulators.reply import Reply

_UNSUPPORTED = ("where", "output_properties", "filter_by_cohort", "behaviors", "distinct_id", "distinct_ids")


class Engage:
    """The sessions of those who read profiles.

    Args:
        page_size: How many profiles a page holds; Mixpanel's holds 1,000.
    """

    def __init__(self, people: Sequence[Person], page_size: int) -> None:
        self._people, self._page_size = people, page_size
        self._sessions: set[str] = set()

    def answer(self, params: Mapping[str, str]) -> Reply:
        """Return a page; the first opens a session.

        Raises:
            Refusal: It cannot be asked so, or the session is not known.
        """
        for name in _UNSUPPORTED:
            if params.get(name):
                raise Refusal(400, f"Unsupported parameter: this simulator does not evaluate {name}")
        page, session = params.get("page") or "0", params.get("session_id", "")
        if not page.isdecimal():
            raise Refusal(400, f"Invalid page: {page}, pages are numbered from 0")
        if not session and int(page) > 0:
            raise Refusal(400, "Missing required parameter: session_id is needed with page")
        if session and session not in self._sessions:
            raise Refusal(400, f"Invalid session_id: {session}")
        return self._page(session or self._open(), int(page))

    def _open(self) -> str:
        session = f"{1_700_000_000 + len(self._sessions)}-SIMULATED"
        self._sessions.add(session)
        return session

    def _page(self, session: str, page: int) -> Reply:
        rows = self._people[page * self._page_size : (page + 1) * self._page_size]
        body = {
            "page": page,
            "page_size": self._page_size,
            "session_id": session,
            "status": "ok",
            "total": len(self._people),
            "results": [as_engage_record(person) for person in rows],
        }
        return Reply(200, json.dumps(body).encode(), {"Content-Type": "application/json"}, rows=len(rows))
