"""Where reading one committee's receipts stands: the state that is saved with every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from penstock.errors import WarehouseError
from penstock.sources.openfec.records.receipt import Receipt
from penstock.sources.openfec.watermark import first_load_date, load_watermark


@dataclass(frozen=True, slots=True)
class ReceiptWalk:
    """One walk over the receipts of a committee that were loaded since some day.

    Args:
        watermark: Everything loaded before this day was read by earlier walks; None before the first one ended.
        since: The earliest load date this walk asks for; None asks for everything.
        began_at: When its first page was asked for.
        newest: The newest load date of its rows so far.
        page: The cursor behind the last page saved; None at its beginning.
    """

    watermark: date | None
    since: date | None
    began_at: datetime
    newest: datetime | None = None
    page: Mapping[str, Any] | None = None

    @classmethod
    def take_up(cls, saved: Any, now: datetime, lookback: timedelta, committee: str) -> Self:
        """Return the walk to go on with: the one that was interrupted, or a new one behind the watermark.

        Raises:
            WarehouseError: What was saved is no such state; somebody changed it.
        """
        try:
            state = saved or {}
            watermark = _day(state.get("watermark"))
            if state.get("page") is None:
                return cls(watermark, first_load_date(watermark, lookback), now)
            newest = state["newest"] and datetime.fromisoformat(state["newest"])
            began_at = datetime.fromisoformat(state["began_at"])
            return cls(watermark, _day(state["since"]), began_at, newest, state["page"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise WarehouseError(
                f"the cursor of `{committee}` in `bronze.openfec_receipts` is damaged: {saved!r:.120}",
                hint="make the cursors anew from the rows: `penstock run campaign-finance --tasks rebuild_cursors …`",
            ) from error

    def behind(self, rows: Iterable[Receipt], page: Mapping[str, Any]) -> Self:
        """Return the walk as it stands behind a page."""
        loaded = [row.load_date for row in rows if row.load_date is not None]
        newest = max([*loaded, *([self.newest] if self.newest else [])], default=None)
        return replace(self, newest=newest, page=page)

    def ended(self) -> Self:
        """Return the state to keep once the last page is saved."""
        watermark = load_watermark(self.watermark, self.newest, self.began_at)
        return replace(self, watermark=watermark, newest=None, page=None)

    def as_json(self) -> dict[str, Any]:
        """Return what is saved."""
        return {
            "watermark": self.watermark and self.watermark.isoformat(),
            "since": self.since and self.since.isoformat(),
            "began_at": self.began_at.isoformat(),
            "newest": self.newest and self.newest.isoformat(),
            "page": self.page,
        }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
