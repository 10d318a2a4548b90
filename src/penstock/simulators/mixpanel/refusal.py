"""How the simulated Mixpanel says no."""

from __future__ import annotations

import json
from collections.abc import Mapping

from penstock.simulators.reply import Reply


class Refusal(Exception):  # noqa: N818 - an answer, not a defect
    """A request that is answered with an error.

    Args:
        status: 400 for what cannot be asked so, 401 and 403 for who may not ask, 404, 429.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})

    def as_reply(self, path: str) -> Reply:
        """Return the answer to a request for this path."""
        body = json.dumps({"request": path, "error": self.message, "status": "error"}).encode()
        return Reply(self.status, body, {"Content-Type": "application/json", **self.headers})
