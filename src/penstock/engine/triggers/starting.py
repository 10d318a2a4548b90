"""Decides what a claimed firing needs: a new run, an old one to go on with, patience, or nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from penstock.engine.engine import Engine
from penstock.engine.events import EventKind
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import RunStatus
from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from penstock.engine.triggers.launch import Ending, Launch, Order
from penstock.engine.view import RunView
from penstock.errors import PenstockError

#: How often a run whose processes die is gone on with.
MOST_RESUMES = 3
#: How long a firing of a paused deployment waits until it is looked at again.
_PAUSED = timedelta(seconds=60)
#: How long a firing waits for a run of the same scheduler, which looks again as soon as that has ended.
_SOON = timedelta(milliseconds=100)
_STOPPED = "stopped with the scheduler; goes on with the next one"
_PAGE = 1000


class Step(NamedTuple):
    """How a claimed firing goes on: it ended, or it is PENDING again after a wait."""

    status: FiringStatus
    message: str | None = None
    wait: timedelta | None = None
    is_paused: bool = False


class Decision(NamedTuple):
    """An order to be carried out; without one, the step."""

    order: Order | None
    step: Step = Step(FiringStatus.PENDING)


class Starter:
    """Decides about firings, and launches what they need."""

    def __init__(self, engine: Engine, launch: Launch, retry: timedelta) -> None:
        self._engine = engine
        self._store = engine.store
        self._retry = retry
        self.launch: Launch = launch

    def place_of(self, firing: Firing, known: Mapping[str, StoredDeployment]) -> tuple[str, str]:
        """Return the pipeline and the partition a firing is about; the firing's own place when that cannot be told."""
        deployment = known.get(firing.deployment)
        try:
            if deployment is not None:
                pipeline = self._engine.pipeline(deployment.pipeline)
                return pipeline.name, pipeline.partition(pipeline.resolve(firing.params))
        except PenstockError:
            pass
        return firing.deployment, firing.key

    def decide(self, firing: Firing, deployment: StoredDeployment | None, *, is_busy: bool) -> Decision:
        """Return what a firing needs that was just claimed.

        Args:
            is_busy: Whether this scheduler has something running, or waiting, in the same place.
        """
        run = self._find_run(firing)
        if run is not None:
            return self._decide_known(firing, run)
        if deployment is None:
            return Decision(None, Step(FiringStatus.FAILED, "the deployment was removed"))
        if deployment.is_paused:
            return Decision(None, Step(FiringStatus.PENDING, "the deployment is paused", _PAUSED, is_paused=True))
        pipeline, partition = self.place_of(firing, {deployment.name: deployment})
        told = f"another run of `{pipeline}` goes on"
        if is_busy:
            return Decision(None, Step(FiringStatus.PENDING, told, _SOON))
        if self._is_taken(pipeline, partition):
            return Decision(None, self._wait(told))
        request = RunRequest(
            deployment.pipeline,
            params=firing.params,
            cause=firing.cause,
            deployment=deployment.deployment,
            run_id=firing.run_id,
        )
        return Decision(Order(request))

    def _decide_known(self, firing: Firing, run: RunView) -> Decision:
        was_stopped = run.status is RunStatus.CANCELLED and firing.message == _STOPPED
        if run.status is not RunStatus.ABANDONED and not was_stopped:
            return Decision(None, self._step_of(run))
        if was_stopped or self._count_resumes(firing) < MOST_RESUMES:
            return Decision(Order(resume=firing.run_id))
        message = f"its process died {MOST_RESUMES + 1} times"
        return Decision(None, Step(FiringStatus.FAILED, message))

    def judge(self, firing: Firing, ending: Ending, *, is_stopping: bool) -> Step:
        """Return how a firing goes on whose launch ended."""
        run = self._find_run(firing)
        if is_stopping and (run is None or run.status in (RunStatus.CANCELLED, RunStatus.ABANDONED)):
            return Step(FiringStatus.PENDING, _STOPPED)
        if run is not None and run.status is RunStatus.CANCELLED and firing.message == _STOPPED and ending.is_conflict:
            return self._wait(ending.message)._replace(message=_STOPPED)
        if run is not None:
            return self._step_of(run)
        if ending.is_conflict:
            return self._wait(ending.message)
        if ending.is_crash and firing.token <= MOST_RESUMES:
            return self._wait(ending.message)
        return Step(FiringStatus.FAILED, ending.message or "nothing was started")

    def _step_of(self, run: RunView) -> Step:
        if run.status is RunStatus.COMPLETED:
            return Step(FiringStatus.COMPLETED)
        if run.status is RunStatus.RUNNING:
            return self._wait(f"run {run.run.run_id} goes on elsewhere")
        if run.status is RunStatus.ABANDONED:
            return self._wait(f"the process of run {run.run.run_id} died")
        failed = next((task for task in run.failed if task.failure), None)
        why = f": task `{failed.name}`: {failed.failure.message}" if failed and failed.failure else ""
        return Step(FiringStatus.FAILED, f"run {run.run.run_id} {run.status.value}{why}")

    def _wait(self, message: str | None) -> Step:
        return Step(FiringStatus.PENDING, message, self._retry)

    def _find_run(self, firing: Firing) -> RunView | None:
        run = self._store.find_run(firing.run_id)
        return self._engine.view(run.run_id) if run is not None and run.run_id == firing.run_id else None

    def _is_taken(self, pipeline: str, partition: str) -> bool:
        alive = self._store.list_runs(pipeline=pipeline, partition=partition, status=RunStatus.RUNNING)
        return any(self._engine.view(run.run_id).status is RunStatus.RUNNING for run in alive)

    def _count_resumes(self, firing: Firing) -> int:
        count = seq = 0
        while page := self._store.read_events(run_id=firing.run_id, after=seq, limit=_PAGE):
            count += sum(event.kind is EventKind.RUN_RESUMED for event in page)
            seq = page[-1].seq
        return count
