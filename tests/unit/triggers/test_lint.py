"""What lint says of a rule that does other than its author may think."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.triggers.calendar.lint import lint_rule
from penstock.engine.triggers.calendar.reading import parse_rule

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("rule", "message", "instead"),
    [
        ("0 1 1-7 * 6", "fires 10 times in 2026-11", "first sat 01:00 …"),
        ("cron 30 2 8-14 * tue UTC", "fires 10 times in 2026-11", "second tue 02:30 UTC"),
        ("0 1 1-7 * 6", "names no time zone", "cron 0 1 1-7 * 6 America/New_York"),
        ("cron 0 0 */7 * * UTC", "`*/7` is not every 7 days", "RRULE:FREQ=DAILY;INTERVAL=7"),
        ("cron 0 0 31 * * UTC", "skips February, April, June, September and November", "last day 00:00 UTC"),
        ("day 30 10:00 UTC", "skips February", "last day 10:00 UTC"),
        ("cron 30 2 * * * America/New_York", "on 2027-03-14 02:30 does not exist", "never changed"),
        ("daily 01:30 America/New_York", "on 2027-11-07 01:30 comes twice", "never changed"),
        ("cron * 1 * * * UTC", "60 times a day", "cron 0 1 * * * UTC"),
        ("cron */7 * * * * UTC", "not every 7 minutes", "every 6m UTC"),
        ("cron 0 */5 * * * UTC", "not every 5 hours", "every 4h UTC"),
        ("cron * * * * * * UTC", "more often than every minute", "every 1m"),
        ("every 7m UTC", "begins anew at midnight", "every 6m UTC"),
        ("daily 10:00 EST", "has no summer time", "America/New_York"),
        ("daily 10:00 Etc/GMT+5", "five hours behind UTC", "America/New_York"),
        ("weekdyas 10:00 UTC", "does not name a day", "weekdays"),
    ],
)
def test_a_trap_is_told_with_what_to_write_instead(rule, message, instead):
    found = lint_rule(rule, TODAY)
    assert any(message in one.message and instead in (one.instead or "") for one in found), found


@pytest.mark.parametrize(
    "rule",
    [
        "weekdays 01:00 America/New_York",
        "first sat 01:00 America/New_York",
        "every 15m America/New_York",
        "hourly :05 UTC",
        "last day 23:00 UTC",
        "cron 0 1 * * 1-5 America/New_York",
        "RRULE:FREQ=MONTHLY;BYDAY=1SA;BYHOUR=1;BYMINUTE=0 America/New_York",
    ],
)
def test_nothing_is_said_of_a_rule_that_does_what_it_says(rule):
    assert lint_rule(rule, TODAY) == []


@given(st.integers(1, 7), st.integers(0, 6), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_the_fires_told_are_those_of_the_month(first, weekday, today):
    days = [date(today.year, today.month, day) for day in range(1, monthrange(today.year, today.month)[1] + 1)]
    expected = sum(first <= day.day <= first + 6 or day.isoweekday() % 7 == weekday for day in days)
    (found,) = lint_rule(f"cron 0 1 {first}-{first + 6} * {weekday} UTC", today)
    assert f"fires {expected} times in {today:%Y-%m}" in found.message


@given(st.sampled_from([(1, "first"), (8, "second"), (15, "third"), (22, "fourth")]), st.integers(0, 6))
def test_the_rule_to_write_instead_fires_once_a_month(days, weekday):
    (found,) = lint_rule(f"cron 0 1 {days[0]}-{days[0] + 6} * {weekday} UTC", TODAY)
    rule = parse_rule(found.instead or "")
    assert rule.text.startswith(days[1])
