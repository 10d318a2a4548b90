"""Lets those who only look into a warehouse one at a time, briefly, so that whoever writes finds it free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread, get_ident

from penstock.errors import ConflictError
from penstock.kit.clock import Clock

#: How long a look may take before it is interrupted.
LONGEST = timedelta(seconds=4)
#: How long nobody looks after a look. Some engines let one process in at a time, and those who wait for such a file try
#: several times in this while.
REST = timedelta(milliseconds=80)
#: How long one look waits for others of this process.
PATIENCE = timedelta(seconds=1)
_AGAIN = timedelta(milliseconds=100)


class Turns:
    """The looks of one process at one warehouse.

    Args:
        longest: How long one may take.
    """

    def __init__(self, clock: Clock, longest: timedelta = LONGEST) -> None:
        self._clock = clock
        self._longest = longest
        self._lock = Lock()
        self._free_from: datetime | None = None

    @contextmanager
    def take(self, interrupt: Callable[[int], None], leave: Callable[[], None]) -> Iterator[None]:
        """Hold the turn, and leave the warehouse at its end.

        Args:
            interrupt: Ends the statement of a thread; called when the look takes too long.
            leave: Lets go of the warehouse.

        Raises:
            ConflictError: Others went on looking.
        """
        if not self._lock.acquire(timeout=PATIENCE.total_seconds()):
            raise ConflictError("the warehouse is being looked at", hint="try again in a moment")
        try:
            self._rest()
            with _limited(interrupt, self._longest):
                yield
        finally:
            leave()
            self._free_from = self._clock.now() + REST
            self._lock.release()

    def _rest(self) -> None:
        if self._free_from is not None:
            wait = min(self._free_from - self._clock.now(), REST)
            if wait > timedelta(0):
                self._clock.sleep(wait)


@contextmanager
def _limited(interrupt: Callable[[int], None], longest: timedelta) -> Iterator[None]:
    looking, is_over = get_ident(), Event()

    def watch() -> None:
        wait = longest
        # Again and again: between two statements there is nothing to interrupt.
        while not is_over.wait(wait.total_seconds()):
            interrupt(looking)
            wait = _AGAIN

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
