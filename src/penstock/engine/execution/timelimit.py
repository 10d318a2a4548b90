"""Ends a body that has to stop: when its time is up, or when the run is being stopped."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from penstock.errors import StopBody, TimeLimitError
from penstock.kit.durations import format_duration

#: How long a body that was told to stop may take to unwind before it is left behind.
GRACE = timedelta(seconds=1)


def stop_thread(ident: int) -> None:
    """Raise `StopBody` in another thread, as soon as it executes Python code."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(StopBody))


class _Call(threading.Thread):
    """One call of a body in a thread of its own, which may be left behind."""

    def __init__(self, body: Callable[[], Any]) -> None:
        super().__init__(name="penstock-body", daemon=True)
        self._body = body
        self.value: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.value = self._body()
        except BaseException as error:  # noqa: BLE001 - handed to the caller, which waits for it
            self.error = error


def call_with_limit(
    body: Callable[[], Any], limit: timedelta, interrupt: Callable[[], None], expire: Callable[[], None]
) -> Any:
    """Return what the body returns, if it does so within the limit.

    The body runs in a thread of its own. When its time is up, `expire` is called first, so that whatever the body still
    tries to write is refused; then it is interrupted; then, if it is stuck in foreign code, it is left behind.

    Raises:
        TimeLimitError: The limit passed.
    """
    call = _Call(body)
    call.start()
    call.join(limit.total_seconds())
    if call.is_alive():
        expire()
        interrupt()
        if call.ident is not None:
            stop_thread(call.ident)
        call.join(GRACE.total_seconds())
        raise TimeLimitError(
            f"passed its time limit of {format_duration(limit)}",
            hint="raise `timeout=`, or make the task do less at once",
        )
    if call.error is not None:
        raise call.error
    return call.value
