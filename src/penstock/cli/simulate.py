"""Writes made-up input files in the form of a publisher's, and plays publishers, for trying things offline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from penstock.cli.output import emit, say, say_hints
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.simulators.faults import FaultKind
    from penstock.simulators.serve import ServedFec

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


def _kinds(text: str) -> tuple[FaultKind, ...]:
    from penstock.simulators.faults import FaultKind

    known = [kind.value for kind in FaultKind]
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
    if speed <= 0:
        raise UsageError(f"`--speed {speed:g}` stands still or runs backwards", hint="give a number above 0")
    story = Story(**{name: rest.pop(name) for name in names})
    return ServedFec(story, ScaledClock(story.instant_of(day), speed), folder, port=port, **rest)


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
