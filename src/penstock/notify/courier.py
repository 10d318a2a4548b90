"""Tells one channel: looks at what happened, writes down what waits, sends it, and writes down that it arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from penstock.engine.engine import Engine
from penstock.engine.events import Event, EventKind
from penstock.kit.process import is_gone
from penstock.notify.channel import Channel
from penstock.notify.delivery import Delivery, Send
from penstock.notify.message import Message
from penstock.notify.notice import Notice
from penstock.notify.outbox import next_to_send, settle
from penstock.notify.progress import Progress, find_progress, keep_progress
from penstock.notify.watch import Watch

#: Longer than any channel may take for a message.
_TTL = timedelta(seconds=90)


class Courier:
    """Tells one channel; of several, in any processes, one at a time does.

    Every message is written down before it is sent, and again once it was. A process that dies between sending and
    writing has sent a message that will be sent once more, with the same key.

    Args:
        owner: Name of this courier in the leases; no other one's.
    """

    def __init__(
        self,
        engine: Engine,
        channel: Channel,
        *,
        watch: Watch,
        send: Send,
        owner: str,
        tell: Callable[[Notice], None],
    ) -> None:
        self.channel = channel
        self._store = engine.store
        self._clock = engine.clock
        self._watch = watch
        self._send = send
        self._owner = owner
        self._tell = tell

    def look(self) -> None:
        """Look once, and send what is due."""
        now = self._clock.now()
        before = find_progress(self._store, self.channel.name)
        if before is not None and self._watch.follow(before, now) == before and next_to_send(before, now) is None:
            return
        with self._hold() as is_held:
            if is_held:
                self._send_due(self._catch_up())

    @contextmanager
    def _hold(self) -> Iterator[bool]:
        try:
            yield self._is_held()
        finally:
            self._store.extend_leases(self._owner, self._clock.now(), timedelta(0))

    def _is_held(self) -> bool:
        """Take the lease on the channel, or extend it; False when another process has it."""
        name, now = f"notify {self.channel.name}", self._clock.now()
        lease = self._store.acquire_lease(name, self._owner, now, _TTL)
        if lease.owner != self._owner and is_gone(lease.owner):
            self._store.extend_leases(lease.owner, now, timedelta(0))
            lease = self._store.acquire_lease(name, self._owner, now, _TTL)
        return lease.owner == self._owner

    def _catch_up(self) -> Progress:
        now = self._clock.now()
        before = find_progress(self._store, self.channel.name)
        progress = self._watch.begin(now) if before is None else self._watch.follow(before, now)
        if progress != before:
            keep_progress(self._store, self.channel.name, progress, now)
        return progress

    def _send_due(self, progress: Progress) -> None:
        while (trying := next_to_send(progress, self._clock.now())) is not None and self._keep(trying):
            head = trying.waiting[0]
            delivery = self._send(head.message)
            progress, is_given_up = settle(trying, delivery, self._clock.now())
            is_kept = self._keep(progress)
            self._report(head.message, delivery, progress, is_given_up=is_given_up)
            if not is_kept:
                return

    def _keep(self, progress: Progress) -> bool:
        """Write the progress down, unless another process took the channel over meanwhile."""
        if not self._is_held():
            return False
        keep_progress(self._store, self.channel.name, progress, self._clock.now())
        return True

    def _report(self, message: Message, delivery: Delivery, progress: Progress, *, is_given_up: bool) -> None:
        now, name = self._clock.now(), self.channel.name
        if delivery.is_delivered:
            self._tell(Notice(now, "told", name, message.headline))
        elif is_given_up:
            told = f"gave up telling channel `{name}` of {message.event}: {delivery.words}"
            self._tell(Notice(now, "gave up", name, f"{message.headline}: {delivery.words}"))
            if message.run_id:
                self._log(message.run_id, told)
        elif progress.failures == 1:
            self._tell(Notice(now, "waits", name, f"{delivery.words}; tried again for a day"))

    def _log(self, run_id: str, told: str) -> None:
        if self._store.find_run(run_id) is not None:
            event = Event(EventKind.MESSAGE_LOGGED, self._clock.now(), run_id, None, {"message": told})
            self._store.append_events([event])
