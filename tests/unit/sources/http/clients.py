"""Clients for tests: one thing overridden at a time, on a clock that moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from penstock.kit.clock import ManualClock
from penstock.kit.secret import Secret
from penstock.sources.http import Cache, Client, Tape, TapeMode
from penstock.sources.source import Source
from tests.servers.http import Publisher, publishing

#: Long and odd enough to be found wherever it is.
KEY = "s3cr3t/k+y=0123456789abcdefghijklmnop"
A_SOURCE = Source(
    "openfec",
    "",
    key_variable="FEC_API_KEY",
    key_header="X-Api-Key",
    time_limit=timedelta(seconds=5),
    terms="https://example.org/terms",
)
MINUTE = timedelta(minutes=1)


@dataclass
class CountingBudget:
    """Lets every call go, and remembers what it was told."""

    clock: ManualClock
    granted: list[datetime] = field(default_factory=list)
    settled: list[tuple[int, int | None, timedelta | None]] = field(default_factory=list)

    def acquire(self, check: Callable[[], None]) -> int:
        check()
        self.granted.append(self.clock.now())
        return len(self.granted)

    def settle(self, number: int, *, remaining: int | None = None, pause: timedelta | None = None) -> None:
        self.settled.append((number, remaining, pause))


class Bench:
    """A publisher, a clock, a budget and a folder; makes clients of them."""

    def __init__(self, publisher: Publisher, folder: Path) -> None:
        self.publisher = publisher
        self.folder = folder
        self.clock = ManualClock()
        self.budget = CountingBudget(self.clock)
        self._opened: list[Client] = []

    def client(self, source: Source = A_SOURCE, **overrides: Any) -> Client:
        """A client with a key, without cache and recordings unless they are given."""
        at = source if source.base_url else replace(source, base_url=self.publisher.base + "/v1")
        known: dict[str, Any] = {
            "budget": self.budget,
            "key": Secret(KEY),
            "clock": self.clock,
            "chance": lambda: 1.0,
        }
        self._opened.append(Client(at, **{**known, **overrides}))
        return self._opened[-1]

    def close(self) -> None:
        """Close all clients."""
        for client in self._opened:
            client.close()

    def cache(self, ttl: timedelta = MINUTE) -> Cache:
        """A cache in the folder."""
        return Cache(self.folder / "cache", ttl=ttl, clock=self.clock)

    def tape(self, mode: TapeMode) -> Tape:
        """Recordings in the folder."""
        return Tape(self.folder / "tape", mode, self.clock)

    @property
    def waits(self) -> list[float]:
        """Seconds between the calls."""
        times = self.budget.granted
        return [(after - before).total_seconds() for before, after in pairwise(times)]


@pytest.fixture
def bench(tmp_path: Path):
    """Everything a client needs."""
    with publishing() as publisher:
        made = Bench(publisher, tmp_path)
        yield made
        made.close()
