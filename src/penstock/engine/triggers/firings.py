"""Makes firings: their key, cause and parameters, with `{tick:…}` filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.calendar.zone import Tick
from penstock.kit.ids import IdSource

_TICK = re.compile(r"\{tick(?::([^{}]*))?\}")
#: Stands behind the key of a tick that was let go and is made up for by a backfill.
BACKFILL = "/backfill"


def key_of(tick: Tick) -> str:
    """Return the key of a tick's firing: its instant in UTC."""
    return f"{tick.at:%Y-%m-%dT%H:%M:%SZ}"


def names_tick(value: Any) -> bool:
    """Whether a parameter's value has a place for the tick."""
    return isinstance(value, str) and _TICK.search(value) is not None


def fill_in(params: Mapping[str, Any], local: datetime) -> dict[str, Any]:
    """Return the parameters with the tick in place of `{tick:…}`, by the wall clock of its zone."""
    return {name: _filled(value, local) if names_tick(value) else value for name, value in params.items()}


def _filled(value: str, local: datetime) -> str:
    return _TICK.sub(lambda match: local.strftime(match[1]) if match[1] else local.isoformat(), value)


def tick_firing(deployment: StoredDeployment, tick: Tick, now: datetime, ids: IdSource) -> Firing:
    """Return the firing of a tick, waiting to be started."""
    return Firing(
        deployment=deployment.name,
        key=key_of(tick),
        run_id=ids.new(now),
        due_at=tick.at,
        params=fill_in(deployment.params, tick.local),
        cause=f"deployment {deployment.name}, tick {tick.local:%Y-%m-%d %H:%M %Z}",
    )


def let_go(firing: Firing, now: datetime, message: str) -> Firing:
    """Return the firing as one whose time was missed and that is not made up for."""
    return firing._replace(status=FiringStatus.SKIPPED, finished_at=now, message=message)


def upstream_firing(
    deployment: StoredDeployment, key: str, what: str, at: datetime, *, now: datetime, ids: IdSource
) -> Firing:
    """Return the firing that follows an upstream run, waiting to be started."""
    return Firing(
        deployment=deployment.name,
        key=key,
        run_id=ids.new(now),
        due_at=min(at, now),
        params=dict(deployment.params),
        cause=f"deployment {deployment.name}, after {what}",
    )


def instant_text(at: datetime) -> str:
    """Return an instant as watermarks hold it."""
    return at.astimezone(UTC).isoformat()


def read_instant(text: str | None, otherwise: datetime) -> datetime:
    """Return the instant a watermark holds; `otherwise` at the beginning."""
    return datetime.fromisoformat(text) if text else otherwise


#: Ticks seen this late are still on time.
GRACE = timedelta(seconds=60)
