"""The verbs that tell how runs went: status, history."""

from __future__ import annotations

from typing import Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import history_lines, instant, params_text, run_lines
from penstock.cli.options import json_option, verbose_option
from penstock.cli.output import emit, emit_json, say_hints
from penstock.engine.state.records import RunStatus
from penstock.engine.view import RunView


@click.command("status")
@click.argument("run_id", metavar="[RUN]", default="last")
@json_option
@verbose_option
@pass_invocation
def status_command(invocation: Invocation, *, run_id: str, as_json: bool) -> int:
    """Show a run: its tasks, how they ended, and why they ran.

    RUN is an id, the beginning of one, or `last`, which is meant when it is left out.
    """
    view = invocation.engine.view(run_id)
    if as_json:
        emit_json(view.as_json())
        return 0
    emit(run_lines(view, everything=invocation.verbose))
    run = view.veiled().run
    emit(f"{run.cause} · started {instant(run.created_at)} · {params_text(run.params)}".rstrip(" ·"))
    say_hints([_next_step(view)])
    return 0


def _next_step(view: RunView) -> str | None:
    run_id = view.run.run_id
    if view.status in (RunStatus.ABANDONED, RunStatus.CANCELLED):
        return f"penstock resume {run_id}"
    if view.status is RunStatus.RUNNING:
        return f"penstock logs {run_id} --follow"
    return f"penstock retry {run_id}" if view.failed else None


@click.command("history")
@click.argument("pipeline", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs at most.")
@json_option
@pass_invocation
def history_command(invocation: Invocation, *, pipeline: str | None, limit: int, as_json: bool) -> int:
    """List runs, newest first."""
    engine = invocation.engine
    views = engine.history(engine.pipeline(pipeline).name if pipeline else None, limit)
    if as_json:
        emit_json({"runs": [_summary_json(view) for view in views]})
    elif views:
        emit(history_lines(views))
    else:
        say_hints([f"there are no runs yet: penstock run {pipeline or 'PIPELINE'}"])
    return 0


def _summary_json(view: RunView) -> dict[str, Any]:
    run = {name: value for name, value in view.as_json().items() if name != "tasks"}
    counts = {status.value: count for status, count in view.run.counts.items() if count}
    return {**run, "cause": view.veiled().run.cause, "tasks": counts}
