"""The verb that makes up for ticks of the past."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import params_text, plural
from penstock.cli.options import json_option
from penstock.cli.output import columns, emit, emit_json, say_hints
from penstock.cli.schedule import deployments_of, read_moment, refuse_backwards
from penstock.engine.state.schedules import Firing
from penstock.kit.veil import Veil


@click.command("backfill")
@click.argument("name", metavar="DEPLOYMENT")
@click.option("--from", "start", required=True, metavar="DATE", help="From this day, or instant, on.")
@click.option("--to", "end", required=True, metavar="DATE", help="Up to the end of this day, or this instant.")
@click.option("--dry-run", is_flag=True, help="Tell which ticks would be made up for; change nothing.")
@json_option
@pass_invocation
def backfill_command(invocation: Invocation, *, name: str, start: str, end: str, dry_run: bool, as_json: bool) -> int:
    """Ask for a run for every past tick of a recorded deployment that never became one.

    The scheduler starts them, the oldest first. Asked twice, it asks for nothing more.
    """
    from penstock.engine.triggers.backfill import backfill, missed_ticks
    from penstock.engine.triggers.trigger import rule_of

    engine, deployment = invocation.engine, deployments_of(invocation).get(name)
    rule = rule_of(deployment.trigger)
    zone = rule.zone if rule else ZoneInfo("UTC")
    begin, until = read_moment(start, zone), read_moment(end, zone, is_end=True)
    refuse_backwards(begin, until)
    work = missed_ticks(engine, deployment, begin, until) if dry_run else backfill(engine, name, begin, until)
    if as_json:
        emit_json({"deployment": deployment.name, "dry_run": dry_run, "firings": [_json(one) for one in work]})
        return 0
    emit(columns([(one.key, params_text(one.params)) for one in work]))
    emit(f"{'would ask' if dry_run else 'asked'} for {plural(len(work), 'run')} of {deployment.name}")
    say_hints(["penstock scheduler"] if work and not dry_run else [])
    return 0


def _json(firing: Firing) -> dict[str, Any]:
    return {"key": firing.key, "due_at": firing.due_at, "params": dict(Veil.over(firing.params).params)}
