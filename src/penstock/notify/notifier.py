"""Tells every channel: a thread for each, so that one that does not answer holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType

from penstock.engine.engine import Engine
from penstock.errors import PenstockError, UsageError
from penstock.kit.ids import IdSource
from penstock.kit.spelling import did_you_mean
from penstock.notify.channel import Channel
from penstock.notify.courier import Courier
from penstock.notify.delivery import Delivery
from penstock.notify.notice import Notice
from penstock.notify.telling import Telling
from penstock.notify.watch import Watch
from penstock.notify.ways import Surroundings, way_of

POLL = timedelta(seconds=5)
#: How long the end waits for messages that are on their way.
_PATIENCE = timedelta(seconds=12)


class Notifier:
    """Tells the channels of what happens, for the time of a `with` block; any number of them may run at once.

    Args:
        tell: Hears what the notifier does, in whichever thread does it.

    Raises:
        UsageError: A channel lacks something it needs.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        around: Surroundings,
        tell: Callable[[Notice], None],
        *,
        ids: IdSource | None = None,
        poll: timedelta = POLL,
    ) -> None:
        self._clock, self._poll, self._tell = engine.clock, poll, tell
        telling, source = Telling(engine, around.console_url), ids or IdSource()
        self._couriers = [
            Courier(
                engine,
                channel,
                watch=Watch(engine, channel, telling),
                send=way_of(channel, around),
                owner=f"{engine.owner}#{source.new(engine.clock.now())}",
                tell=tell,
            )
            for channel in channels.values()
        ]
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def look(self) -> None:
        """Look once for every channel, one after the other."""
        for courier in self._couriers:
            courier.look()

    def __enter__(self) -> Notifier:
        self._threads = [
            threading.Thread(target=self._follow, args=(one,), name=f"penstock-notify-{one.channel.name}", daemon=True)
            for one in self._couriers
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        end = self._clock.now() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, (end - self._clock.now()).total_seconds()))

    def _follow(self, courier: Courier) -> None:
        trouble = ""
        while True:
            is_last = self._over.is_set()
            try:
                courier.look()
                trouble = ""
            except PenstockError as error:
                if error.message != trouble:
                    trouble = error.message
                    self._tell(Notice(self._clock.now(), "trouble", courier.channel.name, error.message))
            if is_last:
                return
            self._over.wait(self._poll.total_seconds())


def send_test(engine: Engine, channels: Mapping[str, Channel], name: str, around: Surroundings) -> Delivery:
    """Send a test through a channel, now, and return what came of it.

    Raises:
        UsageError: There is no such channel, or it lacks something it needs.
    """
    if name not in channels:
        raise UsageError(
            f"there is no channel `{name}`", hint=did_you_mean(name, channels) or "list them: `penstock notify list`"
        )
    message = Telling(engine, around.console_url).test(name, engine.clock.now())
    return way_of(channels[name], around)(message)
