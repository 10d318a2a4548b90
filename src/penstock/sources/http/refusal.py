"""A publisher's No: asking again in the same way would change nothing."""

from __future__ import annotations

from penstock.errors import SourceError


class RefusedError(SourceError):
    """The publisher refused the question (a status from 400 on that repeating does not mend).

    Args:
        status: The HTTP status.
        is_about_key: Whether it is the key that was refused.
    """

    def __init__(self, message: str, *, status: int, is_about_key: bool = False, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.is_about_key = is_about_key
