"""Turns Ctrl-C into a wish: the first lets running tasks finish, the second stops them; SIGTERM is like the first."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.engine.engine import Engine

_FINISHING = b"\nfinishing the running tasks; press Ctrl-C again to stop them\n"
_STOPPING = b"\nstopping the running tasks\n"


@contextmanager
def stop_on_interrupt(engine: Engine) -> Iterator[None]:
    """Hand Ctrl-C to the engine for the time of a `with` block; a third one ends the process as usual.

    SIGTERM is heard as the first Ctrl-C, and as nothing when the run is stopping already.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = 0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if number == signal.SIGTERM and pressed:
            return
        pressed += 1
        if pressed > 2:
            raise KeyboardInterrupt
        if pressed == 1:
            engine.request_stop()
            _tell(_FINISHING)
        else:
            _tell(_STOPPING)
            engine.request_stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(words: bytes) -> None:
    # The signal may arrive in the middle of a print: only a bare write is safe here.
    os.write(2, words)
