"""The simulated OpenFEC API as an ASGI application."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from starlette.applications import Starlette

from penstock.kit.clock import Clock
from penstock.kit.pace import Window
from penstock.simulators.faults import Faults
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story

#: What the publisher allows a key.
LIMITS = (Window(1000, timedelta(hours=1)), Window(60, timedelta(minutes=1)))


def create_app(
    story: Story,
    clock: Clock,
    *,
    faults: Faults | None = None,
    keys: Collection[str] | None = None,
    limits: Sequence[Window] = LIMITS,
    log: RequestLog | None = None,
) -> Starlette:
    """Return the API below `/v1`, as it is on the day of the story that the clock shows.

    Args:
        keys: The keys that are good; None takes any that is not empty.
        limits: Calls each key has in any period, exact to the moment; empty for no limit.
    """
    raise NotImplementedError
