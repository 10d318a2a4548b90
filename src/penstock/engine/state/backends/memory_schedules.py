"""What `MemoryStateStore` remembers of deployments and firings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from penstock.engine.state.backends.memory_rows import as_stored
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment


class MemorySchedules:
    """See `ScheduleStore`."""

    def __init__(self) -> None:
        self._deployments: dict[str, StoredDeployment] = {}
        self._firings: dict[tuple[str, str], Firing] = {}
        self._schedule_lock = Lock()

    def save_deployment(self, deployment: StoredDeployment) -> None:
        """See `ScheduleStore.save_deployment`."""
        with self._schedule_lock:
            new = deployment._replace(params=as_stored(deployment.params), watermark=as_stored(deployment.watermark))
            old = self._deployments.get(new.name)
            if old is not None and old.trigger == new.trigger:
                new = new._replace(deployed_at=old.deployed_at, is_paused=old.is_paused, watermark=old.watermark)
            self._deployments[new.name] = new

    def list_deployments(self) -> list[StoredDeployment]:
        """See `ScheduleStore.list_deployments`."""
        with self._schedule_lock:
            return [self._deployments[name] for name in sorted(self._deployments)]

    def remove_deployment(self, name: str) -> bool:
        """See `ScheduleStore.remove_deployment`."""
        with self._schedule_lock:
            for key, firing in list(self._firings.items()):
                if firing.deployment == name and firing.status is FiringStatus.PENDING:
                    del self._firings[key]
            return self._deployments.pop(name, None) is not None

    def pause_deployment(self, name: str, *, is_paused: bool) -> bool:
        """See `ScheduleStore.pause_deployment`."""
        with self._schedule_lock:
            if name not in self._deployments:
                return False
            self._deployments[name] = self._deployments[name]._replace(is_paused=is_paused)
            return True

    def add_firings(self, deployment: str, firings: Sequence[Firing], watermark: Any, expected: Any) -> int:
        """See `ScheduleStore.add_firings`."""
        with self._schedule_lock:
            kept = self._deployments.get(deployment)
            if kept is None or kept.watermark != as_stored(expected):
                return 0
            self._deployments[deployment] = kept._replace(watermark=as_stored(watermark))
            before = len(self._firings)
            for firing in firings:
                stored = firing._replace(params=as_stored(firing.params), owner="", token=0, lease_until=None)
                self._firings.setdefault((firing.deployment, firing.key), stored)
            return len(self._firings) - before

    def claim_firing(self, owner: str, now: datetime, ttl: timedelta) -> Firing | None:
        """See `ScheduleStore.claim_firing`."""
        with self._schedule_lock:
            due = [firing for firing in self._firings.values() if _is_claimable(firing, now)]
            if not due:
                return None
            first = min(due, key=lambda firing: (firing.due_at, firing.deployment, firing.key))
            return self._store(
                first._replace(status=FiringStatus.RUNNING, owner=owner, token=first.token + 1, lease_until=now + ttl)
            )

    def extend_firing(self, firing: Firing, now: datetime, ttl: timedelta) -> bool:
        """See `ScheduleStore.extend_firing`."""
        with self._schedule_lock:
            kept = self._held(firing)
            if kept is not None:
                self._store(kept._replace(lease_until=now + ttl))
            return kept is not None

    def finish_firing(
        self,
        firing: Firing,
        status: FiringStatus,
        now: datetime,
        *,
        message: str | None = None,
        retry_at: datetime | None = None,
    ) -> bool:
        """See `ScheduleStore.finish_firing`."""
        with self._schedule_lock:
            kept = self._held(firing)
            if kept is None:
                return False
            self._store(
                kept._replace(
                    status=status,
                    lease_until=None,
                    due_at=retry_at or kept.due_at,
                    finished_at=None if status is FiringStatus.PENDING else now,
                    message=message,
                )
            )
            return True

    def list_firings(
        self, deployment: str | None = None, *, status: FiringStatus | None = None, limit: int = 50
    ) -> list[Firing]:
        """See `ScheduleStore.list_firings`."""
        with self._schedule_lock:
            wanted = [
                firing
                for firing in self._firings.values()
                if deployment in (None, firing.deployment) and status in (None, firing.status)
            ]
        wanted.sort(key=lambda firing: (firing.deployment, firing.key))
        wanted.sort(key=lambda firing: firing.due_at, reverse=True)
        return wanted[:limit]

    def _held(self, firing: Firing) -> Firing | None:
        kept = self._firings.get((firing.deployment, firing.key))
        is_held = kept is not None and kept.token == firing.token and kept.status is FiringStatus.RUNNING
        return kept if is_held else None

    def _store(self, firing: Firing) -> Firing:
        self._firings[firing.deployment, firing.key] = firing
        return firing


def _is_claimable(firing: Firing, now: datetime) -> bool:
    if firing.status is FiringStatus.PENDING:
        return firing.due_at <= now
    return firing.status is FiringStatus.RUNNING and firing.lease_until is not None and firing.lease_until <= now
