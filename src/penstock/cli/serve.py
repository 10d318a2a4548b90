"""The verb that opens the console."""

from __future__ import annotations

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.output import say

DEFAULT_PORT = 5001


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@pass_invocation
def serve_command(invocation: Invocation, *, host: str, port: int) -> int:
    """Open the console: pages for every pipeline, live, at http://127.0.0.1:5001/pipelines."""
    import uvicorn

    from penstock.bootstrap import environment_of
    from penstock.engine.triggers.launch import ChildProcesses
    from penstock.kit.clock import SystemClock
    from penstock.web.access import Access
    from penstock.web.app import create_app
    from penstock.web.console import Console, Knob
    from penstock.web.launches import Launches

    clock = invocation.clock or SystemClock()
    launch = ChildProcesses(["-m", "penstock", "scheduler", "--order"], environment_of(invocation.settings))

    def knobs() -> list[Knob]:
        told = invocation.loaded.describe()
        return [Knob(one.name, "" if one.value is None else str(one.value), one.source, one.doc) for one in told]

    console = Console(invocation.engine, Launches(launch, clock), knobs, clock, invocation.loaded.project.name)
    access = Access(frozenset({f"{host}:{port}"}), b"")
    say(f"http://{host}:{port}/pipelines")
    uvicorn.run(create_app(console, access), host=host, port=port, log_level="warning")
    return 0
