"""The verbs on schedules: list, firings, preview, lint, pause, resume, remove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import instant
from penstock.cli.options import json_option
from penstock.cli.output import WARN, columns, emit, emit_json, paint, say_hints
from penstock.engine.state.schedules import FiringStatus
from penstock.errors import UsageError
from penstock.kit.clock import SystemClock
from penstock.kit.veil import Veil

if TYPE_CHECKING:
    from penstock.engine.state.schedules import Firing, StoredDeployment
    from penstock.engine.triggers.calendar.lint import Finding
    from penstock.engine.triggers.calendar.rule import Rule
    from penstock.engine.triggers.calendar.zone import Tick
    from penstock.engine.triggers.deployments import Deployments

_FIRST = 10


@click.group("schedule")
def schedule_command() -> None:
    """List, preview, check, pause, resume and remove schedules."""


def deployments_of(invocation: Invocation) -> Deployments:
    """Return the recorded deployments."""
    from penstock.engine.triggers.deployments import Deployments

    return Deployments(invocation.engine)


@schedule_command.command("list")
@json_option
@pass_invocation
def list_command(invocation: Invocation, *, as_json: bool) -> int:
    """List what is recorded: its trigger, and when it fires next."""
    known = deployments_of(invocation)
    found = known.list_all()
    if as_json:
        emit_json({"deployments": [deployment_json(known, one) for one in found]})
    elif found:
        emit(columns([(one.name, one.trigger, next_text(known, one)) for one in found], indent=0))
    else:
        say_hints(["nothing is recorded yet: penstock deploy PIPELINE --all"])
    return 0


def next_text(known: Deployments, deployment: StoredDeployment) -> str:
    """Return when a deployment fires next, in words."""
    if deployment.is_paused:
        return paint("paused", WARN)
    ticks = known.next_ticks(deployment)
    return f"next {tick_text(ticks[0])}" if ticks else ""


def tick_text(tick: Tick) -> str:
    """Return a tick by the wall clock of its zone and in UTC."""
    return f"{tick.local:%a %Y-%m-%d %H:%M %Z} ({tick.at:%Y-%m-%d %H:%M}Z)"


def deployment_json(known: Deployments, one: StoredDeployment) -> dict[str, Any]:
    """Return a recorded deployment as printed by `--json`."""
    last, ticks = known.last_firing(one), known.next_ticks(one)
    last = last and last.veiled()
    return {
        "name": one.name,
        "pipeline": one.pipeline,
        "deployment": one.deployment,
        "trigger": one.trigger,
        "params": dict(Veil.over(one.params).params),
        "deployed_at": one.deployed_at,
        "is_paused": one.is_paused,
        "last_firing": last
        and {"key": last.key, "run_id": last.run_id, "status": last.status, "message": last.message},
        "next": tick_json(ticks[0]) if ticks else None,
    }


def tick_json(tick: Tick) -> dict[str, Any]:
    """Return a tick as printed by `--json`."""
    return {"at": tick.at, "local": tick.local, "note": tick.note or None}


@schedule_command.command("preview")
@click.argument("rule", metavar="RULE")
@click.option("--from", "start", metavar="DATE", help="From this day, or instant, on; from now when left out.")
@click.option("--to", "end", metavar="DATE", help="Up to the end of this day, or this instant.")
@click.option("-n", "--count", type=click.IntRange(min=1), help=f"How many ticks at most; {_FIRST} when left out.")
@json_option
@pass_invocation
def preview_command(
    invocation: Invocation, *, rule: str, start: str | None, end: str | None, count: int | None, as_json: bool
) -> int:
    """Print when a rule fires, by the clock on the wall and in UTC.

    RULE is a rule such as `first sat 01:00 America/New_York`, or the name of a recorded deployment.
    """
    read = _rule_of(invocation, rule)
    begin = read_moment(start, read.zone) if start else SystemClock().now()
    until = read_moment(end, read.zone, is_end=True) if end else None
    if until:
        refuse_backwards(begin, until)
    limit = count or (None if until else _FIRST)
    ticks = list(islice(read.ticks(begin - timedelta(microseconds=1), until), limit))
    if as_json:
        emit_json({"rule": read.text, "zone": read.zone.key, "ticks": [tick_json(tick) for tick in ticks]})
        return 0
    emit(columns([_row(tick) for tick in ticks], indent=0))
    if not ticks:
        say_hints([f"`{read.text}` does not fire in this time"])
    return 0


@schedule_command.command("firings")
@click.argument("name", metavar="[DEPLOYMENT]", required=False)
@click.option("--status", type=click.Choice([one.value for one in FiringStatus]), help="Only those that are there.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@json_option
@pass_invocation
def firings_command(invocation: Invocation, *, name: str | None, status: str | None, limit: int, as_json: bool) -> int:
    """List what triggers asked for, the latest due first, and what became of it."""
    deployment = deployments_of(invocation).get(name).name if name else None
    wanted = FiringStatus(status) if status else None
    listed = invocation.engine.store.list_firings(deployment, status=wanted, limit=limit)
    found = [firing.veiled() for firing in listed]
    if as_json:
        emit_json({"firings": [firing_json(one) for one in found]})
        return 0
    rows = [(one.deployment, one.key, one.status.value, f"run {one.run_id}", one.message or "") for one in found]
    emit(columns(rows, indent=0))
    return 0


def firing_json(firing: Firing) -> dict[str, Any]:
    """Return a firing as printed by `--json`."""
    told = ("deployment", "key", "run_id", "status", "due_at", "params", "cause", "finished_at", "message")
    return {name: getattr(firing, name) for name in told}


def _row(tick: Tick) -> tuple[str, str, str]:
    return f"{tick.local:%a %Y-%m-%d %H:%M %Z}", f"{tick.at:%Y-%m-%d %H:%M}Z", tick.note


def _rule_of(invocation: Invocation, text: str) -> Rule:
    from penstock.engine.triggers.calendar.reading import parse_rule
    from penstock.engine.triggers.trigger import rule_of

    if " " in text.strip():
        return parse_rule(text)
    deployment = deployments_of(invocation).get(text)
    rule = rule_of(deployment.trigger)
    if rule is None:
        raise UsageError(f"`{deployment.name}` fires {deployment.trigger}, whenever that is")
    return rule


def refuse_backwards(begin: datetime, until: datetime) -> None:
    """Return when a range goes forward.

    Raises:
        UsageError: It does not.
    """
    if until < begin:
        raise UsageError(f"the range ends at {instant(until)}, before it begins at {instant(begin)}")


def read_moment(text: str, zone: ZoneInfo, *, is_end: bool = False) -> datetime:
    """Return the instant a person named: a day by the wall clock of a zone, or a time.

    Args:
        is_end: Whether a day stands for its end.

    Raises:
        UsageError: It is neither.
    """
    try:
        if len(text) <= len("2026-11-01"):
            day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
            edge = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
            return edge - timedelta(microseconds=1 if is_end else 0)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"`{text}` is neither a day nor an instant", hint="write `2026-11-01` or `2026-11-01T06:00:00Z`"
        ) from error
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


@schedule_command.command("lint")
@click.argument("rule", metavar="[RULE]", required=False)
@click.option("--all", "everything", is_flag=True, help="Check the rules of every pipeline.")
@click.option("--month", metavar="MONTH", help="Count fires in this month, such as 2026-11; this one when left out.")
@json_option
@pass_invocation
def lint_command(
    invocation: Invocation, *, rule: str | None, everything: bool, month: str | None, as_json: bool
) -> int:
    """Tell what may surprise the author of a rule, and what to write instead.

    RULE may be a bare cron expression. Ends with 1 when anything is found.
    """
    from penstock.engine.triggers.calendar.lint import lint_rule

    if (rule is None) != everything:
        raise UsageError("give one rule, or `--all`", hint='penstock schedule lint "0 1 1-7 * 6"')
    today = read_moment(f"{month}-01", ZoneInfo("UTC")).date() if month else SystemClock().now().date()
    rules = [(rule, "")] if rule is not None else list(_declared(invocation))
    found = [(text, where, lint_rule(text, today)) for text, where in rules]
    if as_json:
        emit_json({"rules": [_lint_json(*one) for one in found]})
    else:
        for text, where, findings in found:
            _emit_findings(text, where, findings)
    return 1 if any(findings for _, _, findings in found) else 0


def _declared(invocation: Invocation) -> Iterator[tuple[str, str]]:
    from penstock.engine.definition.deployment import Cron

    for pipeline in invocation.registry.all().values():
        for one in pipeline.deployments.values():
            if isinstance(one.trigger, Cron):
                yield one.trigger.rule, f"{pipeline.name}/{one.name}"


def _lint_json(text: str, where: str, findings: Iterable[Finding]) -> dict[str, Any]:
    told = [{"message": one.message, "instead": one.instead} for one in findings]
    return {"rule": text, "deployment": where or None, "findings": told}


def _emit_findings(text: str, where: str, findings: list[Finding]) -> None:
    told = f"{where}: {text}" if where else text
    emit(f"{told}: {paint(f'{len(findings)} to look at', WARN) if findings else 'nothing to look at'}")
    for one in findings:
        emit(f"  - {one.message}")
        if one.instead:
            emit(f"    instead: {one.instead}")


@schedule_command.command("pause")
@click.argument("name", metavar="DEPLOYMENT")
@pass_invocation
def pause_command(invocation: Invocation, *, name: str) -> int:
    """Let a deployment ask for nothing until it is resumed."""
    emit(f"paused {deployments_of(invocation).pause(name).name}")
    return 0


@schedule_command.command("remove")
@click.argument("name", metavar="DEPLOYMENT")
@pass_invocation
def remove_command(invocation: Invocation, *, name: str) -> int:
    """Forget a recorded deployment, also one whose pipeline is gone; what it started stays in the history."""
    emit(f"removed {deployments_of(invocation).remove(name).name}")
    return 0


@schedule_command.command("resume")
@click.argument("name", metavar="DEPLOYMENT")
@pass_invocation
def resume_command(invocation: Invocation, *, name: str) -> int:
    """Let a paused deployment ask again.

    What happened during the pause asks for nothing; `penstock backfill` makes up for ticks.
    """
    known = deployments_of(invocation)
    one = known.resume(name)
    emit(f"resumed {one.name}")
    for tick in known.next_ticks(one):
        emit(f"  next {tick_text(tick)}; it is {instant(invocation.engine.clock.now())}")
    return 0
