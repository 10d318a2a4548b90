"""How far a channel has been told: its position in the event log, what is open, and what waits to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple

from penstock.engine.state.records import Mark
from penstock.engine.state.store import StateStore
from penstock.notify.message import Message

#: Where the marks of channels stand: no pipeline can have this name.
_PLACE = ":notify"
_NAME = "progress"


class Waiting(NamedTuple):
    """A message that is not delivered yet.

    Args:
        since: When it was noticed.
        tries: How often it was sent, or begun to be; from the first one on it is never changed.
    """

    message: Message
    since: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one channel has been told.

    Args:
        begun_at: What was so before is not told.
        seq: Position in the event log.
        failing: By place (pipeline, partition, deployment): since when and since which run it fails, and how often.
        dead: Runs whose process died, by id: since when that is seen, and whether it was told.
        late: By deployment: ticks up to this instant have been told of.
        unstarted: Firings that ended without a run and were told of, with the instant they ended.
        sent: When the last messages went out, those of the last minute.
        failures: How often sending failed since it last did not.
        retry_at: Nothing is sent before.
    """

    begun_at: datetime
    seq: int
    failing: Mapping[str, Any] = field(default_factory=dict)
    dead: Mapping[str, Any] = field(default_factory=dict)
    late: Mapping[str, Any] = field(default_factory=dict)
    unstarted: Mapping[str, Any] = field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()
    sent: tuple[datetime, ...] = ()
    failures: int = 0
    retry_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the state store keeps it."""
        return {
            **{knob.name: getattr(self, knob.name) for knob in fields(self)},
            "begun_at": self.begun_at.isoformat(),
            "waiting": [[one.message.stored(), one.since.isoformat(), one.tries] for one in self.waiting],
            "sent": [at.isoformat() for at in self.sent],
            "retry_at": self.retry_at and self.retry_at.isoformat(),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Progress:
        """Return what the state store kept."""
        waiting = [
            Waiting(Message.read(message), datetime.fromisoformat(since), tries)
            for message, since, tries in kept["waiting"]
        ]
        instants = {
            "begun_at": datetime.fromisoformat(kept["begun_at"]),
            "waiting": tuple(waiting),
            "sent": tuple(map(datetime.fromisoformat, kept["sent"])),
            "retry_at": kept["retry_at"] and datetime.fromisoformat(kept["retry_at"]),
        }
        known = {knob.name for knob in fields(cls)}
        return cls(**{name: value for name, value in {**kept, **instants}.items() if name in known})


def find_progress(store: StateStore, channel: str) -> Progress | None:
    """Return how far a channel has been told; None before its beginning."""
    for mark in store.list_marks(_PLACE):
        if (mark.task, mark.name) == (channel, _NAME):
            return Progress.read(mark.value)
    return None


def keep_progress(store: StateStore, channel: str, progress: Progress, now: datetime) -> None:
    """Write down how far a channel has been told."""
    store.set_mark(Mark(_PLACE, channel, _NAME, progress.as_json(), now))
