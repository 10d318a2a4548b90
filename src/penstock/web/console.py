"""What the console's pages and actions work with; put together where settings are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from penstock.engine.engine import Engine
from penstock.kit.clock import Clock
from penstock.kit.jsonable import from_json, to_json
from penstock.kit.secret import without_password
from penstock.kit.veil import Veil
from penstock.web.launches import Launches


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting as the settings page shows it."""

    name: str
    value: str
    source: str
    doc: str

    def veiled(self) -> Knob:
        """Return the setting as it may be shown: stars for passwords in addresses and for secret parameters."""
        if not self.value.startswith("{"):
            return replace(self, value=without_password(self.value))
        try:
            tables = from_json(self.value)
        except ValueError:
            return self
        told = {name: dict(Veil.over(one).params) if isinstance(one, dict) else one for name, one in tables.items()}
        return replace(self, value=to_json(told))


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

    def settings(self) -> list[Knob]:
        """Return every setting as it may be shown."""
        return [knob.veiled() for knob in self.knobs()]
