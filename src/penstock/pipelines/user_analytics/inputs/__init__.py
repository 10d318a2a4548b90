"""Where events and profiles come from: a Mixpanel project, or a folder of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, NamedTuple, Protocol

from penstock.pipelines.user_analytics.parameters import Parameters

Line = Mapping[str, Any]


class Batch(NamedTuple):
    """Lines that are fetched together.

    Args:
        days: The days they are of.
        lines: Each with the day it is kept under; None when that is its own.
    """

    days: Sequence[date]
    lines: Iterator[tuple[Line, date | None]]


class Input(Protocol):
    """Hands out lines as published."""

    @property
    def source(self) -> str:
        """Where they come from, in words between bars; a word more says it more exactly."""
        ...

    def batches(self, parts: Sequence[Sequence[date]]) -> Iterator[Batch]:
        """Yield the events of these days, each day in exactly one batch.

        Args:
            parts: Days that had better be fetched together.

        Raises:
            SourceError: They cannot be read to the end.
        """
        ...

    def users(self) -> Iterator[Line] | None:
        """Return all profiles; None when this place has none to tell.

        Raises:
            SourceError: They cannot be read to the end.
        """
        ...


def is_same_source(one: str, other: str) -> bool:
    """Return whether two sources are one, as far as both say."""
    return all(said == told for said, told in zip(one.split("|"), other.split("|"), strict=False))


def open_input(parameters: Parameters) -> AbstractContextManager[Input]:
    """Lend the input the parameters choose.

    Raises:
        PenstockError: It cannot be opened.
    """
    if parameters.source == "folder":
        from penstock.pipelines.user_analytics.inputs.folder import open_folder

        return open_folder(parameters)
    from penstock.pipelines.user_analytics.inputs.project import open_project

    return open_project(parameters)
