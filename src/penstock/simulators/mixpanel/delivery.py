"""One delivery of an event: a line of the export, in either of the two shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

#: What a property holds: money is kept as it is written.
Json = str | int | float | bool | None | list[str] | dict[str, str]
_MS, _SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as it was delivered once.

    Args:
        event: The name of the event.
        at: When it happened.
        processed_at: When Mixpanel took it in; before that nobody sees it.
        insert_id: What tells it from others; empty for none.
        time_text: What is told in place of the time; empty for the time.
        zone: Where the project's clocks stand: its times count local seconds as if they were UTC.
    """

    event: str
    distinct_id: str
    at: datetime
    processed_at: datetime
    insert_id: str
    properties: Mapping[str, Json]
    time_text: str = ""
    zone: tzinfo = UTC

    @property
    def on(self) -> date:
        """The day under which it is exported, that of the project."""
        return self.at.astimezone(self.zone).date()

    def as_export_line(self, *, in_ms: bool = False) -> str:
        """Return the line of the export API: everything but the name lies in the properties."""
        known: dict[str, Json] = {"time": self._time(_MS if in_ms else _SECOND), "distinct_id": self.distinct_id}
        if self.insert_id:
            known["$insert_id"] = self.insert_id
        return _line({"event": self.event, "properties": {**known, **self._told()}})

    def as_pipeline_line(self) -> str:
        """Return the line of the newer file export: what identifies the event lies at the top."""
        top: dict[str, Json] = {"distinct_id": self.distinct_id, "event_name": self.event, "time": self._time(_SECOND)}
        if self.insert_id:
            top["insert_id"] = self.insert_id
        return _line({**top, "properties": self._told()})

    def _told(self) -> Mapping[str, Json]:
        return {**self.properties, "mp_processing_time_ms": _units(self.processed_at, _MS)}

    def _time(self, unit: timedelta) -> Json:
        return self.time_text or _units(self.at.astimezone(self.zone).replace(tzinfo=UTC), unit)


def _units(at: datetime, unit: timedelta) -> int:
    return (at - _EPOCH) // unit


def _line(record: Mapping[str, object]) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)
