"""The verb that tells settings: config show."""

from __future__ import annotations

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import json_option
from penstock.cli.output import FAINT, columns, emit, emit_json, paint


@click.group("config")
def config_command() -> None:
    """Show settings and where they come from."""


@config_command.command("show")
@click.option("--sources", is_flag=True, help="Say where each value comes from.")
@json_option
@pass_invocation
def show_command(invocation: Invocation, *, sources: bool, as_json: bool) -> int:
    """Print every setting with its value."""
    knobs = invocation.loaded.describe()
    if as_json:
        emit_json({knob.name: {"value": knob.value, "source": knob.source, "doc": knob.doc} for knob in knobs})
    elif sources:
        emit(columns([(knob.name, paint(knob.source, FAINT), _shown(knob.value)) for knob in knobs], indent=0))
    else:
        emit(columns([(knob.name, _shown(knob.value)) for knob in knobs], indent=0))
    return 0


def _shown(value: str | int | None) -> str:
    return "unset" if value is None else str(value)
