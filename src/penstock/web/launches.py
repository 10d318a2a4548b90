"""The runs this server started: each is a process of its own, which goes on when the server ends."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from penstock.engine.planning.request import RunRequest
from penstock.engine.triggers.launch import Ending, Launch, Launched, Order
from penstock.kit.clock import Clock
from penstock.kit.ids import IdSource

#: So many ended launches are remembered, to tell why a run never appeared.
_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Started:
    """A launch and what is known of it.

    Args:
        ending: None while its process lives.
    """

    launched: Launched
    ending: Ending | None = None


class Launches:
    """Starts runs and remembers how their processes ended. Safe to use from several threads."""

    def __init__(self, launch: Launch, clock: Clock, ids: IdSource | None = None) -> None:
        self._launch = launch
        self._clock = clock
        self._ids = ids or IdSource()
        self._started: dict[str, Started] = {}
        self._lock = threading.Lock()

    def run(self, request: RunRequest) -> str:
        """Start a new run, and return the id it is going to have."""
        run_id = self._new_id()
        self._start(run_id, Order(replace(request, run_id=run_id)))
        return run_id

    def resume(self, run_id: str) -> None:
        """Go on with a run."""
        self._start(run_id, Order(resume=run_id))

    def retry(self, run_id: str, *, opens_new_run: bool) -> str:
        """Try again what failed in a run; return the id of the run that does so: this one, or a new one."""
        new_id = self._new_id() if opens_new_run else None
        self._start(new_id or run_id, Order(retry=run_id, new_id=new_id))
        return new_id or run_id

    def _new_id(self) -> str:
        with self._lock:
            return self._ids.new(self._clock.now())

    def _start(self, run_id: str, order: Order) -> None:
        launched = self._launch(order)
        with self._lock:
            self._started[run_id] = Started(launched)
            for old in list(self._started)[:-_REMEMBERED]:
                if self._started[old].ending is not None:
                    del self._started[old]

    def find(self, run_id: str) -> Started | None:
        """Return what is known of the launch for this run; None when this server started none."""
        self.look()
        return self._started.get(run_id)

    def look(self) -> Mapping[str, Started]:
        """Return every launch by run, those that ended since the last look with their ending."""
        with self._lock:
            for run_id, started in self._started.items():
                if started.ending is None and (ending := started.launched.poll()) is not None:
                    self._started[run_id] = replace(started, ending=ending)
            return dict(self._started)
