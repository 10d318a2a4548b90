"""Time zones by name, and how wall-clock times become instants where clocks are changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from penstock.errors import UsageError
from penstock.kit.spelling import nearest

#: Names people use that are no zones.
_SPOKEN = {
    **dict.fromkeys(("et", "edt", "eastern"), "America/New_York"),
    **dict.fromkeys(("ct", "cdt", "central"), "America/Chicago"),
    **dict.fromkeys(("mt", "mdt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pt", "pst", "pdt", "pacific"), "America/Los_Angeles"),
}


class Tick(NamedTuple):
    """One instant a rule names.

    Args:
        at: In UTC.
        local: The same in the rule's zone.
        note: What the change of clocks did to it, if anything.
    """

    at: datetime
    local: datetime
    note: str = ""


def find_zone(name: str, text: str) -> ZoneInfo:
    """Return the zone of this name, however it is capitalised.

    Args:
        text: The whole rule, for messages.

    Raises:
        UsageError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        by_lower = {known.lower(): known for known in available_timezones()}
    if name.lower() in by_lower:
        return ZoneInfo(by_lower[name.lower()])
    match = nearest(name.lower(), by_lower)
    meant = _SPOKEN.get(name.lower()) or (by_lower[match] if match else None)
    raise UsageError(
        f"there is no time zone `{name}` (at character {text.rfind(name) + 1} of `{text}`)",
        hint=f"did you mean `{meant}`?" if meant else "write one such as `America/New_York` or `UTC`",
    )


def place(
    wall: datetime, zone: ZoneInfo, period: timedelta | None, goes_on: Callable[[datetime], bool]
) -> tuple[Tick, ...]:
    """Return the instants at which a wall-clock time comes: usually one, none or two where clocks are changed.

    A time in a gap comes at the first instant after it; one in a doubled hour comes the first time only. A rule that
    fires at least as often as the change is long keeps firing through both.

    Args:
        wall: Without zone.
        period: How far apart the ticks of a rule that fires more than daily are; None for others.
        goes_on: Whether the rule fires again within its period from this wall-clock time on.
    """
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    early, late = first.utcoffset() or timedelta(0), second.utcoffset() or timedelta(0)
    if early == late:
        return (_tick(first),)
    is_dense = period is not None and period <= abs(late - early)
    told = f"{wall:%H:%M}"
    if early > late:
        doubled = f"{told} comes twice on this day (clocks go back): "
        again = (_tick(second, f"{doubled}the second time"),) if is_dense else ()
        return (_tick(first, f"{doubled}{'the first time' if again else 'only the first time counts'}"), *again)
    after = _first_after_gap(wall, zone, early, late)
    if is_dense and goes_on(after.replace(tzinfo=None)):
        return ()
    note = f"{told} does not exist on this day (clocks go forward): {after:%H:%M} instead"
    return (_tick(after, note),)


def earliest(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, at which this wall-clock time or anything after it can come."""
    return min(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _tick(local: datetime, note: str = "") -> Tick:
    at = local.astimezone(UTC)
    return Tick(at, at.astimezone(local.tzinfo), note)


def _first_after_gap(wall: datetime, zone: ZoneInfo, early: timedelta, late: timedelta) -> datetime:
    before, after = ((wall - offset).replace(tzinfo=UTC) for offset in (late, early))
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == early:
            before = middle
        else:
            after = middle
    return after.astimezone(zone)
