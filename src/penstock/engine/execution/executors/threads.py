"""Runs bodies in several workers, each a thread of this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from penstock.engine.execution.background import BackgroundCall
from penstock.engine.execution.body import LocalCaller
from penstock.engine.execution.call import Caller
from penstock.engine.execution.executors import open_child
from penstock.engine.execution.session import Session
from penstock.engine.execution.timelimit import GRACE, SCRIPT_GRACE
from penstock.engine.execution.worker import work
from penstock.engine.state.records import RunSignal


def drive(session: Session) -> None:
    """Work on the session's run with bodies in this process, until it is over or stopping."""
    run_workers(session, lambda: LocalCaller(session, open_child))


def run_workers(session: Session, open_caller: Callable[[], Caller]) -> None:
    """Run the session's workers, each with a caller of its own, and wait for them.

    Raises:
        PenstockError: A worker could not go on; the others were told to stop.
    """

    def run_one() -> None:
        caller, is_done = open_caller(), False
        try:
            work(session, caller)
            is_done = True
        finally:
            caller.close()
            if not is_done:
                session.stop(RunSignal.CANCEL)

    workers = [BackgroundCall(run_one, f"penstock-worker-{number}") for number in range(session.workers)]
    for worker in workers:
        worker.start()
    _wait(session, workers)
    for worker in workers:
        worker.value()


def _wait(session: Session, workers: list[BackgroundCall]) -> None:
    """Join with a time-out over and over: signals reach the main thread only between Python instructions."""
    has_scripts = any(task.script for task in session.pipeline.tasks.values())
    patience = (GRACE * 2 + (SCRIPT_GRACE if has_scripts else timedelta(0))).total_seconds()
    for worker in workers:
        while worker.is_alive():
            worker.join(0.1)
            if session.stopping_now.is_set() and worker.is_alive():
                worker.join(patience)
                break
