"""One call of a body that is to be made, and whoever makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from penstock.engine.definition.task import Task
from penstock.engine.execution.context import Params
from penstock.engine.execution.journal import AttemptJournal
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
