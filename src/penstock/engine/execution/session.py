"""What one process knows while it works on one run: shared by its workers, its heartbeat and its bodies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.events import Event, EventKind
from penstock.engine.execution.context import Resources
from penstock.engine.execution.timelimit import stop_thread
from penstock.engine.planning.planner import Surroundings
from penstock.engine.state.records import Claim, Completion, Run, RunSignal
from penstock.engine.state.store import StateStore
from penstock.errors import UsageError
from penstock.kit.clock import Clock
from penstock.kit.jsonable import from_json
from penstock.kit.veil import Veil


class Helpable(Protocol):
    """Work that several workers of a process may share."""

    def help(self, caller: Any) -> bool:
        """Do some of it; return whether there was any."""
        ...


class Watcher(Protocol):
    """Keeps somebody informed of how the run stands; never lets a failure of its own reach the run."""

    def note(self) -> None:
        """An attempt ended."""
        ...

    def beat(self) -> None:
        """A moment passed."""
        ...


@dataclass(slots=True)
class Session:
    """One process's work on one run.

    Args:
        owner: Name of this process in leases.
        ttl: How long a lease lasts without a heartbeat.
        chance: Returns a random number from 0 to 1.
        workers: How many bodies may run at once.
        watcher: Told whenever an attempt ended, and with every heartbeat.
    """

    run: Run
    pipeline: Pipeline
    store: StateStore
    around: Surroundings
    resources: Resources
    clock: Clock
    owner: str
    ttl: timedelta
    chance: Callable[[], float]
    workers: int = 1
    watcher: Watcher | None = None
    #: Set when the run is to start nothing more.
    stopping: threading.Event = field(default_factory=threading.Event)
    #: Set when running bodies are to end too.
    stopping_now: threading.Event = field(default_factory=threading.Event)
    #: Set when the run is closed.
    closed: threading.Event = field(default_factory=threading.Event)
    lost: set[tuple[str, str]] = field(default_factory=set)
    _fan_outs: list[Helpable] = field(default_factory=list)
    _bodies: set[int] = field(default_factory=set)
    _bell: threading.Condition = field(default_factory=threading.Condition)
    #: Takes secret parameters out of what is written down.
    veil: Veil = field(init=False)

    def __post_init__(self) -> None:
        self.veil = Veil.over(self.run.params)

    def event(self, kind: EventKind, task: str | None = None, **facts: Any) -> Event:
        """Return a fact about this run, as of now."""
        return Event(kind, self.clock.now(), self.run.run_id, task, facts)

    def holds(self, claim: Claim) -> bool:
        """Whether this process still has the right to carry the claim out, as far as it knows."""
        return (claim.run_id, claim.task) not in self.lost

    def results(self, task: str) -> Any:
        """Return what a task returned when it last completed.

        Raises:
            UsageError: It has not completed in this partition.
        """
        self.catch_up([task])
        completion = self.around.completions.get(task)
        if completion is None:
            raise UsageError(f"task `{task}` has no result yet", hint="add it to `depends_on`")
        return from_json(completion.result) if completion.facts.get("packed") else completion.result

    def catch_up(self, tasks: Iterable[str]) -> None:
        """Read again those completions that are not of this run: other processes may have recorded newer ones."""
        known = self.around.completions
        behind = [name for name in tasks if name not in known or known[name].run_id != self.run.run_id]
        if behind:
            known.update(self.store.load_completions(self.run.pipeline, self.run.partition, tasks=behind))

    @contextmanager
    def completing(self, task: str, completion: Completion | None) -> Iterator[None]:
        """Make a completion known here before the store lets a dependent task go; undo it on failure."""
        known = self.around.completions
        before = known.get(task)
        if completion is not None:
            known[task] = completion
        try:
            yield
        except BaseException:
            if completion is not None:
                known.pop(task)
                known.update({} if before is None else {task: before})
            raise

    def stop(self, signal: RunSignal) -> None:
        """Start nothing more; with CANCEL_NOW end running bodies too."""
        self.stopping.set()
        if signal is RunSignal.CANCEL_NOW and not self.stopping_now.is_set():
            self.stopping_now.set()
            self.resources.interrupt()
            for ident in tuple(self._bodies):
                if ident != threading.get_ident():  # a signal handler raises it by itself, where it is called
                    stop_thread(ident)
        self.ring()

    @contextmanager
    def opened(self, fan_out: Helpable) -> Iterator[None]:
        """Let idle workers of this process help with a fan-out meanwhile."""
        self._fan_outs.append(fan_out)
        self.ring()
        try:
            yield
        finally:
            self._fan_outs.remove(fan_out)

    def find_fan_out(self) -> Helpable | None:
        """Return a fan-out that an idle worker may help with."""
        return self._fan_outs[0] if self._fan_outs else None

    def enter_body(self) -> None:
        """Note that this thread runs a body."""
        self._bodies.add(threading.get_ident())

    def leave_body(self) -> None:
        """Note that this thread's body is over."""
        self._bodies.discard(threading.get_ident())

    def in_body(self) -> bool:
        """Whether this very thread runs a body."""
        return threading.get_ident() in self._bodies

    def ring(self) -> None:
        """Wake the workers that wait for something to do."""
        with self._bell:
            self._bell.notify_all()

    def wait(self, longest: timedelta) -> None:
        """Wait until something may have changed; a lone worker waits on the run's clock."""
        if self.workers == 1:
            self.clock.sleep(longest)
            return
        with self._bell:
            self._bell.wait(longest.total_seconds())
