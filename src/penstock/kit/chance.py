"""Chance as a function that is passed in; tests pass one that is not random."""

from __future__ import annotations


def any_chance() -> float:
    """Return a random number from 0 to 1; it spreads retries and guards nothing."""
    import random

    return random.random()  # noqa: S311
