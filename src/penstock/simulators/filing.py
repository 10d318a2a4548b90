"""What is filed with the simulated FEC: filings, their lines, and what was planted among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

#: The day after the last: a line that is never taken back is true until then.
NEVER = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One itemized transaction in one filing, true from one day of the story until another.

    Args:
        sub_id: The key of the processed row.
        schedule: `A`, `B` or `E`.
        book: The bulk file it stands in: `itcont`, `itoth` or `oppexp`.
        received_on: Date of the transaction; None when the filer left it empty.
        loaded_at: When the row was loaded as it stands here.
        from_day: First day on which it is true as a processed row.
        until_day: First day on which it no longer is.
        counts: What it adds to: committee and measure.
        published: The fields of an `oppexp` line, which no other line has.
    """

    sub_id: str
    schedule: str
    book: str
    committee_id: str
    file_number: int
    transaction_id: str
    image_number: str
    amendment: str
    report: str
    election: str
    code: str
    entity: str
    name: str
    city: str
    state: str
    zip: str
    employer: str
    occupation: str
    received_on: date | None
    amount: Decimal
    other_id: str
    candidate_id: str
    memo_code: str
    memo_text: str
    loaded_at: datetime
    from_day: int
    until_day: int = NEVER
    counts: tuple[tuple[str, str], ...] = ()
    published: tuple[str, ...] = ()

    def is_true_on(self, day: int) -> bool:
        """Whether it is a processed row on that day."""
        return self.from_day <= day < self.until_day


@dataclass(frozen=True, slots=True)
class Filing:
    """One report as filed: raw first, processed some days later under the same number.

    Args:
        efiled_day: First day on which its raw rows can be read; None for one filed on paper.
        processed_day: First day on which its processed rows can be read.
        amends: Number of the filing whose place it takes.
        lines: Its lines as filed.
    """

    number: int
    committee_id: str
    report: str
    amendment: str
    coverage_start: date
    coverage_end: date
    filed_at: datetime
    efiled_day: int | None
    processed_day: int
    amends: int | None = None
    lines: tuple[Line, ...] = field(default=(), repr=False)


class PlantedKind(StrEnum):
    """What was done to rows that a reader has seen already, or ought to have."""

    AMENDMENT = "amendment"
    WITHDRAWAL = "withdrawal"
    CHANGE = "change"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing a reader must notice.

    Args:
        day: The day on which the processed rows change.
        file_number: The filing that brings it: the amendment, the late filing, or the one withdrawn from or changed.
        gone: Rows that are no longer true.
        came: Rows that are new, or, of a change, those whose content is.
        pairs: Rows gone and the rows that took their place, which may have other content.
        amends: The filing amended.
    """

    kind: PlantedKind
    day: int
    committee_id: str
    file_number: int
    gone: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    amends: int | None = None
