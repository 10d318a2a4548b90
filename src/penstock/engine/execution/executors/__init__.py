"""Where claimed work is carried out; each executor is a module with one function, `drive`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.engine.execution.call import Caller
    from penstock.engine.execution.session import Session

EXECUTORS = ("inline", "threads", "processes")


def open_child(session: Session) -> Caller:
    """Return a caller in a child process, for tasks that ask for one; few do, so it is loaded when it is needed."""
    from penstock.engine.execution.executors.children import ChildCaller

    return ChildCaller(session)
