"""The scheduler: asks what is due, starts it, and sees it to its end; any number of them may run at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from penstock.engine.definition.deployment import Cron
from penstock.engine.engine import Engine
from penstock.engine.events import Event
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.statusfile import StatusFiles
from penstock.engine.triggers.launch import Launch, Launched
from penstock.engine.triggers.starting import Decision, Starter, Step
from penstock.engine.triggers.ticks import Asked, ask_ticks
from penstock.engine.triggers.trigger import read_trigger
from penstock.engine.triggers.upstream import Position, RunFollower, read_ends
from penstock.errors import PenstockError
from penstock.kit.ids import IdSource

#: So many firings that have to wait are put back in one look; the others are looked at in the next.
_MOST_PUT_BACK = 50
_BREATH = timedelta(milliseconds=50)
_EVERYTHING = 1_000_000_000


class Happening(NamedTuple):
    """Something a scheduler did or found.

    Args:
        what: `asked`, `let go`, `started`, `resumed`, `waits`, `completed`, `failed` or `trouble`.
    """

    at: datetime
    what: str
    deployment: str
    run_id: str = ""
    message: str = ""


class _Running(NamedTuple):
    firing: Firing
    launched: Launched


class Scheduler:
    """Turns triggers into runs.

    A tick or an upstream run becomes one firing, whoever looks and however often, because firings are written once by
    key, together with how far the trigger was followed. A firing becomes one run, because the run's id was chosen with
    it: who takes over from a dead scheduler starts the same run, or goes on with it.

    Args:
        at_once: How many runs may go on at one time.
        ttl: How long a dead scheduler's firings stay claimed.
        retry: How long a firing waits when another run of its pipeline is in the way.
    """

    def __init__(
        self,
        engine: Engine,
        launch: Launch,
        *,
        ids: IdSource | None = None,
        at_once: int = 2,
        ttl: timedelta = timedelta(seconds=30),
        retry: timedelta = timedelta(seconds=5),
    ) -> None:
        self._engine = engine
        self._store = engine.store
        self._clock = engine.clock
        self._ids = ids or IdSource()
        self._at_once = at_once
        self._ttl = ttl
        self._starter = Starter(engine, launch, retry)
        self._running: list[_Running] = []
        self._troubles: dict[str, str] = {}
        #: How urgently to stop: 0 not at all, 1 after the running tasks, 2 at once.
        self._urgency = 0
        self._told: dict[str, int] = {}
        #: Firings that were put back because of another run, and what was told of each.
        self._waiting: set[str] = set()
        self._told_waits: dict[str, str] = {}

    @property
    def is_idle(self) -> bool:
        """Whether nothing that this scheduler started goes on."""
        return not self._running

    def tick(self, *, until: datetime | None = None) -> list[Happening]:
        """Look once: follow the triggers, see what ended, start what is due; return what happened.

        Args:
            until: Follow calendars no further than this; to the present when left out.
        """
        self._pass_on()
        happened = [*self._reap()]
        if not self._urgency:
            happened.extend(self._ask(until))
            happened.extend(self._start_due())
            happened.extend(self._reap())
        return happened

    def stop(self, *, now: bool = False) -> None:
        """Ask for nothing more, and let what goes on end after its running tasks, or at once; safe in a signal handler.

        What was started is told by the next look.
        """
        self._urgency = max(self._urgency, 2 if now else 1)

    def run(self, poll: timedelta, tell: Callable[[Happening], None], *, once: bool = False) -> None:
        """Look again and again until stopped and nothing goes on; with `once`, until nothing is due any more."""
        StatusFiles(self._store, self._engine.registry, self._clock).put_right()
        try:
            self._look(poll, tell, once=once)
        except BaseException:
            self._leave_nothing_behind()
            raise

    def _look(self, poll: timedelta, tell: Callable[[Happening], None], *, once: bool) -> None:
        until = self._clock.now() if once else None
        while True:
            happened = self.tick(until=until)
            for one in happened:
                tell(one)
            if self.is_idle and (self._urgency or (once and self._is_done(happened))):
                return
            self._wait(_BREATH if self._urgency or (once and not self._waiting and self.is_idle) else poll)

    def _is_done(self, happened: list[Happening]) -> bool:
        if any(one.what not in ("waits", "trouble") for one in happened):
            return False
        pending = self._store.list_firings(status=FiringStatus.PENDING, limit=_EVERYTHING)
        self._waiting.intersection_update(firing.run_id for firing in pending)
        return not self._waiting

    def _wait(self, duration: timedelta) -> None:
        end, urgency = self._clock.now() + duration, self._urgency
        while (left := end - self._clock.now()) > timedelta(0) and self._urgency == urgency:
            self._clock.sleep(min(left, _BREATH))
            if any(running.launched.poll() for running in self._running):
                return

    def _pass_on(self) -> None:
        for running in self._running:
            if self._told.get(running.firing.run_id, 0) < self._urgency:
                self._told[running.firing.run_id] = self._urgency
                running.launched.stop(now=self._urgency > 1)

    def _leave_nothing_behind(self) -> None:
        self.stop()
        self._pass_on()
        while any(running.launched.poll() is None for running in self._running):
            self._clock.sleep(_BREATH)
            self._pass_on()

    # What is asked for ------------------------------------------------------------------------------------------------

    def _ask(self, until: datetime | None) -> Iterator[Happening]:
        ends = _Ends(self._engine)
        for deployment in self._store.list_deployments():
            if deployment.is_paused:
                continue
            try:
                asked = list(self._asked_by(deployment, ends, until))
            except PenstockError as error:
                yield from self._trouble(deployment.name, error)
                continue
            self._troubles.pop(deployment.name, None)
            for one in asked:
                yield from self._write(deployment, one)

    def _asked_by(self, deployment: StoredDeployment, ends: _Ends, until: datetime | None) -> Iterator[Asked]:
        trigger, now = read_trigger(deployment.trigger), self._clock.now()
        if isinstance(trigger, Cron):
            yield from ask_ticks(deployment, trigger, now if until is None else min(now, until), self._ids)
            return
        position = Position.of(deployment.watermark)
        events, seq = ends.after(position.seq)
        if seq > position.seq:
            follower = RunFollower(deployment, trigger, self._store, self._engine.registry)
            firings, moved = follower.follow(events, position, seq, now, self._ids)
            yield Asked(firings, moved.as_json(), deployment.watermark)

    def _write(self, deployment: StoredDeployment, asked: Asked) -> Iterator[Happening]:
        new = self._store.add_firings(deployment.name, asked.firings, asked.watermark, asked.expected)
        for firing in asked.firings if new else ():
            what = "let go" if firing.status is FiringStatus.SKIPPED else "asked"
            yield Happening(self._clock.now(), what, deployment.name, firing.run_id, firing.message or firing.cause)

    def _trouble(self, deployment: str, error: PenstockError) -> Iterator[Happening]:
        if self._troubles.get(deployment) != error.message:
            self._troubles[deployment] = error.message
            yield Happening(self._clock.now(), "trouble", deployment, message=error.message)

    # What is started and ends -----------------------------------------------------------------------------------------

    def _start_due(self) -> Iterator[Happening]:
        known = {one.name: one for one in self._store.list_deployments()}
        waiting: set[tuple[str, str]] = set()
        for _ in range(_MOST_PUT_BACK):
            if len(self._running) >= self._at_once or self._urgency:
                return
            firing = self._store.claim_firing(self._engine.owner, self._clock.now(), self._ttl)
            if firing is None:
                return
            place = self._starter.place_of(firing, known)
            running = {self._starter.place_of(one.firing, known) for one in self._running}
            decision = self._starter.decide(firing, known.get(firing.deployment), is_busy=place in waiting | running)
            if decision.order is None and decision.step.wait is not None:
                waiting.add(place)  # those behind it wait too, so that they keep their order
            yield from self._carry_out(firing, decision)
            yield from self._reap()

    def _carry_out(self, firing: Firing, decision: Decision) -> Iterator[Happening]:
        if decision.order is None:
            yield from self._settle(firing, decision.step)
            return
        what = "resumed" if decision.order.resume else "started"
        yield Happening(self._clock.now(), what, firing.deployment, firing.run_id, firing.cause)
        self._running.append(_Running(firing, self._starter.launch(decision.order)))

    def _reap(self) -> Iterator[Happening]:
        for running in list(self._running):
            ending = running.launched.poll()
            if ending is None:
                self._store.extend_firing(running.firing, self._clock.now(), self._ttl)
                continue
            self._running.remove(running)
            step = self._starter.judge(running.firing, ending, is_stopping=self._urgency > 0)
            yield from self._settle(running.firing, step)

    def _settle(self, firing: Firing, step: Step) -> Iterator[Happening]:
        now = self._clock.now()
        retry_at = None if step.wait is None else now + step.wait
        if not self._store.finish_firing(firing, step.status, now, message=step.message, retry_at=retry_at):
            return
        if step.status is not FiringStatus.PENDING:
            self._waiting.discard(firing.run_id)
            self._told_waits.pop(firing.run_id, None)
            yield Happening(now, step.status.value, firing.deployment, firing.run_id, step.message or "")
            return
        if not step.is_paused:
            self._waiting.add(firing.run_id)
        if self._told_waits.get(firing.run_id) != step.message:
            self._told_waits[firing.run_id] = step.message or ""
            yield Happening(now, "waits", firing.deployment, firing.run_id, step.message or "")


class _Ends:
    """The ends of runs, read once for all deployments of a look."""

    def __init__(self, engine: Engine) -> None:
        self._store = engine.store
        self._from: int | None = None
        self._ends: list[Event] = []
        self._seq = 0

    def after(self, seq: int) -> tuple[list[Event], int]:
        """Return the ends behind a position, and the position of the last fact."""
        if self._from is None or seq < self._from:
            self._ends, self._seq = read_ends(self._store, seq)
            self._from = seq
        return [event for event in self._ends if event.seq > seq], self._seq
