"""The verbs that keep the state small and let tasks run again: reset, gc."""

from __future__ import annotations

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import plural
from penstock.cli.options import (
    PipelineCommand,
    confirm,
    given_params,
    json_option,
    names_option,
    yes_option,
)
from penstock.cli.output import emit, emit_json
from penstock.engine.state.records import Retention


@click.command("reset", cls=PipelineCommand)
@click.argument("pipeline")
@names_option("--tasks", "Only these tasks.")
@click.option("--data", is_flag=True, help="Remove the rows they made too, in the partition the parameters name.")
@yes_option
@json_option
@pass_invocation
@click.pass_context
def reset_command(
    ctx: click.Context,
    invocation: Invocation,
    *,
    pipeline: str,
    tasks: tuple[str, ...],
    data: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Forget that tasks completed, so that they run again.

    Without parameters in every partition, with them in the one they name. Tables stay as they are, unless `--data`
    is given.
    """
    what = ", ".join(tasks) if tasks else "every task"
    confirm(f"forget that {what} of {pipeline} completed{', and remove the rows made' if data else ''}?", yes=yes)
    report = invocation.engine.reset(pipeline, given_params(ctx) or None, tasks, data=data)
    if as_json:
        emit_json({"pipeline": pipeline, "forgotten": report.forgotten, "tables": dict(report.tables)})
        return 0
    emit(f"forgot {plural(report.forgotten, 'completion')}")
    for table, rows in report.tables.items():
        emit(f"removed {plural(rows, 'row')} of `{table}`")
    return 0


@click.command("gc")
@click.option("--keep-runs", type=click.IntRange(min=1), metavar="N", help="Runs kept of every pipeline.")
@click.option("--keep-days", type=click.IntRange(min=1), metavar="N", help="Days a run is kept.")
@json_option
@pass_invocation
def gc_command(invocation: Invocation, *, keep_runs: int | None, keep_days: int | None, as_json: bool) -> int:
    """Remove old runs from the state store.

    Done after every run too. Never removed: running runs, what tasks last completed with, and the newest items of a
    fan-out.
    """
    settings = invocation.settings
    kept = Retention(keep_runs or settings.retention_runs, keep_days or settings.retention_days)
    gone = invocation.engine.gc(kept)
    if as_json:
        emit_json({"runs": gone.runs, "task_runs": gone.task_runs, "items": gone.items, "events": gone.events})
    else:
        parts = [plural(gone.task_runs, "task run"), plural(gone.items, "item"), plural(gone.events, "event")]
        emit(f"removed {plural(gone.runs, 'run')} with {', '.join(parts)}")
    return 0
