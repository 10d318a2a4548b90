"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
_RANDOM_BITS = 80

Randomness = Callable[[int], bytes]


def _base32(number: int, length: int) -> str:
    digits = [""] * length
    for place in range(length - 1, -1, -1):
        digits[place] = _ALPHABET[number & 31]
        number >>= 5
    return "".join(digits)


class IdSource:
    """Makes 26-character identifiers (ULID layout) that rise even within one millisecond.

    Args:
        randomness: Returns so many random bytes; tests pass a seeded one.
    """

    def __init__(self, randomness: Randomness = os.urandom) -> None:
        self._randomness = randomness
        self._last_ms = -1
        self._last_random = 0

    def new(self, at: datetime) -> str:
        """Return an identifier for this instant, greater than every one this source made before."""
        ms = max(int(at.timestamp() * 1000), self._last_ms)
        if ms == self._last_ms:
            self._last_random += 1
        else:
            # The top bit stays clear so that counting up within a millisecond cannot overflow.
            self._last_random = int.from_bytes(self._randomness(_RANDOM_BITS // 8)) >> 1
            self._last_ms = ms
        return _base32(ms, 10) + _base32(self._last_random, 16)
