"""The verb that notes that a person tested a task: mark."""

from __future__ import annotations

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.options import json_option
from penstock.cli.output import emit, emit_json
from penstock.engine.state.records import TESTED


@click.command("mark")
@click.argument("pipeline")
@click.argument("task")
@click.option("--tested/--not-tested", "is_tested", default=None, help="Whether a person looked at its work.")
@json_option
@pass_invocation
def mark_command(invocation: Invocation, *, pipeline: str, task: str, is_tested: bool | None, as_json: bool) -> int:
    """Mark a task as tested, or as not; without a flag, tell which it is.

    The mark is a person's note: no run sets or removes it.
    """
    engine = invocation.engine
    if is_tested is not None:
        engine.set_mark(pipeline, task, TESTED, is_tested)
    told = engine.survey.is_tested(pipeline, task)
    if as_json:
        emit_json({"pipeline": pipeline, "task": task, "tested": told})
    else:
        emit(f"`{task}` of {pipeline} is {'tested' if told else 'not tested'}")
    return 0
