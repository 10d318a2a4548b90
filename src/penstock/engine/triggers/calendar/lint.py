"""Explains what a rule does that its author may not expect, and what to write instead."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from penstock.engine.triggers.calendar.cron import Cron, parse
from penstock.engine.triggers.calendar.days import ORDINALS, WEEKDAYS, DayOfMonth
from penstock.engine.triggers.calendar.reading import is_cron, parse_rule
from penstock.engine.triggers.calendar.rule import DailyTimes, Rule
from penstock.errors import UsageError

_CHANGES_WITHIN = timedelta(days=366)
_WHOLE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """One trap of a rule.

    Args:
        instead: A rule, or advice, that says what was probably meant.
    """

    message: str
    instead: str | None = None


def lint_rule(text: str, today: date) -> list[Finding]:
    """Return what may surprise the author of a rule; a bare cron expression will do.

    Args:
        today: Fires are counted in its month; changes of clocks are looked for in the year from then on.
    """
    plain = " ".join(text.split())
    words = plain.removeprefix("cron ")
    has_no_zone = is_cron(words) and len(words.split()) == 5
    try:
        rule = parse_rule(f"{plain} UTC" if has_no_zone else plain)
    except UsageError as error:
        return [Finding(error.message, error.hint)]
    found = [Finding(f"`{plain}` names no time zone", f"cron {words} America/New_York")] if has_no_zone else []
    zone = "…" if has_no_zone else rule.zone.key
    for part in rule.parts:
        if isinstance(part, Cron):
            found.extend(_lint_cron(part, rule.zone, zone, today))
        elif isinstance(part, DailyTimes):
            found.extend(_lint_words(part, zone))
    found.extend(_lint_zone(rule.zone))
    found.extend(_lint_changes(rule, today))
    return found


def _lint_cron(cron: Cron, zone: ZoneInfo, written: str, today: date) -> Iterator[Finding]:
    minute, hour, day, month, weekday = cron.expression.split()
    at = f"{int(hour):02d}:{int(minute):02d}" if minute.isdigit() and hour.isdigit() else "…"
    if not day.startswith("*") and not weekday.startswith("*"):
        yield _either_day(cron, zone, written, at, today)
    elif day.startswith("*/"):
        yield Finding(
            f"`{day}` is not every {day[2:]} days: it begins anew on day 1 of every month",
            f"DTSTART:{today:%Y%m%d}T{at.replace(':', '') if at != '…' else '0000'}00 "
            f"RRULE:FREQ=DAILY;INTERVAL={day[2:]} {written}",
        )
    elif weekday.startswith("*"):
        yield from _skipped_months(_numbers(parse(cron.expression, "").days), month == "*", at, written)
    if minute == "*" and hour != "*":
        count = 60 * len(parse(cron.expression, "").hours)
        yield Finding(
            f"`{minute} {hour}` fires every minute of these hours: {count} times a day", _on_the_hour(cron, written)
        )
    for field, whole, what in ((minute, 60, "minutes"), (hour, 24, "hours")):
        step = field.removeprefix("*/")
        if step != field and step.isdigit() and whole % int(step):
            yield Finding(
                f"`{field}` is not every {step} {what}: it begins anew with every {'hour' if whole == 60 else 'day'}",
                f"every {_nearest_divisor(int(step), whole)}{what[0]} {written}",
            )


def _on_the_hour(cron: Cron, written: str) -> str:
    _, *rest = cron.expression.split()
    return f"cron 0 {' '.join(rest)} {written}"


def _numbers(days: set[int]) -> list[int]:
    return sorted(number for number in days if number > 0)


def _nearest_divisor(step: int, whole: int) -> int:
    return min((number for number in range(1, whole) if whole % number == 0), key=lambda number: abs(number - step))


def _either_day(cron: Cron, zone: ZoneInfo, written: str, at: str, today: date) -> Finding:
    _, _, day, _, weekday = cron.expression.split()
    parsed = parse(cron.expression, "")
    count = _fires_in_month(Rule("", zone, (cron,)), today)
    nth = {tuple(range(first, first + 7)): ORDINALS[first // 7 + 1] for first in (1, 8, 15, 22)}
    week = {number % 7 for number in parsed.weekdays if isinstance(number, int)}
    word = nth.get(tuple(_numbers(parsed.days)))
    instead = None
    if word and len(week) == 1 and at != "…":
        instead = f"{word} {WEEKDAYS[(week.pop() - 1) % 7]} {at} {written}"
    return Finding(
        f"`{day}` (day of month) and `{weekday}` (day of week): cron fires when either fits, so this fires "
        f"{count} times in {today:%Y-%m}",
        instead or f"one of the two, such as `first sat {at if at != '…' else '01:00'} {written}`",
    )


def _fires_in_month(rule: Rule, today: date) -> int:
    first = datetime(today.year, today.month, 1, tzinfo=rule.zone)
    days = monthrange(today.year, today.month)[1]
    last = datetime(today.year, today.month, days, 23, 59, 59, tzinfo=rule.zone)
    return sum(1 for _ in rule.ticks(first.astimezone(UTC) - timedelta(seconds=1), last.astimezone(UTC)))


def _skipped_months(days: list[int], is_every_month: bool, at: str, written: str) -> Iterator[Finding]:  # noqa: FBT001 - one caller, right above
    if is_every_month and days and min(days) > 28:
        skipped = {29: "February in most years", 30: "February", 31: "February, April, June, September and November"}
        yield Finding(
            f"day {min(days)} is missing in some months: it skips {skipped[min(days)]}",
            f"last day {at} {written}",
        )


def _lint_words(part: DailyTimes, written: str) -> Iterator[Finding]:
    numbers = [choice.number for choice in part.days if isinstance(choice, DayOfMonth)]
    if len(numbers) == len(part.days):
        yield from _skipped_months(numbers, True, f"{part.times[0]:%H:%M}", written)
    if part.period is not None and _WHOLE_DAY % part.period and len(part.times) > 1:
        minutes = part.period // timedelta(minutes=1)
        yield Finding(
            f"`every {minutes}m` begins anew at midnight: the last stretch of the day is shorter",
            f"every {_nearest_divisor(minutes, 24 * 60)}m {written}",
        )


def _lint_zone(zone: ZoneInfo) -> Iterator[Finding]:
    if zone.key in ("EST", "MST", "HST"):
        yield Finding(
            f"`{zone.key}` has no summer time: clocks on the wall go ahead of it half the year",
            "a place, such as `America/New_York`",
        )
    elif zone.key.startswith("Etc/GMT") and zone.key[7:8] in ("+", "-"):
        yield Finding(
            f"`{zone.key}` lies the other way than it reads: `Etc/GMT+5` is five hours behind UTC",
            "a place, such as `America/New_York`",
        )


def _lint_changes(rule: Rule, today: date) -> Iterator[Finding]:
    """Tell the first time each change of clocks moves a tick of a rule that names times of the day."""
    start = datetime(today.year, today.month, today.day, tzinfo=UTC)
    calm = Rule(rule.text, rule.zone, tuple(part for part in rule.parts if part.period is None))
    told = set()
    for tick in calm.ticks(start, start + _CHANGES_WITHIN) if calm.parts else ():
        kind = tick.note.partition("(")[2]
        if tick.note and kind[:14] not in told:
            told.add(kind[:14])
            yield Finding(f"on {tick.local:%Y-%m-%d} {tick.note}", "a time at which clocks are never changed there")
