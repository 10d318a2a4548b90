"""Runs bodies in several child processes, each served by one worker thread here."""

from __future__ import annotations

from penstock.engine.execution.executors.children import ChildCaller
from penstock.engine.execution.executors.threads import run_workers
from penstock.engine.execution.session import Session


def drive(session: Session) -> None:
    """Work on the session's run with bodies in child processes, until it is over or stopping."""
    run_workers(session, lambda: ChildCaller(session))
