"""A call in a daemon thread of its own: it can be waited for, and left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class BackgroundCall(threading.Thread):
    """One call; its value or its error is there once the thread is over."""

    def __init__(self, function: Callable[[], Any], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._function = function
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Make the call; what it raises is kept for whoever asks for the value."""
        try:
            self._value = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again by `value`, in the thread that waits
            self._error = error

    def value(self) -> Any:
        """Return what the call returned, or raise what it raised; to be asked when the thread is over."""
        if self._error is not None:
            raise self._error
        return self._value
