"""The verbs on deployments and firings, for the PostgreSQL state store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.state.backends.postgres.connection import Database, load_sql
from penstock.engine.state.backends.sql_rows import (
    to_deployment,
    to_deployment_values,
    to_firing,
    to_firing_values,
    to_micros,
    to_text,
)
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment

_SQL = load_sql("schedules.sql")


class ScheduleVerbs:
    """Remembers deployments and the runs their triggers asked for."""

    _db: Database

    def save_deployment(self, deployment: StoredDeployment) -> None:
        """See `ScheduleStore.save_deployment`."""
        with self._db.write() as db:
            db.execute(_SQL["save_deployment"], to_deployment_values(deployment))

    def list_deployments(self) -> list[StoredDeployment]:
        """See `ScheduleStore.list_deployments`."""
        with self._db.look() as db:
            return [to_deployment(row) for row in db.execute(_SQL["list_deployments"])]

    def remove_deployment(self, name: str) -> bool:
        """See `ScheduleStore.remove_deployment`."""
        with self._db.write() as db:
            # The deployment first: from then on no scheduler adds firings to it.
            is_removed = db.execute(_SQL["remove_deployment"], {"name": name}).rowcount > 0
            db.execute(_SQL["remove_waiting"], {"name": name})
            return is_removed

    def pause_deployment(self, name: str, *, is_paused: bool) -> bool:
        """See `ScheduleStore.pause_deployment`."""
        with self._db.write() as db:
            return db.execute(_SQL["pause_deployment"], {"name": name, "is_paused": is_paused}).rowcount > 0

    def add_firings(self, deployment: str, firings: Sequence[Firing], watermark: Any, expected: Any) -> int:
        """See `ScheduleStore.add_firings`."""
        moved = {"name": deployment, "watermark": to_text(watermark), "expected": to_text(expected)}
        with self._db.write() as db:
            if not db.execute(_SQL["move_watermark"], moved).rowcount:
                return 0
            return sum(db.execute(_SQL["add_firing"], to_firing_values(firing)).rowcount for firing in firings)

    def claim_firing(self, owner: str, now: datetime, ttl: timedelta) -> Firing | None:
        """See `ScheduleStore.claim_firing`."""
        values = {"owner": owner, "now": to_micros(now), "until": to_micros(now + ttl)}
        with self._db.write() as db:
            row = db.execute(_SQL["claim_firing"], values).fetchone()
        return None if row is None else to_firing(row)

    def extend_firing(self, firing: Firing, now: datetime, ttl: timedelta) -> bool:
        """See `ScheduleStore.extend_firing`."""
        with self._db.write() as db:
            return db.execute(_SQL["extend_firing"], _claim_of(firing) | {"until": to_micros(now + ttl)}).rowcount > 0

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
        values = {
            "status": status.value,
            "retry_at": None if retry_at is None else to_micros(retry_at),
            "finished_at": None if status is FiringStatus.PENDING else to_micros(now),
            "message": message,
        }
        with self._db.write() as db:
            return db.execute(_SQL["finish_firing"], _claim_of(firing) | values).rowcount > 0

    def list_firings(
        self, deployment: str | None = None, *, status: FiringStatus | None = None, limit: int = 50
    ) -> list[Firing]:
        """See `ScheduleStore.list_firings`."""
        wanted = {"deployment": deployment, "status": status and status.value, "limit": limit}
        with self._db.look() as db:
            return [to_firing(row) for row in db.execute(_SQL["list_firings"], wanted)]


def _claim_of(firing: Firing) -> dict[str, Any]:
    return {"deployment": firing.deployment, "key": firing.key, "token": firing.token}
