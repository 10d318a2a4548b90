"""Calls a task's body: in this process here; the process executor calls it in a child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from penstock.engine.definition.task import Task
from penstock.engine.execution.context import Context, Params
from penstock.engine.execution.journal import AttemptJournal
from penstock.engine.execution.session import Session
from penstock.engine.execution.timelimit import call_with_limit
from penstock.engine.state.records import Claim, Item


@dataclass(slots=True)
class Call:
    """One call of a body that is to be made.

    Args:
        claim: The claim under which the call is made.
        item: The item to hand over, for a fan-out.
        params: Notes which parameters the body reads.
    """

    task: Task
    claim: Claim
    attempt: int
    params: Params
    journal: AttemptJournal
    item: Item | None = None


class Caller(Protocol):
    """Carries calls out, one at a time."""

    def __call__(self, call: Call) -> Any:
        """Return what the body returned.

        Raises:
            TimeLimitError: The task's time limit passed; whatever the body still does has no effect.
        """
        ...

    def close(self) -> None:
        """Release what the caller holds."""
        ...


class LocalCaller:
    """Calls bodies in this process; those that ask for a process of their own go through `elsewhere`."""

    def __init__(self, session: Session, elsewhere: Callable[[Session], Caller]) -> None:
        self._session = session
        self._open_child = elsewhere
        self._child: Caller | None = None
        self._context: Context | None = None

    def __call__(self, call: Call) -> Any:
        """Return what the body returned."""
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
