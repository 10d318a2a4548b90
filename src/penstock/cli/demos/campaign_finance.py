"""Campaign finance for five days: bulk files, daily increments, a reconciliation on Saturday."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from penstock.cli.demos.place import DemoPlace
from penstock.cli.output import emit, say
from penstock.cli.results import print_results, read_results
from penstock.cli.work import work_on
from penstock.engine.planning.request import RunRequest
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.engine.triggers.scheduler import Scheduler
    from penstock.simulators.serve import ServedFec
    from penstock.simulators.story import Story

PIPELINE = "campaign-finance"
_ZONE = ZoneInfo("America/New_York")
#: From a Thursday to the Monday after the first Saturday of November.
_DAYS = 5
_SATURDAY = 2
_POLL = timedelta(milliseconds=50)


def make_story(cycle: int, rows: int, seed: int) -> Story:
    """Return what happens at the publisher during these days."""
    from penstock.simulators.story import Story

    november = date(cycle, 11, 1)
    saturday = november + timedelta(days=(5 - november.weekday()) % 7)
    starts_on = saturday - timedelta(days=_SATURDAY)
    return Story(cycle, seed=seed, rows=rows, days=_DAYS, committees=24, starts_on=starts_on)


def begins_at(story: Story) -> datetime:
    """Return the first instant of the first day."""
    return _at(story, 0, hour=0)


def play(story: Story, clock: Any, folder: Path) -> ServedFec:
    """Return the simulated FEC, to be entered."""
    from penstock.simulators.serve import ServedFec

    return ServedFec(story, clock, folder / "publisher", limits=())


def _at(story: Story, day: int, *, hour: int) -> datetime:
    on = story.starts_on + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, 30, tzinfo=_ZONE)


def live_through(place: DemoPlace, story: Story) -> int:
    """Live through the five days, show what was found out, and return the exit code."""
    from penstock.engine.triggers.deployments import Deployments
    from penstock.engine.triggers.launch import InProcess
    from penstock.engine.triggers.scheduler import Scheduler

    engine, bulk = place.invocation.engine, place.folder / "bulk"
    pipeline = engine.pipeline(PIPELINE)
    states = sorted({committee.place[1] for committee in story.universe.committees})
    params = {"cycle": story.cycle, "bulk_dir": str(bulk), "states": ",".join(states)}
    Deployments(engine).record(pipeline, list(pipeline.deployments.values()), params)
    _publish(story, bulk, 0)
    say(f"{story.starts_on:%A}: the bulk files as they are, {story.rows:,} contributions, as a back-fill")
    request = RunRequest(PIPELINE, params, cause=place.invocation.command_line, deployment="bulk")
    code = work_on(
        place.invocation,
        lambda: engine.run(request, **place.how),
        as_json=False,
        pipeline=PIPELINE,
        name_results=False,
    )
    scheduler = Scheduler(engine, InProcess(engine, **place.how))
    for day in range(story.days):
        code = code or _live_a_day(scheduler, place, story, day)
    if code == 0:
        _show(place, story.cycle)
    return code


def _live_a_day(scheduler: Scheduler, place: DemoPlace, story: Story, day: int) -> int:
    from penstock.cli.scheduler import tell_happening

    if day == _SATURDAY:
        _publish(story, place.folder / "bulk", day)
    place.clock.move_to(_at(story, day, hour=1))
    failed = False

    def tell(happening: Any) -> None:
        nonlocal failed
        failed = failed or happening.what == "failed"
        if happening.what not in ("asked", "started"):
            tell_happening(happening)

    say(f"{place.clock.now().astimezone(_ZONE):%A %H:%M} in New York")
    scheduler.run(_POLL, tell, once=True)
    return 1 if failed else 0


def _publish(story: Story, bulk: Path, day: int) -> None:
    from penstock.simulators.fec_bulk import write_bulk_of_day

    try:
        write_bulk_of_day(bulk, story, day)
    except OSError as error:
        raise UsageError(f"cannot write `{bulk}`: {error.strerror or error}", hint="choose another folder") from error


def _show(place: DemoPlace, cycle: int) -> None:
    engine = place.invocation.engine
    pipeline = engine.pipeline(PIPELINE)
    emit("")
    print_results(read_results(pipeline, engine.resources_for(pipeline).get("warehouse"), {"cycle": cycle}))
