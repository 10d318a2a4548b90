"""What a simulated publisher does wrong: scripted by path and turn, or by chance with a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random
from threading import Lock


class FaultKind(StrEnum):
    """One way to go wrong."""

    LIMIT = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    #: An answer that comes after `Fault.delay`.
    SLOW = "slow"
    #: The body ends before the length that was promised.
    TRUNCATED = "truncated"
    #: The connection ends before anything was answered.
    DROPPED = "dropped"
    #: A whole answer whose JSON stops in the middle.
    CUT_JSON = "cut-json"
    #: The page before this one of the same walk, once more.
    DUPLICATE_PAGE = "duplicate-page"
    #: One row is gone from the pages before, so that a row is skipped between two numbered pages.
    PAGE_DRIFT = "page-drift"
    WRONG_COUNT = "wrong-count"
    #: The cursor is refused as invalid.
    CURSOR_REJECTED = "cursor-rejected"
    #: A page of HTML with status 200.
    HTML = "html"


#: Those that a client gets over by asking again.
PASSING = (
    FaultKind.LIMIT, FaultKind.SERVER_ERROR, FaultKind.BAD_GATEWAY, FaultKind.UNAVAILABLE, FaultKind.TRUNCATED,
    FaultKind.DROPPED, FaultKind.CUT_JSON,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one request, or with several in a row.

    Args:
        path: Text the path must hold; empty for any.
        nth: Which of the requests to such paths it hits first, from 1.
        times: How many requests in a row it hits.
        retry_after: What a 429 or 503 tells to wait; None tells nothing.
        delay: How long a slow answer takes on the wall.
    """

    kind: FaultKind
    path: str = ""
    nth: int = 1
    times: int = 1
    retry_after: timedelta | None = None
    delay: timedelta = timedelta(seconds=1)


class Faults:
    """Decides for every request what goes wrong with it.

    Args:
        scripted: Faults at given turns.
        rate: Share of the other requests that are hit by chance.
        kinds: What may hit by chance.
        seed: Equal seeds hit equal turns.
        retry_after: What a 429 or 503 that hits by chance tells to wait, every other time.
    """

    def __init__(
        self,
        scripted: Iterable[Fault] = (),
        *,
        rate: float = 0.0,
        kinds: Sequence[FaultKind] = PASSING,
        seed: int = 1,
        retry_after: timedelta = timedelta(seconds=1),
    ) -> None:
        self._scripted = tuple(scripted)
        self._rate, self._kinds, self._retry_after = rate, tuple(kinds), retry_after
        self._chance = Random(f"faults-{seed}")  # noqa: S311 - a world, not a secret
        self._turns: Counter[int] = Counter()
        self._lock = Lock()

    def find_fault(self, path: str) -> Fault | None:
        """Return what goes wrong with the next request to a path; None when nothing does."""
        with self._lock:
            return self._find_scripted(path) or self._draw()

    def _find_scripted(self, path: str) -> Fault | None:
        found = None
        for number, fault in enumerate(self._scripted):
            if fault.path in path:
                self._turns[number] += 1
                if fault.nth <= self._turns[number] < fault.nth + fault.times:
                    found = found or fault
        return found

    def _draw(self) -> Fault | None:
        if self._chance.random() >= self._rate:
            return None
        kind = self._chance.choice(self._kinds)
        return Fault(kind, retry_after=self._retry_after if self._chance.random() < 0.5 else None)
