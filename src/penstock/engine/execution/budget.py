"""A source's budget, kept in the state store so that every thread, process and pipeline draws on the same one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from penstock.engine.definition.task import Publisher
from penstock.engine.state.store import StateStore
from penstock.kit.clock import Clock

#: How long a wait may last before it is looked whether it still makes sense.
_LOOK_UP = timedelta(seconds=1)


class SharedBudget:
    """One source's budget.

    Args:
        time_limit: How long one call may take: until then a call that nobody settles counts as under way.
    """

    def __init__(self, store: StateStore, publisher: Publisher, clock: Clock, time_limit: timedelta) -> None:
        self._store = store
        self._publisher = publisher
        self._clock = clock
        self._time_limit = time_limit

    def acquire(self, check: Callable[[], None]) -> int:
        """Wait until one more call may go, and return its number.

        Args:
            check: Called while waiting; what it raises ends the wait.
        """
        name, windows = self._publisher.name, self._publisher.windows
        while True:
            check()
            now = self._clock.now()
            grant = self._store.claim_call(name, windows, now, now + self._time_limit)
            if grant.number is not None:
                return grant.number
            self._wait_until(grant.ask_again_at or now, check)

    def settle(self, number: int, *, remaining: int | None = None, pause: timedelta | None = None) -> None:
        """Say that a call has ended, and what the publisher said about further ones."""
        now = self._clock.now()
        until = None if pause is None else now + pause
        self._store.settle_call(self._publisher.name, number, now, remaining=remaining, blocked_until=until)

    def _wait_until(self, turn: datetime, check: Callable[[], None]) -> None:
        while (rest := turn - self._clock.now()) > timedelta(0):
            self._clock.sleep(min(rest, max(_LOOK_UP, rest / 20)))
            check()
