"""Finds what deployments owe: ticks that were not started in time, or whose run is not over; firings without a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from penstock.engine.engine import Engine
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.firings import BACKFILL, read_instant
from penstock.engine.triggers.trigger import rule_of
from penstock.errors import PenstockError
from penstock.notify.channel import Channel
from penstock.notify.message import Message
from penstock.notify.telling import Telling

#: Of ticks nobody asked for, so many are counted in one look.
_MOST_TICKS = 1000
_OPEN = 10_000
#: Of firings that failed, those due last are looked at, as long as they are not older than a day.
_FAILED = 200
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DueFollower:
    """Follows the deployments one channel is told about.

    Args:
        begun_at: What was late before is not told.
        told: See `Progress.late`; changed by looking.
        unstarted: See `Progress.unstarted`; changed by looking.
    """

    engine: Engine
    channel: Channel
    telling: Telling
    begun_at: datetime
    told: dict[str, Any]
    unstarted: dict[str, Any]

    def look_for_late(self, now: datetime) -> Iterator[Message]:
        """Yield a message for every deployment of which something became late since the last look."""
        deadline = now - self.channel.late_after
        followed = {name: one for name, one in self._followed().items() if not one.is_paused}
        for name in [one for one in self.told if one not in followed]:
            del self.told[name]  # a paused one begins anew when it goes on
        open_firings = self._open_firings() if followed else []
        for deployment in followed.values():
            own = [one for one in open_firings if one.deployment == deployment.name]
            if late := self._late(deployment, own, deadline):
                self.told[deployment.name] = deadline.isoformat()
                first = min(late)
                yield self.telling.late(deployment, first, late[first], len(late) - 1, now)

    def _late(
        self, deployment: StoredDeployment, firings: list[Firing], deadline: datetime
    ) -> dict[datetime, Firing | None]:
        since = max(deployment.deployed_at, self._told_until(deployment.name))
        owed = {due: firing for firing in firings if (due := self._due(firing))}
        late: dict[datetime, Firing | None] = {due: one for due, one in owed.items() if since < due <= deadline}
        return {**dict.fromkeys(self._unasked(deployment, since, deadline)), **late}

    def _followed(self) -> Mapping[str, StoredDeployment]:
        known = self.engine.store.list_deployments()
        return {one.name: one for one in known if self.channel.follows(one.pipeline)}

    def _open_firings(self) -> list[Firing]:
        store = self.engine.store
        open_ones = (FiringStatus.PENDING, FiringStatus.RUNNING)
        return [firing for status in open_ones for firing in store.list_firings(status=status, limit=_OPEN)]

    def _told_until(self, name: str) -> datetime:
        return read_instant(self.told.get(name), self.begun_at - self.channel.late_after)

    def _due(self, firing: Firing) -> datetime | None:
        """Return when a firing was due at first: a wait for another run moves the instant it is stored with."""
        if firing.key.endswith(BACKFILL):
            return None
        try:
            return datetime.fromisoformat(firing.key)
        except ValueError:
            run = self.engine.store.find_run(firing.key.partition("/")[0])
            return run.finished_at if run is not None else None

    def _unasked(self, deployment: StoredDeployment, since: datetime, deadline: datetime) -> list[datetime]:
        """Return the ticks no scheduler has seen, though their time has come."""
        try:
            rule = rule_of(deployment.trigger)
        except PenstockError:
            return []  # the scheduler tells
        if rule is None:
            return []
        start = max(since, read_instant(deployment.watermark, deployment.deployed_at))
        return [tick.at for tick in islice(rule.ticks(start, deadline), _MOST_TICKS)]

    def look_for_unstarted(self, now: datetime) -> Iterator[Message]:
        """Yield a message for every firing that ended as failed before there was a run."""
        recent = {name: at for name, at in self.unstarted.items() if now - datetime.fromisoformat(at) < _DAY}
        for name in [one for one in self.unstarted if one not in recent]:
            del self.unstarted[name]
        known = self._followed()
        for firing in self.engine.store.list_firings(status=FiringStatus.FAILED, limit=_FAILED):
            ended, mark = firing.finished_at, f"{firing.deployment} {firing.key}"
            if ended is None or ended <= max(self.begun_at, now - _DAY) or mark in self.unstarted:
                continue
            pipeline = firing.deployment.partition("/")[0]
            if self.channel.follows(pipeline) and self.engine.store.find_run(firing.run_id) is None:
                self.unstarted[mark] = ended.isoformat()
                yield self.telling.unstarted(known.get(firing.deployment), firing, ended)
