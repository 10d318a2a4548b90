"""From which load date on the next walk has to read, so that no row is missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def load_watermark(known: date | None, newest: datetime | None, began_at: datetime) -> date | None:
    """Return the load date to keep once a walk has ended: everything loaded before that day has been read.

    It is the day of the newest load date read, though no later than the day on which the walk began: rows loaded since
    then may lie behind the walk. It never falls back. The next walk reads that day again (`first_load_date`).

    The publisher's rows become visible some time after their load date, all of one night at once; a lookback of a day
    or two covers that.

    Args:
        known: What the walk before left; None when there was none.
        newest: The newest `load_date` of all rows of the walk, over all pages, resumed or not; None without rows.
        began_at: When the walk's first page was asked for; to be kept with the cursor when a walk is resumed.
    """
    if newest is None:
        return known
    reached = min(_day(newest), _day(began_at))
    return reached if known is None else max(known, reached)


def first_load_date(watermark: date | None, lookback: timedelta) -> date | None:
    """Return `min_load_date` for the next walk; None reads everything. A lookback of zero reads from the watermark."""
    return None if watermark is None else watermark - lookback


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
