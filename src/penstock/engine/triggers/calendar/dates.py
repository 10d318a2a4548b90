"""Reads the days of a rule in human words: `mon,wed`, `first sat,third sat`, `day 1,15`, `jan 15`."""

from __future__ import annotations

import re

from penstock.engine.triggers.calendar.days import (
    MONTHS,
    ORDINALS,
    WEEKDAYS,
    DayOfMonth,
    DayOfYear,
    Days,
    NthOfMonth,
    WeekDays,
)
from penstock.errors import UsageError
from penstock.kit.spelling import did_you_mean

_LONG_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONG_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_GROUPS = {
    "daily": frozenset(range(7)),
    "day": frozenset(range(7)),
    "weekday": frozenset(range(5)),
    "weekend": frozenset((5, 6)),
}
_NUMBERED = {
    f"{number}{'st' if number == 1 else 'nd' if number == 2 else 'rd' if number == 3 else 'th'}": number
    for number in range(1, 6)
}
_NTH = {**{word: number for number, word in ORDINALS.items()}, **_NUMBERED}
_NUMBER = re.compile(r"(\d{1,3})(?:st|nd|rd|th)?")
_VOCABULARY = ("daily", "weekdays", "weekends", *WEEKDAYS, *_LONG_WEEKDAYS, *MONTHS, *_NTH, "day", "every", "hourly")


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _weekday(word: str) -> int | None:
    one = _singular(word)
    for number, name in enumerate(_LONG_WEEKDAYS):
        if len(one) >= 3 and name.startswith(one):
            return number
    return None


def _month(word: str) -> int | None:
    for number, name in enumerate(_LONG_MONTHS, 1):
        if len(word) >= 3 and name.startswith(word):
            return number
    return None


def is_day_word(word: str) -> bool:
    """Whether the word may stand in a choice of days."""
    return _singular(word) in _GROUPS or word in _NTH or _weekday(word) is not None or _month(word) is not None


def read_days(tokens: list[str], text: str) -> tuple[Days, ...]:
    """Return the choices of days these words name.

    Args:
        text: The whole rule, for messages.

    Raises:
        UsageError: A word is not known, or a day never comes.
    """
    words = tokens[1:] if tokens[0] == "every" and len(tokens) > 1 else tokens
    if words is not tokens and words[0] in _NTH and words[0] != "last":
        raise UsageError(
            f"`every {words[0]}` (in `{text}`) can mean two things",
            hint=f"write `{' '.join(words)} …` for that of the month, or `DTSTART:… RRULE:FREQ=WEEKLY;INTERVAL=2 …`",
        )
    return _DayReader(text).read(" ".join(words).split(","))


class _DayReader:
    """Reads items between commas; an item may leave out what the one beside it says: `day 1,15`, `first,third sat`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Days] = []
        self._week: set[int] = set()
        self._pending: list[int] = []
        self._month: int | None = None
        self._counts_days = False

    def read(self, items: list[str]) -> tuple[Days, ...]:
        for item in items:
            self._read_item(item.split())
        if self._pending:
            word = ORDINALS[self._pending[0]]
            raise self._unknown(word, f"write for example `{word} sat`")
        week = [WeekDays(frozenset(self._week))] if self._week else []
        return tuple(dict.fromkeys([*week, *self._found]))

    def _read_item(self, words: list[str]) -> None:
        match words:
            case [one]:
                self._read_word(one)
            case [nth, kind] if nth in _NTH:
                self._add_nth([*self._pending, _NTH[nth]], kind)
            case ["day" | "days", number]:
                self._month, self._counts_days = None, True
                self._add_number(number)
            case [month, number] if (found := _month(month)) is not None and _NUMBER.fullmatch(number):
                self._month = found
                self._add_number(number)
            case [number, month] if (found := _month(month)) is not None and _NUMBER.fullmatch(number):
                self._month = found
                self._add_number(number)
            case []:
                raise UsageError(f"`{self._text}` has a comma too many")
            case _:
                strange = next((word for word in words if not is_day_word(word)), words[-1])
                raise self._unknown(strange)

    def _read_word(self, word: str) -> None:
        first, dash, last = word.partition("-")
        start, end = _weekday(first), _weekday(last)
        if _singular(word) in _GROUPS and word not in ("day",):
            self._week |= _GROUPS[_singular(word)]
        elif dash and start is not None and end is not None:
            self._week |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
        elif word in _NTH and not self._counts_days and self._month is None:
            self._pending.append(_NTH[word])
        elif _NUMBER.fullmatch(word) and (self._counts_days or self._month):
            self._add_number(word)
        elif start is not None and not dash:
            self._week.add(start)
        elif word == "day":
            self._week |= _GROUPS["day"]
        else:
            raise self._unknown(word)

    def _add_nth(self, numbers: list[int], kind: str) -> None:
        group, weekday = _GROUPS.get(_singular(kind)), _weekday(kind)
        days = group if group is not None and kind != "daily" else None
        if days is None and weekday is not None:
            days = frozenset((weekday,))
        if days is None:
            raise self._unknown(kind)
        self._found.extend(NthOfMonth(number, days) for number in numbers)
        self._pending, self._month, self._counts_days = [], None, False

    def _add_number(self, word: str) -> None:
        match = _NUMBER.fullmatch(word)
        number = int(match[1]) if match else 0
        day = DayOfYear(self._month, number) if self._month else DayOfMonth(number)
        if not match:
            raise self._unknown(word, "write for example `day 1,15`")
        if not 1 <= number <= 31 or (isinstance(day, DayOfYear) and not day.exists):
            raise UsageError(
                f"`{self._text}` never fires: there is no `{day.text}`",
                hint="`last day` is the last of every month",
            )
        self._found.append(day)

    def _unknown(self, word: str, hint: str | None = None) -> UsageError:
        place = self._text.lower().find(word) + 1
        return UsageError(
            f"`{word}` (at character {place} of `{self._text}`) does not name a day",
            hint=hint or did_you_mean(word, _VOCABULARY) or "see the guide *Schedules* for what a rule may say",
        )
