"""Starts runs and drives them: writes a plan down as a run, and has an executor work on it until it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.events import Event, EventKind
from penstock.engine.execution.context import DataHome
from penstock.engine.execution.executors import EXECUTORS
from penstock.engine.execution.heartbeat import Heartbeat
from penstock.engine.execution.session import Session, Watcher
from penstock.engine.planning.plan import Action, Plan
from penstock.engine.planning.planner import Surroundings
from penstock.engine.state.records import NewRun, NewTaskRun, Run, RunSignal, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.errors import StopBody, UsageError
from penstock.kit.clock import Clock
from penstock.kit.ids import IdSource
from penstock.kit.spelling import did_you_mean
from penstock.kit.veil import Veil


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where bodies run: the executor, and how many of them at once."""

    executor: str
    workers: int

    @classmethod
    def of(cls, executor: str | None, workers: int | None, pipeline: Pipeline) -> Workplace:
        """Return the workplace asked for; where nobody asks, the one the pipeline declares.

        Raises:
            UsageError: There is no such executor.
        """
        if executor is None:
            executor = "threads" if (pipeline.workers or 1) > 1 else "inline"
        if executor not in EXECUTORS:
            raise UsageError(f"there is no executor `{executor}`", hint=did_you_mean(executor, EXECUTORS))
        return cls(executor, 1 if executor == "inline" else workers or pipeline.workers or 2)


class Runner:
    """Drives one run at a time in this process.

    Args:
        chance: Returns a random number from 0 to 1.
        ttl: How long a lease lasts without a heartbeat.
    """

    def __init__(
        self,
        *,
        store: StateStore,
        data: DataHome,
        clock: Clock,
        ids: IdSource,
        chance: Callable[[], float],
        ttl: timedelta,
    ) -> None:
        self._store = store
        self._data = data
        self._clock = clock
        self._ids = ids
        self._chance = chance
        self._ttl = ttl
        self._session: Session | None = None

    def start(self, plan: Plan, around: Surroundings, owner: str) -> tuple[Run, tuple[NewTaskRun, ...]]:
        """Write a plan down as a run with all its task runs, in one transaction."""
        now = self._clock.now()
        new = NewRun(
            run_id=plan.request.run_id or self._ids.new(now),
            pipeline=plan.request.pipeline,
            partition=plan.partition,
            params=around.storable_params,
            cause=Veil.over(around.storable_params).command(plan.request.cause),
            created_at=now,
            continue_on_failure=plan.request.continue_on_failure,
            tasks=_new_task_runs(plan, around.pipeline),
            deployment=plan.request.deployment,
        )
        facts = {"pipeline": new.pipeline, "partition": new.partition, "tasks": len(new.tasks), "cause": new.cause}
        if new.deployment:
            facts["deployment"] = new.deployment
        started = Event(EventKind.RUN_STARTED, now, new.run_id, facts=facts)
        return self._store.create_run(new, owner, self._ttl, [started]), new.tasks

    def drive(
        self, run: Run, around: Surroundings, owner: str, place: Workplace, watcher: Watcher | None = None
    ) -> None:
        """Work on a run until it is over or told to stop."""
        session = Session(
            run=run,
            pipeline=around.pipeline,
            store=self._store,
            around=around,
            resources=self._data.resources_for(around.pipeline),
            clock=self._clock,
            owner=owner,
            ttl=self._ttl,
            chance=self._chance,
            workers=place.workers,
            watcher=watcher,
        )
        self._session = session
        try:
            with Heartbeat(session):
                import_module(f"penstock.engine.execution.executors.{place.executor}").drive(session)
        finally:
            self._session = None
        if session.stopping.is_set():
            signal = RunSignal.CANCEL_NOW if session.stopping_now.is_set() else RunSignal.CANCEL
            self._store.signal_run(run.run_id, signal, self._clock.now(), owner, self._ttl)

    def request_stop(self) -> None:
        """Tell the run to stop: at the first call it starts nothing more, at the second running bodies are ended.

        Raises:
            StopBody: At the second call, where that is made in the very thread that runs a body.
            KeyboardInterrupt: Nothing is being run.
        """
        session = self._session
        if session is None:
            raise KeyboardInterrupt
        if session.stopping.is_set():
            session.stop(RunSignal.CANCEL_NOW)
            if session.in_body():
                raise StopBody
        session.stop(RunSignal.CANCEL)


def _new_task_runs(plan: Plan, pipeline: Pipeline) -> tuple[NewTaskRun, ...]:
    waiting = {decision.task for decision in plan.decisions if decision.action is not Action.SKIP}
    distinct = {id(decision.reason): decision.reason for decision in plan.decisions}
    reasons = {key: reason.as_json() for key, reason in distinct.items()}
    return tuple(
        NewTaskRun(
            task=decision.task,
            status=TaskStatus.PENDING if decision.task in waiting else TaskStatus.SKIPPED,
            action=decision.action.value,
            reason=reasons[id(decision.reason)],
            upstream=_waited_for(decision.task, waiting, pipeline),
        )
        for decision in plan.decisions
    )


def _waited_for(task: str, waiting: set[str], pipeline: Pipeline) -> tuple[str, ...]:
    if task not in waiting:
        return ()
    return tuple(name for name in pipeline.graph.upstream(task) if name in waiting)
