"""Lets one run of a pipeline be alive per partition, and clears away what dead processes left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from penstock.engine.state.records import Run, RunSignal, RunStatus
from penstock.engine.state.store import StateStore
from penstock.errors import ConflictError
from penstock.kit.clock import Clock
from penstock.kit.durations import format_duration
from penstock.kit.process import describe, is_gone

#: Tells apart the pieces of work of one process, whichever engine does them.
_NUMBERS = count(1)


class PipelineGuard:
    """Holds the lease on a pipeline's partition while this process works on it.

    Args:
        tell: Called with the name of a pipeline whose run was found dead and closed: whoever shows it is to be told.
    """

    def __init__(
        self, store: StateStore, clock: Clock, process: str, ttl: timedelta, tell: Callable[[str], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._process = process
        self._ttl = ttl
        self._tell = tell

    @contextmanager
    def hold(self, pipeline: str, partition: str) -> Iterator[str]:
        """Hold the pipeline's partition for the time of a `with` block, under the owner's name that is yielded.

        A run's heartbeat keeps what its owner holds. Runs whose processes are dead are closed as abandoned first.

        Raises:
            ConflictError: A living process holds it.
        """
        owner = f"{self._process}#{next(_NUMBERS)}"
        self._clear_dead(pipeline, partition)
        if not self._acquire(f"pipeline {pipeline} {partition}", owner):
            raise self._conflict(pipeline, partition)
        try:
            yield owner
        finally:
            self._store.extend_leases(owner, self._clock.now(), timedelta(0))

    def _acquire(self, name: str, owner: str) -> bool:
        lease = self._store.acquire_lease(name, owner, self._clock.now(), self._ttl)
        if lease.owner != owner and is_gone(lease.owner):
            self._store.extend_leases(lease.owner, self._clock.now(), timedelta(0))
            lease = self._store.acquire_lease(name, owner, self._clock.now(), self._ttl)
        return lease.owner == owner

    def _clear_dead(self, pipeline: str, partition: str) -> None:
        now = self._clock.now()
        dead = [run for run in self._alive(pipeline, partition) if is_dead(run, now)]
        for run in dead:
            self._store.extend_leases(run.owner, now, timedelta(0), [])
            self._store.signal_run(run.run_id, RunSignal.ABANDON, now, self._process, self._ttl)
        if dead:
            self._tell(pipeline)

    def _alive(self, pipeline: str, partition: str) -> list[Run]:
        return self._store.list_runs(pipeline=pipeline, partition=partition, status=RunStatus.RUNNING, limit=1000)

    def _conflict(self, pipeline: str, partition: str) -> ConflictError:
        now = self._clock.now()
        what = f"`{pipeline}`" + (f" ({partition})" if partition else "")
        for run in self._alive(pipeline, partition):
            age = format_duration(max(timedelta(0), now - run.created_at))
            return ConflictError(
                f"run `{run.run_id}` of {what} has been running for {age}, in {describe(run.owner)}",
                hint=f"follow it: `penstock logs {run.run_id} --follow`; end it: `penstock cancel {run.run_id}`",
            )
        return ConflictError(f"another process is working on {what}", hint="try again in a moment")


def is_dead(run: Run, now: datetime) -> bool:
    """Whether nobody works on a run that is not over: its time ran out, or its process is known to be gone."""
    return run.status is RunStatus.RUNNING and (run.alive_until < now or is_gone(run.owner))
