"""What came of sending a message: it arrived, it may be tried again, or it never will arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from penstock.engine.execution.background import BackgroundCall
from penstock.kit.durations import format_duration
from penstock.notify.message import Message

#: How long a server may take for a message, from the first byte to the last.
TIME_LIMIT = timedelta(seconds=10)


class Delivery(NamedTuple):
    """What came of sending a message.

    Args:
        is_refused: Whether it would be refused again, however often it is sent.
        words: What the other side said; holds no secret.
    """

    is_delivered: bool
    words: str
    is_refused: bool = False


#: Sends one message, and returns what came of it; nothing is raised.
Send = Callable[[Message], Delivery]


def within_limit(send: Callable[[], Delivery], limit: timedelta = TIME_LIMIT) -> Delivery:
    """Return what came of sending, or that it took too long: a server that trickles holds nobody up."""
    call = BackgroundCall(send, "penstock-notify")
    call.start()
    call.join(limit.total_seconds())
    if call.is_alive():
        return Delivery(is_delivered=False, words=f"no answer within {format_duration(limit)}")
    delivery: Delivery = call.value()
    return delivery
