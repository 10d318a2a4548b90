"""Keeps a process's leases alive and hears what other processes tell its run."""

from __future__ import annotations

import threading
from types import TracebackType

from penstock.engine.execution.session import Session
from penstock.errors import StateError


class Heartbeat:
    """A thread that beats while a run is worked on: a context manager.

    It beats once a second, or three times per lease where that is more often, by updating rows in place.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="penstock-heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        session = self._session
        interval = min(1.0, session.ttl.total_seconds() / 3)
        while not self._over.wait(interval):
            try:
                heard = session.store.extend_leases(
                    session.owner, session.clock.now(), session.ttl, [session.run.run_id]
                )
            except StateError:
                continue  # the store is busy or gone; writes are fenced, so the next beat may tell
            session.lost |= heard.lost
            signal = heard.signals.get(session.run.run_id)
            if signal is not None:
                session.stop(signal)
            if session.watcher is not None:
                session.watcher.beat()
