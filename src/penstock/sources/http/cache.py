"""Keeps answers for a while, and asks the publisher whether they still hold once that is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from penstock.kit.clock import Clock


class Cache:
    """Answers of one source in a folder; several processes may share it.

    Args:
        ttl: An answer younger than this is used unasked; the publisher may allow less, never more.
    """

    def __init__(self, folder: Path, *, ttl: timedelta, clock: Clock) -> None:
        self.folder = folder
        self._ttl = ttl
        self._clock = clock

    def clear(self) -> int:
        """Remove every answer and return how many there were."""
        raise NotImplementedError
