"""Ten thousand random rules, minute by minute across changes of clocks, against an oracle that shares no code with us.

The oracle walks through the minutes of a window in UTC and asks zoneinfo what the clock on the wall shows. A minute is
a tick when the wall shows what the rule names, and does so for the first time; minutes that are skipped count for the
minute behind the skip. Rules that fire at least as often as the change is long go on through both.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from penstock.engine.triggers.calendar.reading import parse_rule

RULES = 10_000
MINUTE = timedelta(minutes=1)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NTH = ("first", "second", "third", "fourth", "fifth")
#: Zone and a day close to a change of its clocks: by an hour, by half an hour, at midnight, by a whole day.
CHANGES = (
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2027, 3, 14)),
    ("Europe/London", date(2026, 10, 25)),
    ("Europe/London", date(2027, 3, 28)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Lord_Howe", date(2027, 4, 4)),
    ("America/Havana", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 29)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("America/St_Johns", date(2010, 3, 14)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("UTC", date(2028, 2, 29)),
)


@dataclass(frozen=True)
class Minute:
    """One minute of a window: what the wall shows, whether for the second time, and what was skipped before it."""

    at: datetime
    day: date
    shown: int
    again: bool
    change: int
    skipped: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class Asked:
    """What a random rule asks for, as the oracle understands it; a period, in minutes, of one that fires all day."""

    text: str
    days: Callable[[date], bool]
    times: frozenset[int]
    period: int | None = None

    def names(self, day: date, shown: int) -> bool:
        return shown in self.times and self.days(day)


@cache
def window(zone: str, around: date) -> tuple[Minute, ...]:
    where = ZoneInfo(zone)
    at = datetime(around.year, around.month, around.day, tzinfo=UTC) - timedelta(hours=30)
    before = (at - MINUTE).astimezone(where).replace(tzinfo=None)
    minutes = []
    for _ in range(60 * 60):
        local = at.astimezone(where)
        wall = local.replace(tzinfo=None)
        jump = int((wall - before) / MINUTE) - 1
        walls = [before + MINUTE * step for step in range(1, jump + 1)]
        skipped = tuple((one.date(), one.hour * 60 + one.minute) for one in walls)
        change = jump if jump > 0 else _length_of_doubled(local)
        minutes.append(Minute(at, wall.date(), wall.hour * 60 + wall.minute, local.fold == 1, change, skipped))
        before, at = wall.replace(fold=0), at + MINUTE
    return tuple(minutes)


def _length_of_doubled(local: datetime) -> int:
    offsets = [local.replace(fold=fold).utcoffset() or timedelta(0) for fold in (0, 1)]
    return int((offsets[0] - offsets[1]) / MINUTE)


def oracle(asked: Asked, minutes: tuple[Minute, ...]) -> list[datetime]:
    times = asked.times
    return [one.at for one in minutes if (one.shown in times or one.skipped) and _is_tick(asked, one)]


def _is_tick(asked: Asked, minute: Minute) -> bool:
    is_dense = asked.period is not None and asked.period <= minute.change
    if asked.names(minute.day, minute.shown) and (is_dense or not minute.again):
        return True
    if not any(asked.names(*skipped) for skipped in minute.skipped):
        return False
    return not (is_dense and _goes_on(asked, minute))


def _goes_on(asked: Asked, minute: Minute) -> bool:
    first = datetime.combine(minute.day, datetime.min.time()) + MINUTE * minute.shown
    walls = (first + MINUTE * step for step in range(asked.period or 0))
    return any(asked.names(wall.date(), wall.hour * 60 + wall.minute) for wall in walls)


# Random rules ---------------------------------------------------------------------------------------------------------


def a_time(chance: random.Random) -> int:
    return chance.randrange(4 * 60) if chance.random() < 0.7 else chance.randrange(24 * 60)


def shown(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def some_days(chance: random.Random, near: date) -> tuple[str, Callable[[date], bool]]:
    month_days = list(calendar.Calendar().itermonthdates(near.year, near.month))
    close = [near + timedelta(days=step) for step in (-1, 0, 1)]
    weekday = chance.choice(close).weekday()
    kind = chance.randrange(9)
    if kind == 0:
        return "daily", lambda _day: True
    if kind == 1:
        return "weekdays", lambda day: day.isoweekday() < 6
    if kind == 2:
        return "weekends", lambda day: day.isoweekday() > 5
    if kind == 3:
        chosen = sorted({weekday, chance.randrange(7)})
        return ",".join(WEEK[one] for one in chosen), lambda day: day.weekday() in chosen
    if kind == 4:
        nth = chance.randrange(5)
        return f"{NTH[nth]} {WEEK[weekday]}", lambda day: day.weekday() == weekday and (day.day - 1) // 7 == nth
    if kind == 5:
        return (
            f"last {WEEK[weekday]}",
            lambda day: day.weekday() == weekday and (day + timedelta(days=7)).month != day.month,
        )
    if kind == 6:
        number = chance.choice(month_days).day
        return f"day {number}", lambda day: day.day == number
    if kind == 7:
        return "last day", lambda day: (day + timedelta(days=1)).day == 1
    other = chance.choice(close)
    return f"{MONTHS[other.month - 1]} {other.day}", lambda day: (day.month, day.day) == (other.month, other.day)


def in_words(chance: random.Random, zone: str, near: date) -> Asked:
    told, days = some_days(chance, near)
    times = frozenset(a_time(chance) for _ in range(chance.randint(1, 3)))
    return Asked(f"{told} {','.join(shown(one) for one in sorted(times))} {zone}", days, times)


def in_steps(chance: random.Random, zone: str, _near: date) -> Asked:
    if chance.random() < 0.3:
        minute = chance.randrange(60)
        return Asked(f"hourly :{minute:02d} {zone}", lambda _day: True, frozenset(range(minute, 1440, 60)), 60)
    step = chance.choice((1, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 720))
    return Asked(f"every {step}m {zone}", lambda _day: True, frozenset(range(0, 1440, step)), step)


def in_cron(chance: random.Random, zone: str, near: date) -> Asked:
    minutes = sorted({chance.randrange(60) for _ in range(chance.randint(1, 3))})
    hours = sorted({a_time(chance) // 60 for _ in range(chance.randint(1, 3))})
    minute, hour = ",".join(map(str, minutes)), ",".join(map(str, hours))
    is_wild = chance.random() < 0.4
    if is_wild and chance.random() < 0.5:
        step = chance.choice((5, 10, 15, 30))
        minutes, minute = list(range(0, 60, step)), f"*/{step}"
    elif is_wild:
        step = chance.choice((1, 2, 3, 6))
        hours, hour = list(range(0, 24, step)), f"*/{step}" if step > 1 else "*"
    times = sorted(60 * one + other for one in hours for other in minutes)
    widest = max((late - early for early, late in pairwise(times)), default=None)
    day = chance.choice(("*", str(near.day), "1-7", f"{max(1, near.day - 1)},{near.day}"))
    weekday = chance.choice(("*", str(near.isoweekday() % 7), "1-5", "0,6"))
    chosen = _numbers(day, 1, 31), {number % 7 for number in _numbers(weekday, 0, 6)}

    def fits(one: date) -> bool:
        both = one.day in chosen[0], one.isoweekday() % 7 in chosen[1]
        return all(both) if "*" in (day, weekday) else any(both)

    return Asked(f"cron {minute} {hour} {day} * {weekday} {zone}", fits, frozenset(times), widest if is_wild else None)


def _numbers(field: str, low: int, high: int) -> set[int]:
    if field == "*":
        return set(range(low, high + 1))
    first, dash, last = field.partition("-")
    return set(range(int(first), int(last) + 1)) if dash else set(map(int, field.split(",")))


def in_recurrence(chance: random.Random, zone: str, near: date) -> Asked:
    minute, weekday, nth = a_time(chance), near.weekday(), (near.day - 1) // 7 + 1
    at = f"BYHOUR={minute // 60};BYMINUTE={minute % 60}"
    code = WEEK[weekday][:2].upper()
    kinds: tuple[tuple[str, Callable[[date], bool]], ...] = (
        ("FREQ=DAILY", lambda _day: True),
        (f"FREQ=WEEKLY;BYDAY={code}", lambda day: day.weekday() == weekday),
        (f"FREQ=MONTHLY;BYDAY={nth}{code}", lambda day: day.weekday() == weekday and (day.day - 1) // 7 + 1 == nth),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", lambda day: (day + timedelta(days=1)).day == 1),
    )
    rule, days = chance.choice(kinds)
    return Asked(f"RRULE:{rule};{at} {zone}", days, frozenset((minute,)))


KINDS = {"words": in_words, "steps": in_steps, "cron": in_cron, "recurrence": in_recurrence}
SHARES = {"words": 4, "steps": 2, "cron": 3, "recurrence": 1}


@pytest.mark.parametrize("kind", KINDS)
def test_random_rules_agree_with_the_oracle_across_changes_of_clocks(kind: str) -> None:
    chance = random.Random(f"calendar {kind}")
    count = RULES * SHARES[kind] // sum(SHARES.values())
    fired = 0
    for _ in range(count):
        zone, near = chance.choice(CHANGES)
        asked = KINDS[kind](chance, zone, near)
        minutes = window(zone, near)
        expected = oracle(asked, minutes)
        found = [tick.at for tick in parse_rule(asked.text).ticks(minutes[0].at - MINUTE, minutes[-1].at)]
        assert found == expected, f"{asked.text} near {near}"
        fired += len(expected)
    assert fired > count / 3, "the rules hardly fire in these windows, so little was compared"
