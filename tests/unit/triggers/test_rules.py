"""What a calendar rule may say, what it means, and what is said of one that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.engine.triggers.calendar.days import MONTHS, WEEKDAYS
from penstock.engine.triggers.calendar.reading import parse_rule
from penstock.errors import UsageError

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


def fires(rule, count=3, after=NOVEMBER):
    return [f"{tick.local:%a %m-%d %H:%M}" for tick in islice(parse_rule(rule).ticks(after), count)]


def test_the_first_saturdays_of_a_winter():
    ticks = list(islice(parse_rule("first sat 01:00 America/New_York").ticks(NOVEMBER), 3))
    assert [f"{tick.local:%Y-%m-%d %H:%M %Z}" for tick in ticks] == [
        "2026-11-07 01:00 EST",
        "2026-12-05 01:00 EST",
        "2027-01-02 01:00 EST",
    ]
    assert ticks[0].at == datetime(2026, 11, 7, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "canonical", "expected"),
    [
        ("Daily at 1am utc", "daily 01:00 UTC", ["Sun 11-01 01:00", "Mon 11-02 01:00"]),
        ("every day 06:00 UTC", "daily 06:00 UTC", ["Sun 11-01 06:00", "Mon 11-02 06:00"]),
        ("Weekdays 01:00 UTC", "weekdays 01:00 UTC", ["Mon 11-02 01:00", "Tue 11-03 01:00"]),
        ("mon-fri 01:00 UTC", "weekdays 01:00 UTC", ["Mon 11-02 01:00", "Tue 11-03 01:00"]),
        ("weekend noon UTC", "weekends 12:00 UTC", ["Sun 11-01 12:00", "Sat 11-07 12:00"]),
        ("Mondays, wed,fri 9:30 UTC", "mon,wed,fri 09:30 UTC", ["Mon 11-02 09:30", "Wed 11-04 09:30"]),
        ("every 15 minutes UTC", "every 15m UTC", ["Sun 11-01 00:15", "Sun 11-01 00:30"]),
        ("every 2h UTC", "every 2h UTC", ["Sun 11-01 02:00", "Sun 11-01 04:00"]),
        ("hourly :05 UTC", "hourly :05 UTC", ["Sun 11-01 00:05", "Sun 11-01 01:05"]),
        ("hourly UTC", "hourly :00 UTC", ["Sun 11-01 01:00", "Sun 11-01 02:00"]),
        ("last friday 18:00 UTC", "last fri 18:00 UTC", ["Fri 11-27 18:00", "Fri 12-25 18:00"]),
        (
            "second tue and fourth tue 9am UTC",
            "second tue,fourth tue 09:00 UTC",
            ["Tue 11-10 09:00", "Tue 11-24 09:00"],
        ),
        ("first,third sat 1pm UTC", "first sat,third sat 13:00 UTC", ["Sat 11-07 13:00", "Sat 11-21 13:00"]),
        ("fifth mon 01:00 UTC", "fifth mon 01:00 UTC", ["Mon 11-30 01:00", "Mon 03-29 01:00"]),
        ("last weekday 18:00 UTC", "last weekday 18:00 UTC", ["Mon 11-30 18:00", "Thu 12-31 18:00"]),
        ("day 1,15 06:00 UTC", "day 1,day 15 06:00 UTC", ["Sun 11-01 06:00", "Sun 11-15 06:00"]),
        ("last day 23:00 UTC", "last day 23:00 UTC", ["Mon 11-30 23:00", "Thu 12-31 23:00"]),
        ("January 15 08:00 UTC", "jan 15 08:00 UTC", ["Fri 01-15 08:00", "Sat 01-15 08:00"]),
        ("daily 18:00,06:00 UTC", "daily 06:00,18:00 UTC", ["Sun 11-01 06:00", "Sun 11-01 18:00"]),
        ("mon 09:00 or day 3 06:00 UTC", "mon 09:00 or day 3 06:00 UTC", ["Mon 11-02 09:00", "Tue 11-03 06:00"]),
        ("0 1 * * 1-5 UTC", "cron 0 1 * * 1-5 UTC", ["Mon 11-02 01:00", "Tue 11-03 01:00"]),
        ("cron 0 1 * * sat#1 UTC", "cron 0 1 * * SAT#1 UTC", ["Sat 11-07 01:00", "Sat 12-05 01:00"]),
        (
            "rrule:freq=monthly;byday=1sa;byhour=1 UTC",
            "RRULE:FREQ=MONTHLY;BYDAY=1SA;BYHOUR=1 UTC",
            ["Sat 11-07 01:00", "Sat 12-05 01:00"],
        ),
        (
            "DTSTART:20260105T0100 RRULE:FREQ=WEEKLY;INTERVAL=2 UTC",
            "DTSTART:20260105T010000 RRULE:FREQ=WEEKLY;INTERVAL=2 UTC",
            ["Mon 11-09 01:00", "Mon 11-23 01:00"],
        ),
    ],
)
def test_a_rule_is_read_forgivingly_and_told_in_one_way(text, canonical, expected):
    rule = parse_rule(text)
    assert rule.text == canonical
    assert parse_rule(canonical) == rule
    assert fires(text, 2) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "the rule is empty", "weekdays 01:00 America/New_York"),
        ("daily 01:00", "`daily 01:00` names no time zone", "daily 01:00 America/New_York"),
        ("0 1 * * 1-5", "names no time zone", "UTC"),
        ("daily 01:00 America/New_Yrok", "no time zone `America/New_Yrok` (at character 13", "`America/New_York`"),
        ("daily 01:00 ET", "no time zone `ET`", "`America/New_York`"),
        ("weekdyas 01:00 UTC", "`weekdyas` (at character 1 of", "`weekdays`"),
        ("sixth mon 01:00 UTC", "`sixth` (at character 1 of", "`fifth`"),
        ("feb 31 01:00 UTC", "never fires: there is no `feb 31`", "last day"),
        ("day 32 01:00 UTC", "never fires: there is no `day 32`", "last day"),
        ("cron 0 1 31 2 * UTC", "never fires", "last day"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2 UTC", "never fires", "days and months"),
        ("daily 25:00 UTC", "`25:00` (at character 7 of", "`23:59`"),
        ("hourly :75 UTC", "`75` (at character 9 of", "hourly :05"),
        ("daily UTC", "names no time of the day", "daily 01:00"),
        ("01:00 UTC", "names no days", "daily 01:00 UTC"),
        ("every 30s UTC", "more often than every minute", "every 1m"),
        ("every 36h UTC", "longer than a day", "DTSTART"),
        ("every second tue 01:00 UTC", "can mean two things", "second tue"),
        ("first 01:00 UTC", "`first` (at character 1", "first sat"),
        ("cron 0 99 * * * UTC", "`99` (the hour of", "weekdays 01:00"),
        ("cron 0 1 * * UTC", "has 4 fields", "cron 0 1 * * 1-5"),
        ("cron 0 0 1 * * * UTC", "six fields", "every 1m"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2 UTC", "`INTERVAL`", "DTSTART:"),
        ("RRULE:FREQ=WEEKLY UTC", "does not say which day", "BYDAY"),
        ("RRULE:FREQ=MINUTELY UTC", "every minute or more often", "every 1m"),
        ("RRULE:FOO=1 UTC", "is not a recurrence rule", "FREQ=MONTHLY"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_word_its_place_and_a_way_out(text, message, hint):
    with pytest.raises(UsageError) as caught:
        parse_rule(text)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@given(st.text(alphabet="abcdefmonstuwly 0123456789:,-*/#LRULE=;ñ", max_size=40), st.sampled_from(["", " UTC", " x/y"]))
def test_whatever_is_typed_is_read_or_refused_and_never_breaks(text, zone):
    try:
        rule = parse_rule(text + zone)
    except UsageError:
        return
    assert parse_rule(rule.text) == rule


def test_a_time_in_the_gap_comes_once_at_the_first_instant_after_it():
    start, end = datetime(2027, 3, 13, 12, tzinfo=UTC), datetime(2027, 3, 15, 12, tzinfo=UTC)
    ticks = list(parse_rule("daily 02:10,02:30 America/New_York").ticks(start, end))
    assert [f"{tick.local:%d %H:%M}" for tick in ticks] == ["14 03:00", "15 02:10", "15 02:30"]
    assert ticks[0].note == "02:10 does not exist on this day (clocks go forward): 03:00 instead"


def test_a_time_in_the_doubled_hour_comes_once_the_first_time():
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)
    (tick,) = parse_rule("daily 01:30 America/New_York").ticks(start, end)
    assert tick.at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert tick.note == "01:30 comes twice on this day (clocks go back): only the first time counts"


def test_steps_keep_firing_through_both_changes():
    for day, hours in ((datetime(2026, 11, 1, 4, tzinfo=UTC), 25), (datetime(2027, 3, 14, 5, tzinfo=UTC), 23)):
        ticks = list(islice(parse_rule("every 30m America/New_York").ticks(day), hours * 2))
        assert {later.at - early.at for early, later in pairwise(ticks)} == {ticks[1].at - ticks[0].at}
        assert ticks[-1].local.strftime("%H:%M") == "00:00"


@given(
    st.sampled_from([*WEEKDAYS, "daily", "weekdays", "weekends", *(f"first {day}" for day in WEEKDAYS)]),
    st.sampled_from(MONTHS),
    st.integers(1, 28),
    st.times(),
)
def test_ticks_rise_and_lie_between_the_ends_asked_for(days, month, day, at):
    rule = parse_rule(f"{days} {at:%H:%M} or {month} {day} {at:%H:%M} Europe/London")
    until = datetime(2027, 6, 1, tzinfo=UTC)
    instants = [tick.at for tick in rule.ticks(NOVEMBER, until)]
    assert instants == sorted(set(instants))
    assert all(NOVEMBER < one <= until for one in instants)
