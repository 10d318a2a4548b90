"""Suggests what a person probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.5) -> str | None:
    """Return the known word most like this one, or None when none is close.

    Args:
        likeness: How like it has to be, from 0 to 1.
    """
    from difflib import get_close_matches

    matches = get_close_matches(word, list(known), n=1, cutoff=likeness)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint such as "did you mean `load_cm`?", or None when no known word is close."""
    match = nearest(word, known)
    return f"did you mean `{match}`?" if match else None
