"""User analytics: ninety days of an app's users, then one late event, which changes one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.cli.demos.place import DemoPlace
from penstock.cli.output import say
from penstock.cli.work import work_on
from penstock.engine.planning.request import RunRequest

if TYPE_CHECKING:
    from penstock.kit.clock import Clock
    from penstock.simulators.mixpanel.universe import Universe
    from penstock.simulators.serve import Served

PIPELINE = "user-analytics"


def make_universe(clock: Clock, seed: int) -> Universe:
    """Return an app with 200 users, whose last day is yesterday, and with one event that is late."""
    from datetime import timedelta

    from penstock.simulators.mixpanel.universe import Universe

    made = Universe(seed, users=200, end_on=clock.now().date() - timedelta(days=1))
    return made.with_arrivals(made.late())


def play(universe: Universe, clock: Clock) -> Served:
    """Return the simulated Mixpanel, to be entered."""
    from penstock.simulators.mixpanel.app import create_mixpanel_app
    from penstock.simulators.serve import Served

    return Served(create_mixpanel_app(universe, clock, limits=()))


def sources_of(served: Served) -> dict[str, str]:
    """Return the addresses that stand in place of Mixpanel's own."""
    return {"mixpanel": f"{served.url}/api/2.0", "mixpanelprofiles": f"{served.url}/api/query"}


def live_through(place: DemoPlace, universe: Universe) -> int:
    """Run the pipeline on the whole window, then after one more event arrived; return the exit code."""
    place.clock.move_to(universe.closes_at)
    say(f"user analytics: 200 users, 90 days until {universe.end_on}")
    code = _run(place, universe)
    if code == 0:
        place.clock.move_to(max(each.processed_at for each in universe.arrivals))
        say("one event arrives late; the next run touches its user and nobody else")
        code = _run(place, universe)
    return code


def _run(place: DemoPlace, universe: Universe) -> int:
    engine = place.invocation.engine
    request = RunRequest(PIPELINE, {"end_on": universe.end_on}, cause=place.invocation.command_line)
    return work_on(place.invocation, lambda: engine.run(request, **place.how), as_json=False, pipeline=PIPELINE)
