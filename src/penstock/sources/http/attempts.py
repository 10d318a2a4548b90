"""Asks one question until it is answered, or it makes no sense to ask again; each attempt draws on the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

from penstock.kit.clock import Clock
from penstock.sources.budget import Budget
from penstock.sources.http.answer import Answer
from penstock.sources.http.request import Request
from penstock.sources.http.retry import Fault, FaultKind, RetryPolicy
from penstock.sources.http.verdict import find_fault
from penstock.sources.source import Source

if TYPE_CHECKING:
    from penstock.sources.http.network import Network

_LOOK_UP = timedelta(seconds=1)


class Attempts:
    """What a client's calls have in common: the budget, the patience, and who may end the wait."""

    def __init__(
        self,
        source: Source,
        budget: Budget,
        policy: RetryPolicy,
        *,
        clock: Clock,
        chance: Callable[[], float],
        check: Callable[[], None],
    ) -> None:
        self._source = source
        self._budget = budget
        self._clock = clock
        self._chance = chance
        self._check = check
        self._policy = policy

    def exchange(
        self,
        network: Callable[[], Network],
        request: Request,
        conditions: Mapping[str, str],
        read: Callable[[Answer], Answer],
    ) -> Answer:
        """Return the final answer, a refusal included; a good one has been read.

        Args:
            conditions: Under which the publisher may answer that nothing changed.
            read: Raises `Fault` for a body that may be better the next time.

        Raises:
            SourceError: The publisher keeps failing.
        """
        spent = timedelta(0)
        for attempt in count(1):
            call = _Call(self._source, self._clock, conditions, read)
            fault = self._attempt(call, network(), request, attempt)
            if fault is None:
                return call.answer
            wait = call.wait
            spent += call.took + wait
            if not self._policy.is_worth(fault, attempt, spent):
                raise fault.error from fault
            sleep_checked(self._clock, wait, self._check)
        raise AssertionError

    def _attempt(self, call: _Call, network: Network, request: Request, attempt: int) -> Fault | None:
        self._check()
        number = self._budget.acquire(self._check)
        try:
            call.make(network, request)
        except Fault as fault:
            call.wait = self._policy.wait_after(fault, attempt, self._chance())
            call.is_refused = fault.kind is FaultKind.OVER_LIMIT
            return fault
        finally:
            # A body that is ended from outside leaves through here as well.
            pause = call.wait if call.is_refused else None
            self._budget.settle(number, remaining=call.remaining, pause=pause)
        return None


def sleep_checked(clock: Clock, duration: timedelta, check: Callable[[], None]) -> None:
    """Wait; `check` is called every second, and what it raises ends the wait."""
    rest = duration
    while rest > timedelta(0):
        check()
        clock.sleep(min(rest, _LOOK_UP))
        rest -= _LOOK_UP


class _Call:
    """One attempt and what became of it."""

    def __init__(
        self, source: Source, clock: Clock, conditions: Mapping[str, str], read: Callable[[Answer], Answer]
    ) -> None:
        self._source = source
        self._clock = clock
        self._conditions = conditions
        self._read = read
        self._began = clock.now()
        self.answer = Answer("", 0)
        self.remaining: int | None = None
        self.wait = timedelta(0)
        self.is_refused = False

    @property
    def took(self) -> timedelta:
        return max(timedelta(0), self._clock.now() - self._began)

    def make(self, network: Network, request: Request) -> None:
        self._began = self._clock.now()
        self.answer = network.send(request, self._conditions)
        left = self.answer.headers.get("x-ratelimit-remaining", "").strip()
        self.remaining = int(left) if left.isdecimal() and len(left) < 10 else None
        fault = find_fault(self.answer, self._source, self._clock.now())
        if fault is not None:
            raise fault
        if 200 <= self.answer.status < 300:
            self.answer = self._read(self.answer)
