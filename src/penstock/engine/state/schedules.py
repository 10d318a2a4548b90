"""What a state store remembers of deployments and of the runs their triggers asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from penstock.kit.veil import Veil


class StoredDeployment(NamedTuple):
    """A pipeline's deployment as a person recorded it, with the parameters of its runs.

    Args:
        name: `pipeline/deployment`, then the partition in brackets, if any: `campaign-finance/gold[cycle=2026]`.
        deployment: Name of the declaration in the pipeline.
        trigger: The trigger's text, e.g. `cron weekdays 01:00 America/New_York; misfire latest`.
        params: Of every run, by name.
        deployed_at: Ticks and upstream runs before this instant ask for nothing.
        is_paused: Whether its trigger asks for nothing at the moment.
        watermark: How far the trigger has been followed, JSON-able: an instant for a calendar, a position in the event
            log for upstream runs; None at the beginning.
    """

    name: str
    pipeline: str
    deployment: str
    trigger: str
    params: Mapping[str, Any]
    deployed_at: datetime
    is_paused: bool = False
    watermark: Any = None


class FiringStatus(StrEnum):
    """Where a firing is."""

    #: Waits to be started, from `due_at` on.
    PENDING = "pending"
    #: A scheduler is at it until `lease_until`.
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    #: Its time was missed, and the misfire policy says to let it go.
    SKIPPED = "skipped"


class Firing(NamedTuple):
    """One run that a trigger asked for: once per deployment and key, whoever looks and however often.

    Args:
        key: The tick's instant in UTC, or the upstream run's id.
        run_id: The id the run gets when it is started, so that a second start finds the first.
        params: Of this run, by name.
        cause: What a reader of the history sees.
        token: Rises with every claim.
    """

    deployment: str
    key: str
    run_id: str
    due_at: datetime
    params: Mapping[str, Any]
    cause: str
    status: FiringStatus = FiringStatus.PENDING
    owner: str = ""
    token: int = 0
    lease_until: datetime | None = None
    finished_at: datetime | None = None
    message: str | None = None

    def veiled(self) -> Firing:
        """Return the firing as it may be shown: stars in place of secret parameters, wherever they turn up."""
        veil = Veil.over(self.params)
        message = self.message and veil.text(self.message)
        return self._replace(params=veil.params, cause=veil.command(self.cause), message=message)


class ScheduleStore(Protocol):
    """The shared memory of deployments and firings; every verb is one transaction, as in `StateStore`."""

    def save_deployment(self, deployment: StoredDeployment) -> None:
        """Write a deployment; one of this name keeps its watermark and pause if its trigger is still the same."""
        ...

    def list_deployments(self) -> list[StoredDeployment]:
        """Return all deployments by name."""
        ...

    def remove_deployment(self, name: str) -> bool:
        """Forget a deployment and its firings that wait; others stay as history. Return False if there is none."""
        ...

    def pause_deployment(self, name: str, *, is_paused: bool) -> bool:
        """Pause or go on; return False if there is no such deployment."""
        ...

    def add_firings(self, deployment: str, firings: Sequence[Firing], watermark: Any, expected: Any) -> int:
        """Write the firings that are not there yet (by key) and move the watermark, together; return how many are new.

        Nothing is written, and 0 returned, when the deployment's watermark is no longer `expected`: another scheduler
        was there first; nor when the deployment is gone.
        """
        ...

    def claim_firing(self, owner: str, now: datetime, ttl: timedelta) -> Firing | None:
        """Claim one firing that is PENDING and due, or RUNNING with its lease run out; the earliest due first."""
        ...

    def extend_firing(self, firing: Firing, now: datetime, ttl: timedelta) -> bool:
        """Keep a claimed firing; False when the claim is no longer the newest."""
        ...

    def finish_firing(
        self,
        firing: Firing,
        status: FiringStatus,
        now: datetime,
        *,
        message: str | None = None,
        retry_at: datetime | None = None,
    ) -> bool:
        """Record how a claimed firing ended, or put it back as PENDING until `retry_at`.

        False, and nothing is written, when the claim is no longer the newest.
        """
        ...

    def list_firings(
        self, deployment: str | None = None, *, status: FiringStatus | None = None, limit: int = 50
    ) -> list[Firing]:
        """Return firings, the latest due first."""
        ...
