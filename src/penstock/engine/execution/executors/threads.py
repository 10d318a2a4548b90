"""Runs bodies in several workers, each a thread of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable

from penstock.engine.execution.body import Caller, LocalCaller
from penstock.engine.execution.executors.children import ChildCaller
from penstock.engine.execution.session import Session
from penstock.engine.execution.timelimit import GRACE
from penstock.engine.execution.worker import work
from penstock.engine.state.records import RunSignal


def drive(session: Session) -> None:
    """Work on the session's run with bodies in this process, until it is over or stopping."""
    run_workers(session, lambda: LocalCaller(session, lambda: ChildCaller(session)))


def run_workers(session: Session, open_caller: Callable[[], Caller]) -> None:
    """Run the session's workers, each with a caller of its own, and wait for them.

    Raises:
        PenstockError: A worker could not go on; the others were told to stop.
    """
    errors: list[BaseException] = []

    def run_one() -> None:
        caller = open_caller()
        try:
            work(session, caller)
        except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits, which raises it
            errors.append(error)
            session.stop(RunSignal.CANCEL)
        finally:
            caller.close()

    threads = [
        threading.Thread(target=run_one, name=f"penstock-worker-{n}", daemon=True) for n in range(session.workers)
    ]
    for thread in threads:
        thread.start()
    _wait(session, threads)
    if errors:
        raise errors[0]


def _wait(session: Session, threads: list[threading.Thread]) -> None:
    """Join with a time-out over and over: signals reach the main thread only between Python instructions."""
    patience = GRACE.total_seconds() * 2
    for thread in threads:
        while thread.is_alive():
            thread.join(0.1)
            if session.stopping_now.is_set() and thread.is_alive():
                thread.join(patience)
                break
