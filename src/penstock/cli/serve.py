"""The verb that opens the console."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.notify import notifying
from penstock.cli.output import say
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.web.access import Access
    from penstock.web.console import Console

DEFAULT_PORT = 5001
#: How long a page waits for a run that writes to the warehouse.
_PATIENCE = timedelta(seconds=1)
_VARIABLES = {"token": "PENSTOCK_TOKEN", "read_token": "PENSTOCK_READ_TOKEN"}
_token_path = click.Path(path_type=Path)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; any other needs a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@click.option("--token-file", type=_token_path, help="File of the operators' token; or set PENSTOCK_TOKEN.")
@click.option("--read-token-file", type=_token_path, help="File of the readers' token; or set PENSTOCK_READ_TOKEN.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A further name under which the console is reached.")
@pass_invocation
def serve_command(
    invocation: Invocation,
    *,
    host: str,
    port: int,
    token_file: Path | None,
    read_token_file: Path | None,
    allow_host: tuple[str, ...],
) -> int:
    """Open the console: a live page for every pipeline, run and task.

    It is at http://127.0.0.1:5001/pipelines, on this machine alone unless told otherwise.

    Runs that it starts are processes of their own: they go on when it ends. Schedules are followed by
    `penstock scheduler`, which is started beside it.
    """
    _require_console()
    access = _access(invocation, host, token_file, read_token_file, allow_host)
    _open(invocation, access, host, port)
    return 0


def open_console(invocation: Invocation, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
    """Open the console on this machine alone, until Ctrl-C or SIGTERM.

    Raises:
        UsageError: It is not installed, or the port is taken.
    """
    _require_console()
    _open(invocation, _access(invocation, host, None, None, ()), host, port)


def _require_console() -> None:
    try:
        import penstock.web.app
        import penstock.web.server  # noqa: F401 - asks only whether it can be had
    except ImportError as error:
        raise UsageError(
            f"the console is not installed: `{error.name}` is missing", hint="install `penstock[web]`"
        ) from error


def _open(invocation: Invocation, access: Access, host: str, port: int) -> None:
    from penstock.web.app import create_app
    from penstock.web.server import listen, serve, url_host

    with listen(host, port) as listening:
        app = create_app(_console(invocation), access)
        with notifying(invocation):
            say(f"http://{url_host(host)}:{listening.getsockname()[1]}/pipelines")
            serve(app, listening)


def _access(
    invocation: Invocation, host: str, token_file: Path | None, read_token_file: Path | None, names: tuple[str, ...]
) -> Access:
    from penstock.web.access import access_to
    from penstock.web.signing import load_secret

    token = _token(invocation, token_file, "token")
    read_token = _token(invocation, read_token_file, "read_token")
    _ = invocation.engine  # it makes the home folder
    secret = load_secret(invocation.settings.home)
    return access_to(host, secret, token=token, read_token=read_token, allowed=names)


def _token(invocation: Invocation, file: Path | None, kind: str) -> str | None:
    # Taken out of the environment: the scripts of runs inherit that, and need none of this.
    told = os.environ.pop(_VARIABLES[kind], None) or None
    if file is None:
        return told and told.strip()
    try:
        text = invocation.placed(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the token in `{file}`: {error}", hint="write it there, on one line") from error
    return text


def _console(invocation: Invocation) -> Console:
    from penstock.bootstrap import environment_of
    from penstock.engine.triggers.launch import ChildProcesses
    from penstock.kit.clock import SystemClock
    from penstock.web.console import Console, Knob
    from penstock.web.launches import Launches

    clock = invocation.clock or SystemClock()
    launch = ChildProcesses(["-m", "penstock", "scheduler", "--order"], environment_of(invocation.settings))

    def knobs() -> list[Knob]:
        told = invocation.loaded.describe()
        return [Knob(one.name, "" if one.value is None else str(one.value), one.source, one.doc) for one in told]

    invocation.engine.data.share(_PATIENCE)
    return Console(invocation.engine, Launches(launch, clock), knobs, clock, invocation.loaded.project.name)
