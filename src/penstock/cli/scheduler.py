"""The verb that runs the scheduler, and the hidden one its child processes answer to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.interrupt import stop_on_interrupt
from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import instant
from penstock.cli.notify import notifying
from penstock.cli.output import BAD, FAINT, GOOD, NOTE, WARN, emit, paint, say, say_hints
from penstock.cli.work import execution_of
from penstock.errors import UsageError
from penstock.kit.durations import parse_duration

if TYPE_CHECKING:
    from penstock.engine.triggers.scheduler import Happening, Scheduler

_COLOURS = {"started": NOTE, "resumed": NOTE, "completed": GOOD, "failed": BAD, "let go": WARN, "trouble": BAD}
_ENDING = b"\nending: waiting for what is running; press Ctrl-C again to stop it\n"
_STOPPING = b"\nstopping what is running\n"


def _duration(_ctx: click.Context, param: click.Parameter, given: str) -> timedelta:
    try:
        found = parse_duration(given)
    except ValueError as error:
        raise UsageError(f"`{param.opts[0]}`: {error}") from error
    if found <= timedelta(0):
        raise UsageError(f"`{param.opts[0]}` must be longer than nothing, not `{given}`")
    return found


@click.command("scheduler")
@click.option("--once", is_flag=True, help="Start what is due, and what follows from it; then end.")
@click.option(
    "--poll", default="5s", show_default=True, callback=_duration, metavar="DURATION", help="How often to look."
)
@click.option(
    "--at-once", type=click.IntRange(min=1), default=2, show_default=True, metavar="N", help="Runs at one time."
)
@click.option("--order", is_flag=True, hidden=True)
@pass_invocation
def scheduler_command(invocation: Invocation, *, once: bool, poll: timedelta, at_once: int, order: bool) -> int:
    """Start runs when their triggers ask for them, until Ctrl-C or SIGTERM.

    Any number of schedulers may run at once: nothing is started twice. Each run is a process of its own. At the first
    Ctrl-C, or at SIGTERM, running tasks finish; the next scheduler goes on with what is left.
    """
    if order:
        return _carry_out_order(invocation)
    failed = False

    def tell(happening: Happening) -> None:
        nonlocal failed
        failed = failed or happening.what == "failed"
        tell_happening(happening)

    scheduler = _open(invocation, at_once)
    if not invocation.engine.store.list_deployments():
        say_hints(["nothing is recorded yet: penstock deploy PIPELINE --all"])
    with _stop_on_signals(scheduler), notifying(invocation, everything=True):
        if not once:
            say(f"looking every {poll.total_seconds():g}s; end with Ctrl-C")
        scheduler.run(poll, tell, once=once)
    return 1 if once and failed else 0


def _open(invocation: Invocation, at_once: int) -> Scheduler:
    from penstock.bootstrap import environment_of
    from penstock.engine.triggers.launch import ChildProcesses
    from penstock.engine.triggers.scheduler import Scheduler

    launch = ChildProcesses(["-m", "penstock", "scheduler", "--order"], environment_of(invocation.settings))
    return Scheduler(invocation.engine, launch, at_once=at_once)


def tell_happening(happening: Happening) -> None:
    """Print a line about something a scheduler did or found."""
    what = paint(happening.what.ljust(9), _COLOURS.get(happening.what, FAINT))
    run = f"run {happening.run_id}" if happening.run_id else ""
    emit("  ".join(filter(None, [instant(happening.at), what, happening.deployment, run, happening.message])))
    sys.stdout.flush()


def _carry_out_order(invocation: Invocation) -> int:
    from penstock.engine.triggers.launch import Order, carry_out

    order = Order.read(sys.stdin.read())
    engine, how = invocation.engine, execution_of(invocation, None, None)
    with stop_on_interrupt(engine):
        return carry_out(engine, order, **how)


@contextmanager
def _stop_on_signals(scheduler: Scheduler) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the scheduler for the time of a `with` block; a second Ctrl-C ends what is running."""
    pressed = 0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        pressed += number == signal.SIGINT or not pressed
        scheduler.stop(now=pressed > 1)
        os.write(2, _STOPPING if pressed > 1 else _ENDING)  # only a bare write is safe here

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
