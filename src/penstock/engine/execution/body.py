"""Calls a task's body: in this process here; the process executor calls it in a child."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from penstock.engine.execution.call import Call, Caller
from penstock.engine.execution.context import Context
from penstock.engine.execution.session import Session
from penstock.engine.execution.timelimit import call_with_limit


class LocalCaller:
    """Calls bodies in this process; those that ask for a process of their own go through `elsewhere`."""

    def __init__(self, session: Session, elsewhere: Callable[[Session], Caller]) -> None:
        self._session = session
        self._open_child = elsewhere
        self._child: Caller | None = None
        self._context: Context | None = None

    def __call__(self, call: Call) -> Any:
        """Return what the body returned."""
        if call.task.script is not None:
            from penstock.engine.execution.script.run import run_script

            return run_script(self._session, call)
        if call.task.executor == "process":
            return self._elsewhere()(call)
        context = self._context_for(call)
        if call.task.timeout is None:
            return self._call(call, context)
        return call_with_limit(
            lambda: self._call(call, context), call.task.timeout, self._session.resources.interrupt, call.journal.expire
        )

    def close(self) -> None:
        """End the child process, if one was needed."""
        if self._child is not None:
            self._child.close()

    def _elsewhere(self) -> Caller:
        if self._child is None:
            self._child = self._open_child(self._session)
        return self._child

    def _context_for(self, call: Call) -> Context:
        context = self._context
        if context is None or context.params is not call.params or context.attempt != call.attempt or call.task.timeout:
            session = self._session
            context = Context(
                run_id=session.run.run_id,
                attempt=call.attempt,
                params=call.params,
                resources=session.resources,
                results=session.results,
                journal=call.journal,
            )
            self._context = context
        return context

    def _call(self, call: Call, context: Context) -> Any:
        self._session.enter_body()
        try:
            if call.item is None:
                return call.task.body(context)
            return call.task.body(context, call.item)
        finally:
            self._session.leave_body()
