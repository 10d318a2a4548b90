"""Who may write where: locks of the server for other processes, and locks of this process for its own threads.

A transaction that writes holds its own place alone and shares those around it: the writer of a partition shares the
table and the warehouse. So writers of one partition follow each other, whoever creates or changes a table waits for the
writers of its partitions, and writers of different tables do not wait at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock, RLock

Place = tuple[str, ...]

#: The least time that another process is waited for.
LEAST_PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Locks:
    """The locks of one database, as one process holds them.

    Args:
        patience: How long to wait for another process.
    """

    patience: timedelta
    _guard: Lock = field(default_factory=Lock)
    _places: defaultdict[Place, RLock] = field(default_factory=lambda: defaultdict(RLock))

    @contextmanager
    def among_threads(self, place: Place) -> Iterator[None]:
        """Let one thread of this process go on; the others wait, for as long as it takes."""
        with self._guard:
            lock = self._places[place]
        with lock:
            yield

    def statements(self, place: Place) -> Iterator[tuple[str, dict[str, object]]]:
        """Yield the statements, with parameters, that hold a place until the transaction ends."""
        wait = max(self.patience, LEAST_PATIENCE) // timedelta(milliseconds=1)
        yield "select set_config('lock_timeout', $wait, true)", {"wait": f"{wait}ms"}
        for depth in range(len(place) + 1):
            verb = "pg_advisory_xact_lock" if depth == len(place) else "pg_advisory_xact_lock_shared"
            # A byte no name contains keeps places with names apart that follow each other.
            name = "\x1f".join(("penstock warehouse", *place[:depth]))
            yield f"select {verb}(hashtextextended($name, 0))::text", {"name": name}
        yield "select set_config('lock_timeout', '0', true)", {}
