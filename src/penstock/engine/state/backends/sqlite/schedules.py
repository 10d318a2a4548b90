"""The verbs on deployments and firings, for the SQLite state store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from penstock.engine.state.backends.sql_rows import (
    to_deployment,
    to_deployment_values,
    to_firing,
    to_firing_values,
    to_micros,
    to_text,
)
from penstock.engine.state.backends.sqlite.connection import Database
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.kit.sqlfile import load_statements


class ScheduleVerbs:
    """Remembers deployments and the runs their triggers asked for."""

    _db: Database

    def save_deployment(self, deployment: StoredDeployment) -> None:
        """See `ScheduleStore.save_deployment`."""
        with self._db.write() as db:
            db.execute(_statements()["save_deployment"], to_deployment_values(deployment))

    def list_deployments(self) -> list[StoredDeployment]:
        """See `ScheduleStore.list_deployments`."""
        with self._db.read() as db:
            return [to_deployment(row) for row in db.execute(_statements()["list_deployments"])]

    def remove_deployment(self, name: str) -> bool:
        """See `ScheduleStore.remove_deployment`."""
        with self._db.write() as db:
            db.execute(_statements()["remove_waiting"], {"name": name})
            return db.execute(_statements()["remove_deployment"], {"name": name}).rowcount > 0

    def pause_deployment(self, name: str, *, is_paused: bool) -> bool:
        """See `ScheduleStore.pause_deployment`."""
        with self._db.write() as db:
            wanted = {"name": name, "is_paused": is_paused}
            return db.execute(_statements()["pause_deployment"], wanted).rowcount > 0

    def add_firings(self, deployment: str, firings: Sequence[Firing], watermark: Any, expected: Any) -> int:
        """See `ScheduleStore.add_firings`."""
        moved = {"name": deployment, "watermark": to_text(watermark), "expected": to_text(expected)}
        with self._db.write() as db:
            if not db.execute(_statements()["move_watermark"], moved).rowcount:
                return 0
            return sum(db.execute(_statements()["add_firing"], to_firing_values(firing)).rowcount for firing in firings)

    def claim_firing(self, owner: str, now: datetime, ttl: timedelta) -> Firing | None:
        """See `ScheduleStore.claim_firing`."""
        with self._db.write() as db:
            found = db.execute(_statements()["list_due"], {"now": to_micros(now)}).fetchone()
            if found is None:
                return None
            which = {"deployment": found[0], "key": found[1]}
            db.execute(_statements()["claim_firing"], {**which, "owner": owner, "until": to_micros(now + ttl)})
            return to_firing(db.execute(_statements()["get_firing"], which).fetchone())

    def extend_firing(self, firing: Firing, now: datetime, ttl: timedelta) -> bool:
        """See `ScheduleStore.extend_firing`."""
        with self._db.write() as db:
            wanted = {**_claim_of(firing), "until": to_micros(now + ttl)}
            return db.execute(_statements()["extend_firing"], wanted).rowcount > 0

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
            **_claim_of(firing),
            "status": status.value,
            "retry_at": None if retry_at is None else to_micros(retry_at),
            "finished_at": None if status is FiringStatus.PENDING else to_micros(now),
            "message": message,
        }
        with self._db.write() as db:
            return db.execute(_statements()["finish_firing"], values).rowcount > 0

    def list_firings(
        self, deployment: str | None = None, *, status: FiringStatus | None = None, limit: int = 50
    ) -> list[Firing]:
        """See `ScheduleStore.list_firings`."""
        wanted = {"deployment": deployment, "status": status, "limit": limit}
        with self._db.read() as db:
            return [to_firing(row) for row in db.execute(_statements()["list_firings"], wanted)]


def _statements() -> dict[str, str]:
    return load_statements(__package__, "schedules.sql")


def _claim_of(firing: Firing) -> dict[str, Any]:
    return {"deployment": firing.deployment, "key": firing.key, "token": firing.token}
