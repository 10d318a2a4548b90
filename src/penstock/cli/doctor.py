"""Checks what a run needs, one thing after the other, and says what to do about what is missing."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from shutil import disk_usage
from tempfile import TemporaryFile

import click

from penstock import __version__
from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import json_option
from penstock.cli.output import BAD, GOOD, columns, emit, emit_json, paint, say_error, say_hints
from penstock.errors import PenstockError, StateError
from penstock.kit.secret import without_password
from penstock.settings import Settings

_OLDEST_PYTHON = (3, 11)
_ROOM_WANTED_GB = 2


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, what was found, and what to do if it is not."""

    name: str
    is_well: bool
    told: str
    hint: str | None = None


@click.command("doctor")
@json_option
@pass_invocation
def doctor_command(invocation: Invocation, *, as_json: bool) -> int:
    """Check this installation and project."""
    checks = examine(invocation)
    ailing = [check for check in checks if not check.is_well]
    if as_json:
        told = [{"name": one.name, "ok": one.is_well, "told": one.told, "hint": one.hint} for one in checks]
        emit_json({"ok": not ailing, "checks": told})
    else:
        emit(columns([(one.name, _word(one), one.told) for one in checks], indent=0))
        _say_ailing(ailing)
    return StateError.exit_code if ailing else 0


def _word(check: Check) -> str:
    return paint("ok", GOOD) if check.is_well else paint("wrong", BAD)


def _say_ailing(ailing: list[Check]) -> None:
    for check in ailing:
        say_error(f"{check.name}: {check.told}", [check.hint])
    if not ailing:
        say_hints(["everything is well: penstock list"])


def examine(invocation: Invocation) -> list[Check]:
    """Return every check, done now."""
    checks = [_python(), _sqlite(), _duckdb()]
    try:
        settings = invocation.settings
    except PenstockError as error:
        return [*checks, Check("settings", is_well=False, told=error.message, hint=error.hint)]
    checks.append(_examined("home", partial(_home, settings)))
    checks.append(_examined("disk", partial(_disk, settings)))
    checks.append(_examined("state", partial(_state, invocation)))
    checks.append(_examined("warehouse", partial(_warehouse, settings)))
    return [*checks, *_pipelines(invocation)]


def _examined(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, is_well=True, told=look())
    except PenstockError as error:
        return Check(name, is_well=False, told=error.message, hint=error.hint)
    except OSError as error:
        told = f"`{error.filename}`: {error.strerror}" if error.filename else str(error)
        return Check(name, is_well=False, told=told, hint="set PENSTOCK_HOME to a folder you may write to")


def _python() -> Check:
    is_well = sys.version_info >= _OLDEST_PYTHON
    told = f"{platform.python_version()}, penstock {__version__}"
    return Check("python", is_well, told, hint=None if is_well else "install Python 3.11 or newer")


def _sqlite() -> Check:
    # Looked at as an installer would: the driver itself is used in the state store alone.
    try:
        return Check("sqlite", is_well=True, told=import_module("sqlite3").sqlite_version)
    except ImportError as error:
        return Check("sqlite", is_well=False, told=str(error), hint="install a Python that was built with SQLite")


def _duckdb() -> Check:
    try:
        return Check("duckdb", is_well=True, told=version("duckdb"))
    except PackageNotFoundError:
        return Check("duckdb", is_well=False, told="is not installed", hint="install `penstock[data]`")


def _home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=settings.home) as file:
        file.write(b"penstock")
    return f"`{settings.home}` can be written"


def _disk(settings: Settings) -> str:
    free = disk_usage(settings.home).free / 1e9
    if free < _ROOM_WANTED_GB:
        raise StateError(
            f"{free:.1f} GB are free in `{settings.home}`, {_ROOM_WANTED_GB} GB are wanted",
            hint="make room, or set PENSTOCK_HOME to a folder on another disk",
        )
    return f"{free:,.0f} GB free"


def _state(invocation: Invocation) -> str:
    runs = invocation.engine.store.list_runs(limit=1)
    newest = f", newest run {runs[0].run_id}" if runs else ", no runs yet"
    return f"`{without_password(invocation.settings.state_url)}` opens{newest}"


def _warehouse(settings: Settings) -> str:
    from penstock.warehouse.connect import open_warehouse

    warehouse = open_warehouse(settings.warehouse_url, workdir=settings.tmp, memory_limit=settings.memory_limit)
    try:
        warehouse.query("select 1")
    finally:
        warehouse.close()
    return f"`{without_password(settings.warehouse_url)}` opens"


def _pipelines(invocation: Invocation) -> list[Check]:
    try:
        known = invocation.registry.all()
    except PenstockError as error:
        return [Check("pipelines", is_well=False, told=error.message, hint=error.hint)]
    broken = invocation.registry.broken.values()
    wrong = [Check("pipelines", is_well=False, told=error.message, hint=error.hint) for error in broken]
    return [Check("pipelines", is_well=True, told=", ".join(known) or "none yet"), *wrong]
