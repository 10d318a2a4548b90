"""What an address names and is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from penstock.errors import UsageError


class AbsentError(UsageError):
    """The address names something that does not exist."""


@contextmanager
def addressed() -> Iterator[None]:
    """Tell an unknown name for the time of a `with` block as one that stands in the address.

    Raises:
        AbsentError: Something unknown is named.
    """
    try:
        yield
    except UsageError as error:
        raise AbsentError(error.message, hint=error.hint) from error
