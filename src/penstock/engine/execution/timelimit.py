"""Ends a body that has to stop: when its time is up, or when the run is being stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from penstock.engine.execution.background import BackgroundCall
from penstock.errors import StopBody, TimeLimitError
from penstock.kit.durations import format_duration

#: How long a body that was told to stop may take to unwind before it is left behind.
GRACE = timedelta(seconds=1)
#: How long a script that was told to end may take before it is killed.
SCRIPT_GRACE = timedelta(seconds=5)


def stop_thread(ident: int) -> None:
    """Raise `StopBody` in another thread, as soon as it executes Python code."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(StopBody))


def call_with_limit(
    body: Callable[[], Any], limit: timedelta, interrupt: Callable[[int | None], None], expire: Callable[[], None]
) -> Any:
    """Return what the body returns, if it does so within the limit.

    The body runs in a thread of its own. When its time is up, `expire` is called first, so that whatever the body still
    tries to write is refused; then it is interrupted; then, if it is stuck in foreign code, it is left behind.

    Raises:
        TimeLimitError: The limit passed.
    """
    call = BackgroundCall(body, "penstock-body")
    call.start()
    call.join(limit.total_seconds())
    if call.is_alive():
        expire()
        interrupt(call.ident)
        if call.ident is not None:
            stop_thread(call.ident)
        call.join(GRACE.total_seconds())
        raise TimeLimitError(
            f"passed its time limit of {format_duration(limit)}",
            hint="raise `timeout=`, or make the task do less at once",
        )
    return call.value()
