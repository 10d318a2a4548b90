"""Where one attempt reports to, and where it hears that it has to end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.events import EventKind
from penstock.engine.execution.session import Session
from penstock.engine.state.records import Claim
from penstock.engine.state.store import StateStore
from penstock.errors import LeaseLostError, RunCancelledError, TimeLimitError

_PROGRESS_INTERVAL = timedelta(milliseconds=200)


class AttemptJournal:
    """The journal of one attempt, writing to the event log."""

    def __init__(self, session: Session, claim: Claim) -> None:
        self._session = session
        self._claim = claim
        self._expired = False
        self._last_progress: datetime | None = None

    def expire(self) -> None:
        """Refuse everything the attempt still tries: its time is up."""
        self._expired = True

    def log(self, message: str, facts: Mapping[str, Any]) -> None:
        """Append a message to the event log."""
        session = self._session
        told = session.veil.value({**facts, "message": message})
        event = session.event(EventKind.MESSAGE_LOGGED, self._claim.task, **told)
        session.store.append_events([event])

    def progress(self, done: int, total: int | None, unit: str) -> None:
        """Append a progress report, unless one was written a moment ago."""
        session = self._session
        now = session.clock.now()
        if self._last_progress is not None and now - self._last_progress < _PROGRESS_INTERVAL and done != total:
            return
        self._last_progress = now
        session.store.append_events(
            [session.event(EventKind.PROGRESS_REPORTED, self._claim.task, done=done, total=total, unit=unit)]
        )

    def check(self) -> None:
        """Raise what should end the attempt.

        Raises:
            TimeLimitError: Its time is up.
            LeaseLostError: Another process took the task over.
            RunCancelledError: The run is being stopped now.
        """
        if self._expired:
            raise TimeLimitError("passed its time limit")
        if not self._session.holds(self._claim):
            raise LeaseLostError(f"task `{self._claim.task}` was taken over by another process")
        if self._session.stopping_now.is_set():
            raise RunCancelledError("the run was stopped", hint=f"penstock resume {self._claim.run_id}")

    def fence(self) -> None:
        """Raise what should end the attempt, and ask the state store whether the claim still holds.

        Raises:
            LeaseLostError: Another process took the task over.
        """
        self.check()
        require_claim(self._session.store, self._claim, self._session.clock.now())


def require_claim(store: StateStore, claim: Claim, now: datetime) -> None:
    """Return when the claim is the newest one of its task run.

    Raises:
        LeaseLostError: It is not.
    """
    store.claim_items(
        claim, claim.owner, now, timedelta(0), limit=0
    )  # claims nothing, but refuses a claim that was lost
