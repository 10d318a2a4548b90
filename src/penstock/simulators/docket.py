"""Gives filings their numbers, dates and keys, in the order in which they arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from penstock.simulators.draft import Draft
from penstock.simulators.filing import Filing, Line
from penstock.simulators.planner import PlannedFiling

_FIRST_NUMBER = 1_400_000
#: One gift in this many has no date, and one in this many a date of a year far ahead.
_UNDATED, _MISTYPED = 97, 701
_MISTYPED_YEAR = 2030


class Docket:
    """The FEC's desk: numbers what comes in."""

    def __init__(self, cycle: int, seed: int, starts_on: date, backdated: timedelta = timedelta(0)) -> None:
        self.cycle, self.starts_on, self._backdated = cycle, starts_on, backdated
        self._chance = Random(f"docket-{cycle}-{seed}")  # noqa: S311 - a world, not a secret
        self._numbers, self._serials, self._units = count(_FIRST_NUMBER), count(1), count()

    def instant_of(self, day: int) -> datetime:
        """Return the instant at which a day begins."""
        return datetime.combine(self.starts_on + timedelta(days=day), time(), UTC)

    def file(self, planned: PlannedFiling) -> Filing:
        """Return the filing with its lines."""
        filing = self._open(planned.committee_id, planned.start, planned.end, planned.efiled_day, planned.processed_day)
        if planned.on_paper:
            filing = replace(filing, efiled_day=None)
        back = self._backdated if planned.is_late else timedelta(0)
        lines = [
            line for unit in planned.units for line in self._write_unit(filing, unit, self._loaded_at(filing) - back)
        ]
        return replace(filing, lines=tuple(lines))

    def amend(self, old: Filing, lines: Sequence[Line], day: int, processed_day: int) -> Filing:
        """Return a filing that takes the place of another, with these lines under new keys."""
        filing = self._open(old.committee_id, old.coverage_start, old.coverage_end, day, processed_day, amends=old)
        return replace(filing, lines=tuple(self._renew(filing, line) for line in lines))

    def add_line(self, model: Line, serial: int) -> Line:
        """Return a line like another one, told in an amendment for the first time."""
        return replace(model, transaction_id=f"{model.transaction_id}.A{serial}", amount=model.amount + 15)

    def _open(
        self,
        committee_id: str,
        start: date,
        end: date,
        day: int | None,
        processed_day: int,
        *,
        amends: Filing | None = None,
    ) -> Filing:
        filed_at = (
            datetime.combine(end + timedelta(days=12), time(15, 30), UTC)
            if day is None
            else self.instant_of(day) - timedelta(hours=6)
        )
        return Filing(
            number=next(self._numbers),
            committee_id=committee_id,
            report=_report(end),
            amendment="N" if amends is None else "A",
            coverage_start=start,
            coverage_end=end,
            filed_at=filed_at,
            efiled_day=day,
            processed_day=processed_day,
            amends=None if amends is None else amends.number,
        )

    def _write_unit(self, filing: Filing, unit: list[Draft], loaded_at: datetime) -> list[Line]:
        number = next(self._units)
        on = self._pick_date(filing, number) if unit[0].on is None else unit[0].on
        return [self._write(filing, draft, on, loaded_at) for draft in unit]

    def _pick_date(self, filing: Filing, number: int) -> date | None:
        length = (filing.coverage_end - filing.coverage_start).days + 1
        on = filing.coverage_start + timedelta(days=self._chance.randrange(length))
        if number % _UNDATED == 7:
            return None
        return on.replace(year=_MISTYPED_YEAR, day=min(on.day, 28)) if number % _MISTYPED == 11 else on

    def _write(self, filing: Filing, draft: Draft, on: date | None, loaded_at: datetime) -> Line:
        serial = next(self._serials)
        name, city, state, zip_code, employer, occupation = draft.who
        return Line(
            sub_id=_sub_id(loaded_at, serial),
            schedule=draft.schedule,
            book=draft.book,
            committee_id=draft.committee_id,
            file_number=filing.number,
            transaction_id=draft.transaction_id,
            image_number=_image(filing, serial),
            amendment=filing.amendment,
            report=filing.report,
            election=f"{'P' if on is None or on < date(self.cycle, 6, 1) else 'G'}{self.cycle}",
            code=draft.code,
            entity=draft.entity,
            name=name,
            city=city,
            state=state,
            zip=zip_code,
            employer=employer,
            occupation=occupation,
            received_on=on,
            amount=Decimal(draft.amount),
            other_id=draft.other_id,
            candidate_id=draft.candidate_id,
            memo_code=draft.memo_code,
            memo_text=draft.memo_text,
            loaded_at=loaded_at,
            from_day=filing.processed_day,
            counts=draft.counts,
        )

    def _renew(self, filing: Filing, line: Line) -> Line:
        serial, loaded_at = next(self._serials), self._loaded_at(filing)
        return replace(
            line,
            sub_id=_sub_id(loaded_at, serial),
            file_number=filing.number,
            image_number=_image(filing, serial),
            amendment=filing.amendment,
            loaded_at=loaded_at,
            from_day=filing.processed_day,
        )

    def _loaded_at(self, filing: Filing) -> datetime:
        # Not before the row can be read: what is loaded after an instant can be told by that instant.
        offset = timedelta(milliseconds=filing.number % 3_000_000)
        if filing.efiled_day is None and filing.processed_day == 0:
            return filing.filed_at + timedelta(days=2) + offset
        return self.instant_of(filing.processed_day) + offset


def _report(end: date) -> str:
    return ("Q1", "Q2", "Q3", "YE")[(end.month - 1) // 3]


def _sub_id(loaded_at: datetime, serial: int) -> str:
    return f"4{loaded_at:%m%d%Y}{1_800_000_000 + serial}"


def _image(filing: Filing, serial: int) -> str:
    return f"{filing.filed_at:%Y%m%d}{9_000_000_000 + serial}"
