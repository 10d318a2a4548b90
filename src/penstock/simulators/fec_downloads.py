"""The simulated bulk downloads of the FEC: the zips of a day, with what a careful download needs."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from penstock.kit.clock import Clock
from penstock.simulators.faults import Faults
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story


def create_downloads_app(
    story: Story, clock: Clock, folder: Path, *, faults: Faults | None = None, log: RequestLog | None = None
) -> Starlette:
    """Return what lies below `/files/bulk-downloads/` on the day of the story that the clock shows.

    Args:
        folder: Where the zips of each day asked for are made and kept.
    """
    raise NotImplementedError
