"""Writes made-up input files in the form of a publisher's, and plays publishers, for trying things offline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from penstock.cli.output import emit, say, say_hints
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.simulators.faults import FaultKind
    from penstock.simulators.mixpanel.universe import Universe
    from penstock.simulators.serve import Served, ServedFec

Verb = TypeVar("Verb", bound=Callable[..., Any])


@click.group("simulate")
def simulate_command() -> None:
    """Write input files such as a publisher's, or play a publisher."""


@simulate_command.command("fec-bulk")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--cycle", type=int, default=2020, show_default=True, help="Election cycle: an even year.")
@click.option("--rows", type=click.IntRange(min=1), default=20_000, show_default=True, help="Rows of itcont.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another seed makes other files; one seed the same."
)
def fec_bulk_command(*, folder: Path, cycle: int, rows: int, seed: int) -> int:
    """Write the bulk files of a cycle, as the Federal Election Commission publishes them.

    Everything in them is made up; their totals agree with each other.
    """
    write_world(folder, cycle=cycle, rows=rows, seed=seed)
    for path in sorted(folder.iterdir()):
        emit(str(path))
    say_hints([f"penstock run campaign-finance --cycle {cycle} --bulk-dir {folder}"])
    return 0


def write_world(folder: Path, *, cycle: int, rows: int, seed: int) -> None:
    """Write the generated bulk files of a cycle into a folder.

    Raises:
        UsageError: The folder cannot be written.
    """
    from penstock.simulators.fec_bulk import write_bulk_files

    try:
        write_bulk_files(folder, cycle, rows, seed)
    except OSError as error:
        raise UsageError(f"cannot write `{folder}`: {error.strerror or error}", hint="choose another folder") from error


_UNIVERSE_OPTIONS = (
    click.option("--users", type=click.IntRange(min=1), default=200, show_default=True, help="How many there are."),
    click.option("--days", type=click.IntRange(min=1), default=90, show_default=True, help="How many have events."),
    click.option("--end-on", type=click.DateTime(["%Y-%m-%d"]), help="The last of them.  [default: today, UTC]"),
    click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes other people."),
    click.option("--late", is_flag=True, help="One more event, which is processed half a day after the last day."),
)


def universe_options(verb: Verb) -> Verb:
    """Add the flags that choose a simulated app."""
    for option in reversed(_UNIVERSE_OPTIONS):
        verb = option(verb)
    return verb


@simulate_command.command("mixpanel")
@click.argument("folder", type=click.Path(path_type=Path))
@universe_options
def mixpanel_files_command(*, folder: Path, **made: Any) -> int:
    """Write an app's users and events, as a file export of Mixpanel leaves them.

    Everything in them is made up, and every user lives a story: each defect of the real ones is planted.
    """
    from penstock.simulators.mixpanel.folder import write_folder

    universe = _make_universe(**made)
    now = max([universe.closes_at, *(each.processed_at for each in universe.arrivals)])
    counts = write_folder(folder, universe, now=now)
    emit(str(folder))
    say(f"{counts['events']:,} events and {counts['people']:,} people until {universe.end_on}")
    run = f"penstock run user-analytics --source folder --folder {folder}"
    say_hints([f"{run} --config {folder / 'config'} --end-on {universe.end_on}"])
    return 0


def _make_universe(*, users: int, days: int, end_on: datetime | None, seed: int, late: bool) -> Universe:
    from penstock.simulators.mixpanel.universe import Universe

    made = Universe(seed, users=users, days=days, end_on=_today() if end_on is None else end_on.date())
    return made.with_arrivals(made.late()) if late else made


def _today() -> date:
    from penstock.kit.clock import SystemClock

    return SystemClock().now().date()


@simulate_command.group("serve")
def serve_command() -> None:
    """Play a publisher on this machine, until Ctrl-C."""


_STORY_OPTIONS = (
    click.option("--cycle", type=int, default=2020, show_default=True, help="Election cycle: an even year."),
    click.option("--seed", type=int, default=1, show_default=True, help="Another seed tells another story."),
    click.option("--rows", type=click.IntRange(min=1), default=20_000, show_default=True, help="Contributions, about."),
    click.option("--committees", type=click.IntRange(min=8), default=60, show_default=True, help="How many there are."),
    click.option("--days", type=click.IntRange(min=1), default=5, show_default=True, help="Length of the story."),
    click.option("--day", type=click.IntRange(min=0), default=0, show_default=True, help="Day to begin with, from 0."),
    click.option("--speed", type=float, default=1.0, show_default=True, help="How much faster its clock runs."),
)


def story_options(verb: Verb) -> Verb:
    """Add the flags that choose a story and the time in it."""
    for option in reversed(_STORY_OPTIONS):
        verb = option(verb)
    return verb


@serve_command.command("fec")
@click.option("--port", type=click.IntRange(0, 65535), default=8480, show_default=True, help="0 takes a free one.")
@story_options
@click.option("--faults", metavar="KINDS", help="What goes wrong by chance, e.g. `429,dropped,cut-json`; see --rate.")
@click.option("--rate", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="Share that goes wrong.")
@click.option(
    "--limits/--no-limits", default=True, show_default=True, help="Refuse more than 60 a minute, 1,000 an hour."
)
@click.option("--log", "log_file", type=click.Path(path_type=Path), help="File to add every request to, as JSON lines.")
def fec_command(
    *, port: int, faults: str | None, rate: float, limits: bool, log_file: Path | None, **story: Any
) -> int:
    """Play the Federal Election Commission: its API and its bulk downloads, which tell one story.

    On each day of the story filings are loaded, amended and withdrawn. A day passes when its clock says so; --speed
    makes it pass sooner.
    """
    from penstock.simulators.faults import Faults
    from penstock.simulators.openfec.app import LIMITS
    from penstock.simulators.requestlog import RequestLog

    played = Faults(rate=rate, kinds=_kinds(faults), seed=story["seed"]) if faults else None
    with TemporaryDirectory(prefix="penstock-simulated-") as folder:
        served = _open_fec(
            Path(folder), port, faults=played, limits=LIMITS if limits else (), log=RequestLog(log_file), **story
        )
        with served:
            _tell_fec(served)
            _wait()
    return 0


@serve_command.command("mixpanel")
@click.option("--port", type=click.IntRange(0, 65535), default=8481, show_default=True, help="0 takes a free one.")
@universe_options
@click.option("--speed", type=float, default=1.0, show_default=True, help="How much faster its clock runs.")
@click.option("--faults", metavar="KINDS", help="What goes wrong by chance, e.g. `429,dropped,cut-json`; see --rate.")
@click.option("--rate", type=click.FloatRange(0, 1), default=0.05, show_default=True, help="Share that goes wrong.")
@click.option("--limits/--no-limits", default=True, show_default=True, help="Refuse more than 3 a second, 60 an hour.")
@click.option("--log", "log_file", type=click.Path(path_type=Path), help="File to add every request to, as JSON lines.")
def mixpanel_command(
    *,
    port: int,
    speed: float,
    faults: str | None,
    rate: float,
    limits: bool,
    log_file: Path | None,
    **made: Any,
) -> int:
    """Play Mixpanel: its export of events and its profiles.

    The clock starts at the end of the last day; an event that is late appears when the clock has passed its arrival.
    """
    from penstock.kit.clock import ScaledClock
    from penstock.simulators.faults import Faults
    from penstock.simulators.mixpanel.access import LIMITS
    from penstock.simulators.mixpanel.app import FAULTS, create_mixpanel_app
    from penstock.simulators.requestlog import RequestLog
    from penstock.simulators.serve import Served

    _refuse_speed(speed)
    universe = _make_universe(**made)
    app = create_mixpanel_app(
        universe,
        ScaledClock(universe.closes_at, speed),
        faults=Faults(rate=rate, kinds=_kinds(faults, FAULTS), seed=universe.seed) if faults else None,
        limits=LIMITS if limits else (),
        log=RequestLog(log_file),
    )
    with Served(app, port=port) as served:
        _tell_mixpanel(served, universe)
        _wait()
    return 0


def _tell_mixpanel(served: Served, universe: Universe) -> None:
    places = {"mixpanel": "/api/2.0", "mixpanelprofiles": "/api/query"}
    emit("export PENSTOCK_SOURCES=" + ",".join(f"{name}={served.url}{path}" for name, path in places.items()))
    emit("export MIXPANEL_API_SECRET=simulated")
    say("Ctrl-C ends it")
    say_hints([f"penstock run user-analytics --end-on {universe.end_on}"])


def _kinds(text: str, played: Sequence[FaultKind] = ()) -> tuple[FaultKind, ...]:
    from penstock.simulators.faults import FaultKind

    known = [kind.value for kind in played or FaultKind]
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise UsageError(f"`{text}` names no known fault", hint=f"faults are {', '.join(known)}")
    return tuple(FaultKind(name) for name in wanted)


def _open_fec(folder: Path, port: int, *, day: int, speed: float, **rest: Any) -> ServedFec:
    from penstock.kit.clock import ScaledClock
    from penstock.simulators.serve import ServedFec
    from penstock.simulators.story import Story

    names = ("cycle", "seed", "rows", "days", "committees")
    if day >= rest["days"]:
        raise UsageError(f"the story has no day `{day}`", hint=f"days are 0 to {rest['days'] - 1}; `--days` adds more")
    _refuse_speed(speed)
    story = Story(**{name: rest.pop(name) for name in names})
    return ServedFec(story, ScaledClock(story.instant_of(day), speed), folder, port=port, **rest)


def _refuse_speed(speed: float) -> None:
    if speed <= 0:
        raise UsageError(f"`--speed {speed:g}` stands still or runs backwards", hint="give a number above 0")


def _tell_fec(served: ServedFec) -> None:
    emit(f"export PENSTOCK_SOURCES=openfec={served.openfec_url}")
    emit("export FEC_API_KEY=simulated")
    say(f"bulk files at {served.bulk_url}; Ctrl-C ends it")
    cycle = served.story.cycle
    run = f"penstock run campaign-finance --cycle {cycle}"
    say_hints([f"{run} --bulk-dir {served.bulk_url}", f"{run} --deployment daily"])


def _wait() -> None:
    """Return when a person or the system says stop."""
    import signal
    from threading import Event

    stopped = Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
