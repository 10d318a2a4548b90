"""Who may ask the simulated Mixpanel, and how often."""

from __future__ import annotations

from base64 import b64decode
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from penstock.kit.pace import Window, next_turn
from penstock.simulators.mixpanel.refusal import Refusal

#: Of each interface apart: https://developer.mixpanel.com/reference/raw-event-export, .../reference/rate-limits.
LIMITS = (Window(60, timedelta(hours=1)), Window(3, timedelta(seconds=1)))
CONCURRENT = 100


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a project by its secret, or a service account by its name."""

    name: str
    is_service_account: bool


class Door:
    """Lets callers in, each as often as the limits allow.

    Args:
        keys: The secrets and names that are good; None takes any that is not empty.
        project_id: The project; None takes any that a service account names.
    """

    def __init__(
        self, *, keys: Collection[str] | None, project_id: str | None, limits: Sequence[Window], concurrent: int
    ) -> None:
        self._keys, self._project_id = keys, project_id
        self._limits, self._concurrent = tuple(limits), concurrent
        self._calls: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        self._inside = 0

    def admit(self, authorization: str, project_id: str) -> Caller:
        """Return who asks.

        Raises:
            Refusal: It is nobody known, or the project is not told or not theirs.
        """
        caller = _read_basic(authorization)
        if self._keys is not None and caller.name not in self._keys:
            raise Refusal(401, "Unauthorized, invalid project secret or service account credentials")
        if caller.is_service_account and not project_id:
            raise Refusal(400, "Missing required parameter: project_id is needed with a service account")
        if self._project_id is not None and project_id not in ("", self._project_id):
            raise Refusal(403, f"Not permitted to access project {project_id}")
        return caller

    @contextmanager
    def entered(self, caller: Caller, path: str, now: datetime) -> Iterator[None]:
        """Count a call of an interface, and that it is being answered for the time of a `with` block.

        Raises:
            Refusal: There were too many, or too many are being answered.
        """
        if self._inside >= self._concurrent:
            raise Refusal(429, f"Too many concurrent queries, limit is {self._concurrent}", {"Retry-After": "1"})
        calls = self._calls[caller.name, path]
        turn = next_turn(self._limits, calls, now)
        if turn > now:
            wait = str(ceil((turn - now).total_seconds()))
            raise Refusal(429, "Query rate limit exceeded, please wait before you try again", {"Retry-After": wait})
        calls.append(now)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


def _read_basic(authorization: str) -> Caller:
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, separator, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        name, separator, password = "", "", ""
    if scheme.lower() != "basic" or not separator or not name:
        raise Refusal(401, "Unable to authenticate request", {"WWW-Authenticate": 'Basic realm="mixpanel"'})
    return Caller(name, bool(password))
