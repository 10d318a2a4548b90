"""Whether a failed attempt is followed by another, and when: decided from values alone."""

from __future__ import annotations

from datetime import timedelta

from penstock.engine.definition.task import Task
from penstock.engine.state.records import Failure
from penstock.errors import PenstockError, Retry, TimeLimitError


class ForeignFailure(Exception):  # noqa: N818 - carries a failure over; it is not one of this process
    """A body failed in another process, which told how."""

    def __init__(self, failure: Failure, after: timedelta | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.after = after


def describe_failure(error: BaseException) -> Failure:
    """Return what the store keeps of an exception a body raised."""
    if isinstance(error, ForeignFailure):
        return error.failure
    if isinstance(error, PenstockError):
        retriable = error.retriable or isinstance(error, TimeLimitError)
        return Failure(type(error).__name__, error.message, error.hint, retriable, error.exit_code)
    message = str(error) or type(error).__name__
    import traceback

    told = "".join(traceback.format_exception(error)) if not isinstance(error, Retry) else None
    return Failure(type(error).__name__, message, traceback=told)


def asked_delay(error: BaseException) -> timedelta | None:
    """Return the delay the body asked for, if it did."""
    return error.after if isinstance(error, Retry | ForeignFailure) else None


def decide_retry(
    task: Task, failure: Failure, attempt: int, asked: timedelta | None, chance: float
) -> timedelta | None:
    """Return how long to wait before the next attempt, or None to give up.

    Args:
        attempt: Number of the attempt that failed, from 1.
        asked: The delay the body asked for by `Retry`.
        chance: A random number from 0 to 1; spreads delays over the upper half, so that workers do not march in step.
    """
    if attempt > task.retries or not failure.retriable:
        return None
    if asked is not None:
        return asked
    return task.backoff(attempt) * (0.5 + chance / 2)
