"""Every schedule: what is recorded and when it fires, what is declared and not recorded, and what fired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from penstock.engine.definition.deployment import Cron, Deployment
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.calendar.lint import Finding, lint_rule
from penstock.engine.triggers.calendar.zone import Tick
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.triggers.firings import GRACE, read_instant
from penstock.engine.triggers.trigger import read_trigger, rule_of
from penstock.errors import PenstockError
from penstock.kit.veil import Veil
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic
from penstock.web.pages.field import Field, field_of
from penstock.web.words import part

_NEXT_FIRES, _FIRINGS = 5, 20
_MISFIRE = {
    "skip": "what was missed is let go",
    "latest": "of what was missed, the newest is made up for",
    "all": "all that was missed is made up for",
}
#: Firings of which a run came.
_STARTED = (FiringStatus.RUNNING, FiringStatus.COMPLETED, FiringStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Fired:
    """One firing.

    Args:
        href: Address of its run; empty when there is none, or not yet.
        is_late: Whether it waits longer than a scheduler that works takes.
    """

    firing: Firing
    href: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded deployment.

    Args:
        rule: When it fires, in words.
        zone: Time zone of its calendar; empty when it follows runs.
        misfire: What becomes of missed ticks, in words.
        ticks: When it fires next; none while it is paused, or follows runs.
        last: The newest firing that was started or ended.
        overdue: The tick nobody followed; None when all were.
        problem: Why its trigger cannot be followed; empty when it can.
        doc: What the declaration says, or that there is none any more.
    """

    deployment: StoredDeployment
    href: str
    rule: str
    zone: str
    misfire: str
    ticks: Sequence[Tick]
    last: Fired | None
    overdue: Tick | None
    findings: Sequence[Finding]
    params: Mapping[str, Any]
    problem: str
    doc: str


@dataclass(frozen=True, slots=True)
class Declared:
    """One deployment that a pipeline declares and nobody recorded.

    Args:
        asked: Parameters that a person has to give when it is recorded.
    """

    pipeline: Pipeline
    deployment: Deployment
    asked: Sequence[Field]


def show(console: Console, ask: Ask) -> Page:  # noqa: ARG001 - part of the protocol
    """Return the schedules."""
    known, now = Deployments(console.engine), console.clock.now()
    stored = known.list_all()
    firings = [_fired(one, now) for one in console.engine.store.list_firings(limit=_FIRINGS)]
    recorded = [_recorded(console, known, one, now) for one in stored]
    late = [one for one in recorded if one.overdue is not None]
    waiting = console.engine.store.list_firings(status=FiringStatus.PENDING, limit=1000)
    facts = {
        "recorded": recorded,
        "declared": list(_declared(console, {(one.pipeline, one.deployment) for one in stored})),
        "firings": firings,
        "late": len(late),
        "waiting": sum(_fired(one, now).is_late for one in waiting),
    }
    return Page("schedules", "Schedules", facts, ("recorded", "firings"), Topic())


def _recorded(console: Console, known: Deployments, one: StoredDeployment, now: datetime) -> Recorded:
    last = known.last_firing(one)
    rule, misfire, zone, problem = one.trigger, "", "", ""
    ticks: Sequence[Tick] = ()
    overdue, findings = None, list[Finding]()
    try:
        trigger, calendar = read_trigger(one.trigger), rule_of(one.trigger)
        ticks = known.next_ticks(one, _NEXT_FIRES)
        overdue = _overdue(one, now)
        if isinstance(trigger, Cron) and calendar is not None:
            rule, misfire, zone = trigger.rule, _MISFIRE.get(trigger.misfire, ""), calendar.zone.key
            findings = lint_rule(trigger.rule, now.date())
    except PenstockError as error:
        problem = f"{error.message}{'; ' + error.hint if error.hint else ''}"
    return Recorded(
        deployment=one,
        href=f"/pipelines/{part(one.pipeline)}",
        rule=rule,
        zone=zone,
        misfire=misfire,
        ticks=ticks,
        last=_fired(last, now) if last else None,
        overdue=overdue,
        findings=findings,
        params=Veil.over(one.params).params,
        problem=problem,
        doc=_doc(console, one),
    )


def _overdue(one: StoredDeployment, now: datetime) -> Tick | None:
    """Return the oldest tick that a scheduler at work would have followed by now."""
    rule = None if one.is_paused else rule_of(one.trigger)
    if rule is None:
        return None
    return next(rule.ticks(read_instant(one.watermark, one.deployed_at), now - GRACE), None)


def _fired(firing: Firing, now: datetime) -> Fired:
    has_run = firing.status in _STARTED
    is_late = firing.status is FiringStatus.PENDING and now - firing.due_at > GRACE
    return Fired(firing.veiled(), f"/runs/{part(firing.run_id)}" if has_run else "", is_late)


def _doc(console: Console, one: StoredDeployment) -> str:
    try:
        declared = console.engine.pipeline(one.pipeline).deployments.get(one.deployment)
    except PenstockError as error:
        return error.message
    return declared.doc if declared else "no longer declared by the pipeline"


def _declared(console: Console, recorded: set[tuple[str, str]]) -> Iterator[Declared]:
    for pipeline in console.engine.registry.all().values():
        for deployment in pipeline.deployments.values():
            if (pipeline.name, deployment.name) not in recorded:
                yield Declared(pipeline, deployment, _asked(pipeline, deployment))


def _asked(pipeline: Pipeline, deployment: Deployment) -> list[Field]:
    return [
        field_of(param, {})
        for param in pipeline.params
        if (param.required or param.partition) and param.name not in deployment.params
    ]
