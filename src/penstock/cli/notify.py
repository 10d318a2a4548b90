"""The verbs on notification channels: notify list and test; and what sends messages beside a verb that goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import instant
from penstock.cli.options import json_option
from penstock.cli.output import BAD, FAINT, GOOD, WARN, columns, emit, emit_json, paint, say, say_hints
from penstock.errors import PenstockError
from penstock.kit.durations import format_duration

if TYPE_CHECKING:
    from penstock.notify.channel import Channel
    from penstock.notify.notice import Notice
    from penstock.notify.progress import Progress

_COLOURS = {"told": GOOD, "waits": WARN, "gave up": BAD, "trouble": BAD}
#: What runs and their scripts need not know.
_PRIVATE = ("PENSTOCK_SMTP_URL", "PENSTOCK_NOTIFY")


@contextmanager
def notifying(invocation: Invocation, *, everything: bool = False) -> Iterator[None]:
    """Tell the channels of what happens for the time of a `with` block.

    Args:
        everything: Print what was told, too, and not only what could not be.
    """
    from penstock.bootstrap import open_notifier

    def tell(notice: Notice) -> None:
        if everything or notice.what != "told":
            what = paint(notice.what.ljust(9), _COLOURS.get(notice.what, FAINT))
            say(f"{instant(notice.at)}  {what}  channel {notice.channel}  {notice.message}")

    notifier = open_notifier(invocation.settings, invocation.engine, tell)
    for name in _PRIVATE:
        os.environ.pop(name, None)
    with notifier:
        yield


@click.group("notify")
def notify_command() -> None:
    """List and test the channels that are told of failures, recoveries and delays.

    They are told while a scheduler or a console is open.
    """


@notify_command.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation, *, as_json: bool) -> int:
    """List the channels: where messages go, what of, and what waits to be sent."""
    from penstock.notify.progress import find_progress

    channels = invocation.settings.notify
    store = invocation.engine.store
    told = {name: find_progress(store, name) for name in channels}
    if as_json:
        emit_json([_facts(channel, told[name]) for name, channel in channels.items()])
    elif channels:
        emit(columns([_row(channel, told[name]) for name, channel in channels.items()], indent=0))
    else:
        say_hints(["no channel is set; name one in `penstock.toml`: [penstock.notify.ops]"])
    return 0


def _facts(channel: Channel, progress: Progress | None) -> dict[str, Any]:
    return {
        "name": channel.name,
        "target": channel.target,
        "on": [one.value for one in channel.on],
        "pipelines": list(channel.pipelines),
        "late_after_s": channel.late_after.total_seconds(),
        "since": progress and progress.begun_at.isoformat(),
        "waiting": len(progress.waiting) if progress is not None else 0,
        "retry_at": progress.retry_at.isoformat() if progress is not None and progress.retry_at else None,
    }


def _row(channel: Channel, progress: Progress | None) -> tuple[str, str, str]:
    on = ", ".join(one.value for one in channel.on)
    told = f"on {on} (late after {format_duration(channel.late_after)}) of {', '.join(channel.pipelines)}; "
    return channel.name, channel.target, told + _state(progress)


def _state(progress: Progress | None) -> str:
    if progress is None:
        return "not begun: start a scheduler or the console"
    if not progress.waiting:
        return "nothing waits"
    again = f", tried again at {instant(progress.retry_at)}" if progress.retry_at else ""
    return f"{len(progress.waiting)} waiting{again}"


@notify_command.command("test")
@click.argument("name")
@pass_invocation
def test_command(invocation: Invocation, *, name: str) -> int:
    """Send a test message through a channel, and tell what came back."""
    from penstock.bootstrap import surroundings_of
    from penstock.notify.notifier import send_test

    settings = invocation.settings
    delivery = send_test(invocation.engine, settings.notify, name, surroundings_of(settings))
    if not delivery.is_delivered:
        raise PenstockError(
            f"channel `{name}` was not told: {delivery.words}", hint="look at it with `penstock notify list`"
        )
    emit(f"told channel `{name}`: {delivery.words}")
    return 0
