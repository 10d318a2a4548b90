"""Looks at the event log and the deployments for one channel, and says what is to be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from penstock.engine.engine import Engine
from penstock.notify.channel import Channel, Occasion
from penstock.notify.ends import EndFollower, newest_seq
from penstock.notify.lateness import DueFollower
from penstock.notify.message import Message
from penstock.notify.outbox import put
from penstock.notify.progress import Progress
from penstock.notify.telling import Telling

#: The position is written down when nothing is to be told, too, once it moved so far.
_FAR = 10_000


class Watch:
    """Looks for one channel; changes nothing but the progress it returns."""

    def __init__(self, engine: Engine, channel: Channel, telling: Telling) -> None:
        self._engine = engine
        self._channel = channel
        self._telling = telling
        #: What was read last, and how far the log was found to hold nothing for it.
        self._seen: tuple[Progress, int] | None = None

    def begin(self, now: datetime) -> Progress:
        """Return the progress of a channel that is told nothing of what was before."""
        seq = newest_seq(self._engine)
        ends = EndFollower(self._engine, self._channel, self._telling, {}, {})
        ends.begin(now)
        return Progress(now, seq, ends.failing, ends.dead)

    def follow(self, progress: Progress, now: datetime) -> Progress:
        """Return the progress with what happened since among its waiting messages; itself when nothing did."""
        until = newest_seq(self._engine)
        after = self._seen[1] if self._seen is not None and self._seen[0] == progress else progress.seq
        channel, engine, telling = self._channel, self._engine, self._telling
        ends = EndFollower(engine, channel, telling, dict(progress.failing), dict(progress.dead))
        due = DueFollower(engine, channel, telling, progress.begun_at, dict(progress.late), dict(progress.unstarted))
        found: list[Message] = [*ends.follow(after, until), *ends.look_for_dead(now)]
        if Occasion.FAILURE in channel.on:
            found.extend(due.look_for_unstarted(now))
        if Occasion.LATE in channel.on:
            found.extend(due.look_for_late(now))
        told = [message for message in found if message.event in channel.on]
        moved = replace(progress, failing=ends.failing, dead=ends.dead, late=due.told, unstarted=due.unstarted)
        moved = put(moved, told, now)
        if moved == progress and until - progress.seq < _FAR:
            self._seen = progress, until
            return progress
        return replace(moved, seq=until)
