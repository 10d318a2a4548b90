"""Cron expressions of five fields, read and followed by cronsim on the wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from penstock.errors import UsageError

if TYPE_CHECKING:
    from cronsim import CronSim

_FIELDS = ("minute", "hour", "day of month", "month", "day of week")
_SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - the wall clock has no zone


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression; where both days are restricted either may fit, as in Debian's cron."""

    expression: str
    period: timedelta | None

    def walls(self, start: datetime) -> Iterator[datetime]:
        """See `Part.walls`."""
        from cronsim import CronSim

        return CronSim(self.expression, start - timedelta(seconds=1))

    def days_match(self, day: datetime) -> bool:
        """Whether the expression fires on a day of this date."""
        parsed = parse(self.expression, self.expression)
        return day.month in parsed.months and parsed.match_day(day.date())


def read_cron(fields: list[str], text: str) -> Cron:
    """Return the cron expression of these fields.

    Args:
        text: The whole rule, for messages.

    Raises:
        UsageError: There are not five fields, or one is wrong.
    """
    if len(fields) == 6:
        raise UsageError(
            f"`{text}` has six fields: with seconds it would fire more often than every minute",
            hint="leave the seconds out, and write for example `every 1m …`",
        )
    if len(fields) != 5:
        raise UsageError(
            f"`{text}` has {len(fields)} fields; cron has five: {', '.join(_FIELDS)}",
            hint="write for example `cron 0 1 * * 1-5 America/New_York`",
        )
    expression = " ".join(fields).upper()
    return Cron(expression, _period(parse(expression, text)))


def parse(expression: str, text: str) -> CronSim:
    """Return the expression as cronsim reads it.

    Raises:
        UsageError: A field is wrong.
    """
    from cronsim import CronSim, CronSimError

    try:
        return CronSim(expression, _SOME_DAY)
    except CronSimError as error:
        raise _refusal(expression.split(), str(error), text) from error


def _refusal(fields: list[str], told: str, text: str) -> UsageError:
    if told == "Bad day-of-month" and _is_fine(fields[2], 2):
        return UsageError(f"`{text}` never fires: no such day is in these months", hint="try `last day 00:00 …`")
    wrong = next((place for place, field in enumerate(fields) if not _is_fine(field, place)), 0)
    return UsageError(
        f"`{fields[wrong]}` (the {_FIELDS[wrong]} of `{text}`) is not what cron allows there",
        hint="human words are allowed too: `weekdays 01:00 …`",
    )


def _is_fine(field: str, place: int) -> bool:
    from cronsim import CronSim, CronSimError

    alone = ["*"] * 5
    alone[place] = field
    try:
        CronSim(" ".join(alone), _SOME_DAY)
    except CronSimError:
        return False
    return True


def _period(parsed: CronSim) -> timedelta | None:
    """How far apart ticks are, where minute or hour is a wildcard; other expressions name times of the day."""
    if not any(parsed.parts[place].startswith("*") for place in (1, 2)):
        return None
    times = sorted(hour * 60 + minute for hour in parsed.hours for minute in parsed.minutes)
    widest = max((later - early for early, later in pairwise(times)), default=0)
    return timedelta(minutes=widest) if widest else None
