"""Asks for the past: a run for every tick of a range that had none."""

from __future__ import annotations

from datetime import datetime, timedelta

from penstock.engine.engine import Engine
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.triggers.firings import BACKFILL, tick_firing
from penstock.engine.triggers.trigger import rule_of
from penstock.errors import StateError, UsageError
from penstock.kit.ids import IdSource

_EVERYTHING = 1_000_000_000
_TRIES = 10
_INSTANT = timedelta(microseconds=1)


def missed_ticks(
    engine: Engine, deployment: StoredDeployment, start: datetime, end: datetime, ids: IdSource | None = None
) -> list[Firing]:
    """Return a firing for each tick from `start` on, before `end` and the present, that never became a run.

    Raises:
        UsageError: The deployment follows no calendar.
    """
    rule = rule_of(deployment.trigger)
    if rule is None:
        raise UsageError(
            f"`{deployment.name}` follows runs (`{deployment.trigger}`), not a calendar: it has no ticks",
            hint=f"run it: `penstock run {deployment.pipeline} --deployment {deployment.deployment} …`",
        )
    known = {firing.key: firing.status for firing in engine.store.list_firings(deployment.name, limit=_EVERYTHING)}
    now, source = engine.clock.now(), ids or IdSource()
    found = []
    for tick in rule.ticks(start - _INSTANT, min(end - _INSTANT, now)):
        firing = tick_firing(deployment, tick, now, source)
        if known.get(firing.key) is FiringStatus.SKIPPED:
            firing = firing._replace(key=firing.key + BACKFILL)
        if firing.key not in known:
            found.append(firing._replace(cause=f"{firing.cause} (backfill)"))
    return found


def backfill(engine: Engine, name: str, start: datetime, end: datetime) -> list[Firing]:
    """Ask for a run for each tick of a range that never became one; asked twice, it asks for nothing more.

    Raises:
        UsageError: There is no such deployment, or it follows no calendar.
        StateError: Other schedulers are too busy with it.
    """
    deployments = Deployments(engine)
    for _ in range(_TRIES):
        deployment = deployments.get(name)
        missed = missed_ticks(engine, deployment, start, end)
        mark = deployment.watermark
        if not missed or engine.store.add_firings(deployment.name, missed, mark, mark):
            return missed
    raise StateError(f"`{name}` is being followed by others all the time", hint="try again")
