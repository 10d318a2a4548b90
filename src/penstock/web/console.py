"""What the console's pages and actions work with; put together where settings are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from penstock.engine.engine import Engine
from penstock.kit.clock import Clock
from penstock.web.launches import Launches


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting as the settings page shows it: secrets are stars already."""

    name: str
    value: str
    source: str
    doc: str


@dataclass(frozen=True, slots=True)
class Console:
    """The parts every page may ask.

    Args:
        launches: Starts runs, each in a process of its own, so that they outlive the server.
        knobs: Reads the settings with their sources.
        project: Name of the project's folder.
    """

    engine: Engine
    launches: Launches
    knobs: Callable[[], Sequence[Knob]]
    clock: Clock
    project: str
