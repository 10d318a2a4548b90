"""Every error Penstock raises on purpose, and the exit code each one ends a command with.

::

    PenstockError                    1
    ├── DefinitionError              2   the author: a pipeline, task or table is declared wrongly
    ├── UsageError                   2   the operator: an unknown name, a wrong flag or parameter
    ├── SourceError                  3   the publisher: missing, truncated or malformed input
    │   └── AbsentSourceError        3   there is no such input
    ├── StateError                   4   the state store or its folder cannot be used
    │   ├── NewerStateError          4   written by a newer Penstock
    │   └── LeaseLostError           4   another process took over; this one's write was refused
    ├── WarehouseError               4   the warehouse cannot be used
    │   └── ExpectationError         4   rows were refused: they break a table's expectation
    ├── StalePlanError               5   the saved plan no longer describes what would happen
    ├── ConflictError                6   another run holds the pipeline or the warehouse
    ├── RunCancelledError            130 a person stopped the run
    └── TaskFailedError              1   a task's body failed
        └── TimeLimitError           1   a task's body passed its time limit

Control flow, raised by a task's body: ``Skip`` (nothing to do) and ``Retry`` (try again later).
Control flow, raised into a task's body: ``StopBody`` (its time is up, or a person said stop).
"""

from __future__ import annotations

from datetime import timedelta


class PenstockError(Exception):
    """The root: a message for a person, and a hint that names the next step.

    Args:
        message: One lower-case sentence that names the object and the place.
        hint: What to do next, shown on its own line.
    """

    exit_code = 1
    retriable = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DefinitionError(PenstockError):
    """A pipeline, task or table is declared wrongly."""

    exit_code = 2


class UsageError(PenstockError):
    """A name, flag or parameter given by the operator does not exist or does not fit."""

    exit_code = 2


class SourceError(PenstockError):
    """Input is missing, truncated or malformed."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str | None = None, retriable: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.retriable = retriable


class AbsentSourceError(SourceError):
    """There is no such input, where it was looked for."""


class StateError(PenstockError):
    """The state store, or the folder it lives in, cannot be used."""

    exit_code = 4


class NewerStateError(StateError):
    """The state was written by a newer Penstock than this one."""


class LeaseLostError(StateError):
    """Another process took this work over, so this process's write was refused."""


class WarehouseError(PenstockError):
    """The warehouse cannot be opened, read or written."""

    exit_code = 4


class ExpectationError(WarehouseError):
    """Rows were refused because they break an expectation of their table."""


class StalePlanError(PenstockError):
    """A saved plan no longer describes what would happen."""

    exit_code = 5


class ConflictError(PenstockError):
    """Another run holds the pipeline or the warehouse."""

    exit_code = 6


class RunCancelledError(PenstockError):
    """A person stopped the run."""

    exit_code = 130


class TaskFailedError(PenstockError):
    """A task's body failed."""


class TimeLimitError(TaskFailedError):
    """A task's body passed its time limit."""


class Skip(Exception):  # noqa: N818 - control flow, not an error
    """Raised by a body that finds nothing to do; the task run is recorded as skipped."""


class Retry(Exception):  # noqa: N818 - control flow, not an error
    """Raised by a body that wants another attempt, whatever its retry policy says of the cause."""

    def __init__(self, message: str = "asked to be retried", *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class StopBody(BaseException):
    """Raised into a body that has to end now: it passed its time limit, or the run is being stopped."""
