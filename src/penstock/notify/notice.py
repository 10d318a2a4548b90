"""What a notifier says of its own work, for whoever watches it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Notice(NamedTuple):
    """Something a notifier did or met.

    Args:
        what: `told`, `waits`, `gave up` or `trouble`.
        message: Holds no secret.
    """

    at: datetime
    what: str
    channel: str
    message: str
