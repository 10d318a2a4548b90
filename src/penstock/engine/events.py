"""Facts, in past tense and never changed, that every face follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from penstock.kit.veil import Veil


class EventKind(StrEnum):
    """Everything that can have happened; the value is the word in the log."""

    RUN_STARTED = "run_started"
    RUN_FINISHED = "run_finished"
    RUN_RESUMED = "run_resumed"
    RUN_CANCEL_REQUESTED = "run_cancel_requested"
    TASK_STARTED = "task_started"
    TASK_FINISHED = "task_finished"
    TASK_RETRY_SCHEDULED = "task_retry_scheduled"
    ATTEMPT_ABANDONED = "attempt_abandoned"
    ITEMS_DISCOVERED = "items_discovered"
    PROGRESS_REPORTED = "progress_reported"
    MESSAGE_LOGGED = "message_logged"
    #: A block of lines a script wrote: `stream`, `line` (number of the first one), `text`, `attempt`, `item`.
    OUTPUT_WRITTEN = "output_written"
    RUNS_COLLECTED = "runs_collected"


class Event(NamedTuple):
    """One fact.

    Args:
        seq: Position in the log, rising; 0 until the store has recorded it.
    """

    kind: EventKind
    at: datetime
    run_id: str
    task: str | None = None
    facts: Mapping[str, Any] = MappingProxyType({})
    seq: int = 0

    def veiled(self, veil: Veil) -> Event:
        """Return the fact as it may be shown."""
        facts = dict(veil.value(self.facts))
        return self._replace(facts={**facts, "cause": veil.command(str(facts["cause"]))} if "cause" in facts else facts)
