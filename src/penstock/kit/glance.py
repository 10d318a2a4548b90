"""What may be looked at before anything is done: parameters, and rows already stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Glance(Protocol):
    """What a task's forecast is given."""

    @property
    def params(self) -> Mapping[str, Any]:
        """The value of every parameter."""
        ...

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a read-only statement; none while a table it names does not exist."""
        ...
