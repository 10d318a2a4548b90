"""Reads points in time, in whatever way they are written, as UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Numbers from here on count milliseconds: as seconds they would lie beyond the year 5000.
_MILLISECONDS_FROM = 10**11


def read_instant(written: object, zone: tzinfo = UTC) -> datetime | None:
    """Return the instant that is written, to the millisecond; None when nothing can be read from it.

    Args:
        written: Seconds or milliseconds since 1970, as number or text, or a date and time as text.
        zone: Where the project's clocks stand: its numbers count local time as if that were UTC, its texts are local
            unless they name an offset. Projects from 2023 on, and all others whose zone is UTC, need none.
    """
    try:
        found = _from_number(Decimal(str(written)))
    except InvalidOperation:
        found = _from_text(str(written))
    except OverflowError:
        return None
    if found is None or isinstance(written, bool):
        return None
    try:
        return (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
    except OverflowError:
        return None


def to_text(instant: datetime) -> str:
    """Return the instant as it is stored: all texts are of one length, so their order is that of the instants."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def from_text(text: str) -> datetime:
    """Return the instant that was stored."""
    return datetime.fromisoformat(text)


def as_seen_in(zone: tzinfo, instant: datetime) -> datetime:
    """Return the same instant, whose date is the day it was in a zone.

    It has the zone's offset of that moment: between two instants of one zone Python counts what clocks there show,
    which is an hour more or less than what passed when they were put forward or back.
    """
    local = instant.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta(0)))


def local_day(instant: datetime, zone: tzinfo) -> date:
    """Return the day it was where the project's clocks stand."""
    return instant.astimezone(zone).date()


def _from_number(number: Decimal) -> datetime | None:
    if not number.is_finite():
        return None
    milliseconds = number if abs(number) >= _MILLISECONDS_FROM else number * 1000
    return (_EPOCH + timedelta(milliseconds=int(milliseconds))).replace(tzinfo=None)


def _from_text(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)
