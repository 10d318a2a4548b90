"""Follows the ends of runs in the event log: which are failures, and which end a time of failing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from penstock.engine.engine import Engine
from penstock.engine.events import Event, EventKind
from penstock.engine.guard import is_dead
from penstock.engine.state.records import Run, RunStatus
from penstock.kit.jsonable import to_json
from penstock.notify.channel import Channel
from penstock.notify.message import Message
from penstock.notify.telling import Telling

#: How long a run has to look dead before that is told: a scheduler may take it over, a sleeping machine wake up.
DEATH_GRACE_S = 60
_BAD = (RunStatus.FAILED, RunStatus.ABANDONED)
_KINDS = (EventKind.RUN_FINISHED, EventKind.RUN_RESUMED)
_PAGE = 1000
#: Of runs that are alive, or of past ones at the beginning, so many are looked at.
_RUNS = 1000
#: Places that fail and never recover are forgotten beyond this number, the oldest first.
_MOST_PLACES = 1000


def newest_seq(engine: Engine) -> int:
    """Return the position of the last fact of the event log."""
    newest = engine.store.read_events(newest=True, limit=1)
    return newest[-1].seq if newest else 0


@dataclass(frozen=True, slots=True)
class EndFollower:
    """Follows the ends of the runs one channel is told about.

    Args:
        failing: See `Progress`; changed by following.
        dead: See `Progress`; changed by following.
    """

    engine: Engine
    channel: Channel
    telling: Telling
    failing: dict[str, Any]
    dead: dict[str, Any]

    def begin(self, now: datetime) -> None:
        """Note what fails at present; none of it is told, but its recovery will be."""
        places: dict[str, list[Run]] = {}
        for run in self.engine.store.list_runs(limit=_RUNS):
            if self.channel.follows(run.pipeline):
                places.setdefault(_place(run), []).append(run)
        for runs in places.values():
            for run in reversed(_streak(runs, now)):
                self._note_failure(run, run.finished_at or now)
                if is_dead(run, now):
                    self.dead[run.run_id] = {"since": now.isoformat(), "told": True}

    def follow(self, after: int, until: int) -> Iterator[Message]:
        """Yield a message for every failure and recovery behind a position, up to another one."""
        for event in self._events(after, until):
            if event.kind is EventKind.RUN_RESUMED:
                self.dead.pop(event.run_id, None)
                continue
            run = self.engine.store.find_run(event.run_id)
            if run is not None and self.channel.follows(run.pipeline):
                yield from self._ended(run, event)

    def _events(self, after: int, until: int) -> Iterable[Event]:
        while page := self.engine.store.read_events(kinds=_KINDS, after=after, before=until + 1, limit=_PAGE):
            yield from page
            after = page[-1].seq

    def _ended(self, run: Run, event: Event) -> Iterator[Message]:
        status = RunStatus(event.facts["status"])
        was_told = self.dead.pop(run.run_id, {}).get("told", False)
        if status in _BAD and not (was_told and status is RunStatus.ABANDONED):
            self._note_failure(run, event.at)
            yield self.telling.failure(run, status, event.at, str(event.seq))
        elif status is RunStatus.COMPLETED and (failing := self.failing.pop(_place(run), None)):
            yield self.telling.recovery(run, event.at, str(event.seq), failing)

    def look_for_dead(self, now: datetime) -> Iterator[Message]:
        """Yield a message for every run whose process died and that nobody took over."""
        alive = self.engine.store.list_runs(status=RunStatus.RUNNING, limit=_RUNS)
        runs = {run.run_id: run for run in alive if is_dead(run, now) and self.channel.follows(run.pipeline)}
        for run_id in [one for one, seen in self.dead.items() if one not in runs and self._is_over(one, seen)]:
            del self.dead[run_id]
        for run_id, run in runs.items():
            seen = self.dead.setdefault(run_id, {"since": now.isoformat(), "told": False})
            waited = (now - datetime.fromisoformat(seen["since"])).total_seconds()
            if not seen["told"] and waited >= DEATH_GRACE_S:
                self.dead[run_id] = {**seen, "told": True}
                self._note_failure(run, now)
                yield self.telling.failure(run, RunStatus.ABANDONED, now, f"died/{run.alive_until:%Y%m%dT%H%M%S.%fZ}")

    def _is_over(self, run_id: str, seen: dict[str, Any]) -> bool:
        """Whether nothing more is expected of a run that looked dead: what was told of waits for its end in the log."""
        run = self.engine.store.find_run(run_id)
        return not seen["told"] or run is None or run.status is RunStatus.RUNNING

    def _note_failure(self, run: Run, at: datetime) -> None:
        first: dict[str, Any] = {"since_run": run.run_id, "since_at": at.isoformat(), "failures": 0}
        noted = self.failing.pop(_place(run), first)
        self.failing[_place(run)] = {**noted, "failures": noted["failures"] + 1}
        while len(self.failing) > _MOST_PLACES:
            del self.failing[next(iter(self.failing))]


def _place(run: Run) -> str:
    return to_json([run.pipeline, run.partition, run.deployment])


def _streak(runs: list[Run], now: datetime) -> list[Run]:
    """Return the failures behind the last completed run of a place, newest first."""
    found: list[Run] = []
    for run in runs:
        if run.status is RunStatus.COMPLETED:
            break
        if run.status in _BAD or is_dead(run, now):
            found.append(run)
    return found
