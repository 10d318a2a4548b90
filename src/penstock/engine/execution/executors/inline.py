"""Runs everything in the calling thread, one body at a time."""

from __future__ import annotations

from penstock.engine.execution.body import LocalCaller
from penstock.engine.execution.executors import open_child
from penstock.engine.execution.session import Session
from penstock.engine.execution.worker import work


def drive(session: Session) -> None:
    """Work on the session's run until it is over or stopping."""
    caller = LocalCaller(session, open_child)
    try:
        work(session, caller)
    finally:
        caller.close()
