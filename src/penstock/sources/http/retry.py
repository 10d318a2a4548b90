"""Whether a failed call is made again, and when: decided from values alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from types import MappingProxyType

from penstock.errors import SourceError


class FaultKind(Enum):
    """What went wrong with a call that may go well the next time."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    TRUNCATED = "truncated"
    SERVER = "server"
    OVER_LIMIT = "over limit"
    REFUSED_CONTENT = "refused content"


class Fault(Exception):  # noqa: N818 - carries an error to the place that decides; nobody else sees it
    """A call failed in a way that may pass.

    Args:
        error: What is raised when it does not pass.
        asked: How long the publisher wants to be left alone, if it says.
    """

    def __init__(self, kind: FaultKind, error: SourceError, asked: timedelta | None = None) -> None:
        super().__init__(error.message)
        self.kind = kind
        self.error = error
        self.asked = asked


_ATTEMPTS = {
    FaultKind.UNREACHABLE: 3,
    FaultKind.TIMEOUT: 6,
    FaultKind.DROPPED: 4,
    FaultKind.TRUNCATED: 4,
    FaultKind.SERVER: 4,
    FaultKind.OVER_LIMIT: 4,
    FaultKind.REFUSED_CONTENT: 3,
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently one question is asked.

    Args:
        attempts: At most so many in all, by what went wrong last.
        first: Wait after the first failure; doubled after each further one, and spread by chance over its upper half.
        longest: Such a wait is never longer.
        pause: Wait after the first refusal for too many calls, where the publisher names none; doubled likewise.
        longest_pause: Nor is a wait the publisher asks for.
        patience: Calls and waits together take no longer than this; waiting for the budget is not counted.
    """

    attempts: Mapping[FaultKind, int] = field(default_factory=lambda: MappingProxyType(_ATTEMPTS))
    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(seconds=60)
    pause: timedelta = timedelta(seconds=60)
    longest_pause: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(hours=1)

    def wait_after(self, fault: Fault, attempt: int, chance: float) -> timedelta:
        """Return how long to wait after this failed attempt, the first being 1, if another follows."""
        if fault.asked is not None:
            # Never sooner than asked for; a second's spread keeps several waiting processes apart.
            return min(fault.asked, self.longest_pause) + timedelta(seconds=chance)
        doubled = 1 << min(attempt - 1, 20)
        if fault.kind is FaultKind.OVER_LIMIT:
            return min(self.pause * doubled, self.longest_pause) + timedelta(seconds=chance)
        return min(self.first * doubled, self.longest) * (0.5 + chance / 2)

    def is_worth(self, fault: Fault, attempt: int, spent: timedelta) -> bool:
        """Whether another attempt follows, when so much time would be spent before it."""
        return attempt < self.attempts.get(fault.kind, 1) and spent <= self.patience
