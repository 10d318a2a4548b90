"""Shows a whole pipeline at work, offline: five days of a simulated publisher, read, reconciled and summarized."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import execution_options, verbose_option
from penstock.cli.output import emit, say, say_hints
from penstock.cli.results import print_results, read_results
from penstock.cli.work import execution_of, work_on
from penstock.engine.planning.request import RunRequest
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.engine.triggers.scheduler import Scheduler
    from penstock.kit.clock import ShiftedClock
    from penstock.simulators.story import Story

_PIPELINE = "campaign-finance"
_KEPT = Path("penstock-demo")
_ZONE = ZoneInfo("America/New_York")
#: From a Thursday to the Monday after the first Saturday of November.
_DAYS = 5
_SATURDAY = 2
_POLL = timedelta(milliseconds=50)


@click.command("demo")
@click.option(
    "--rows", type=click.IntRange(min=100), default=5_000, show_default=True, help="Contributions to generate."
)
@click.option("--cycle", type=int, default=2020, show_default=True, help="Election cycle to generate.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another world.")
@click.option("--keep", is_flag=True, help=f"Keep files, state and tables, in `{_KEPT}`.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep them in this folder.")
@execution_options
@verbose_option
@pass_invocation
def demo_command(
    invocation: Invocation,
    *,
    rows: int,
    cycle: int,
    seed: int,
    keep: bool,
    folder: Path | None,
    executor: str | None,
    workers: int | None,
) -> int:
    """Run campaign-finance for five days beside a simulated FEC, and show its results.

    Bulk files first, then daily increments from the API, a reconciliation on Saturday; silver and gold follow by
    themselves. Everything happens in a temporary folder that is removed at the end, unless it is to be kept.
    """
    kept = folder or (_KEPT if keep else None)
    with _place(kept) as place, _fec(place, cycle, rows, seed) as (story, clock, address):
        _settle_in(invocation, place, clock, address)
        how = _execution(invocation, executor, workers)
        code = _live_through(invocation, story, clock, place / "bulk", how)
        if code == 0:
            _show(invocation, cycle)
        invocation.close()
    _say_next(kept, cycle, failed=code != 0)
    return code


@contextmanager
def _place(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept.absolute()
        return
    with TemporaryDirectory(prefix="penstock-demo-") as folder:
        yield Path(folder)


@contextmanager
def _fec(place: Path, cycle: int, rows: int, seed: int) -> Iterator[tuple[Story, ShiftedClock, str]]:
    from penstock.kit.clock import ShiftedClock
    from penstock.simulators.serve import ServedFec
    from penstock.simulators.story import Story

    november = date(cycle, 11, 1)
    saturday = november + timedelta(days=(5 - november.weekday()) % 7)
    story = Story(
        cycle, seed=seed, rows=rows, days=_DAYS, committees=24, starts_on=saturday - timedelta(days=_SATURDAY)
    )
    clock = ShiftedClock(_at(story, 0, hour=0))
    with ServedFec(story, clock, place / "publisher", limits=()) as fec:
        yield story, clock, fec.openfec_url


def _at(story: Story, day: int, *, hour: int) -> datetime:
    on = story.starts_on + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, 30, tzinfo=_ZONE)


def _settle_in(invocation: Invocation, place: Path, clock: ShiftedClock, address: str) -> None:
    # The demo's state must not mix with the project's, nor its calls reach the publisher, whatever is set.
    invocation.options = {
        **invocation.options,
        "home": str((place / ".penstock").absolute()),
        "state_url": "sqlite:///{home}/state.db",
        "warehouse_url": "duckdb:///{home}/warehouse.duckdb",
        "sources": f"openfec={address}",
        "budgets": "openfec=1000000/1h",
        "recordings": "off",
    }
    invocation.clock = clock
    os.environ["FEC_API_KEY"] = "demo"


def _execution(invocation: Invocation, executor: str | None, workers: int | None) -> dict[str, Any]:
    how = execution_of(invocation, executor, workers)
    if how["executor"] == "processes":
        raise UsageError("the demo moves its clock, which child processes do not share", hint="use another executor")
    return how


def _live_through(invocation: Invocation, story: Story, clock: ShiftedClock, bulk: Path, how: dict[str, Any]) -> int:
    from penstock.engine.triggers.deployments import Deployments
    from penstock.engine.triggers.launch import InProcess
    from penstock.engine.triggers.scheduler import Scheduler

    engine = invocation.engine
    pipeline = engine.pipeline(_PIPELINE)
    states = sorted({committee.place[1] for committee in story.universe.committees})
    params = {"cycle": story.cycle, "bulk_dir": str(bulk.absolute()), "states": ",".join(states)}
    Deployments(engine).record(pipeline, list(pipeline.deployments.values()), params)
    _publish(story, bulk, 0)
    say(f"{story.starts_on:%A}: the bulk files as they are, {story.rows:,} contributions, as a back-fill")
    request = RunRequest(_PIPELINE, params, cause=invocation.command_line, deployment="bulk")
    code = work_on(
        invocation, lambda: engine.run(request, **how), as_json=False, pipeline=_PIPELINE, name_results=False
    )
    scheduler = Scheduler(engine, InProcess(engine, **how))
    for day in range(story.days):
        code = code or _live_a_day(scheduler, story, clock, bulk, day)
    return code


def _live_a_day(scheduler: Scheduler, story: Story, clock: ShiftedClock, bulk: Path, day: int) -> int:
    from penstock.cli.scheduler import tell_happening

    if day == _SATURDAY:
        _publish(story, bulk, day)
    clock.move_to(_at(story, day, hour=1))
    failed = False

    def tell(happening: Any) -> None:
        nonlocal failed
        failed = failed or happening.what == "failed"
        if happening.what not in ("asked", "started"):
            tell_happening(happening)

    say(f"{clock.now().astimezone(_ZONE):%A %H:%M} in New York")
    scheduler.run(_POLL, tell, once=True)
    return 1 if failed else 0


def _publish(story: Story, bulk: Path, day: int) -> None:
    from penstock.simulators.fec_bulk import write_bulk_of_day

    try:
        write_bulk_of_day(bulk, story, day)
    except OSError as error:
        raise UsageError(f"cannot write `{bulk}`: {error.strerror or error}", hint="choose another folder") from error


def _show(invocation: Invocation, cycle: int) -> None:
    pipeline = invocation.engine.pipeline(_PIPELINE)
    warehouse = invocation.engine.resources_for(pipeline).get("warehouse")
    emit("")
    print_results(read_results(pipeline, warehouse, {"cycle": cycle}))


def _say_next(kept: Path | None, cycle: int, *, failed: bool) -> None:
    if kept is None and failed:
        say_hints(["the files are gone; repeat it with `penstock demo --keep` to look into it"])
    elif kept is None:
        say_hints(["penstock demo --keep  # the same, and the tables stay", "penstock init my-project"])
    else:
        again = f"penstock run {_PIPELINE} --cycle {cycle} --bulk-dir bulk"
        say_hints(
            [f"cd {kept} && {again}  # nothing is stale, so nothing runs", f"penstock why {_PIPELINE}  # in there"]
        )
