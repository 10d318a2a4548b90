"""The engine: the only door for the faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.registry import Registry
from penstock.engine.definition.task import dataset_name
from penstock.engine.events import Event, EventKind
from penstock.engine.execution.context import DataHome, Resources
from penstock.engine.execution.runner import Runner, Workplace
from penstock.engine.guard import PipelineGuard
from penstock.engine.planning.code import CodeReader
from penstock.engine.planning.forecast import SourceForecast, forecast_calls
from penstock.engine.planning.plan import Plan, SavedPlan
from penstock.engine.planning.planner import Surroundings, make_plan
from penstock.engine.planning.request import RunRequest
from penstock.engine.reading import RunReader, nothing_ran
from penstock.engine.state.records import (
    Collected,
    Mark,
    Retention,
    Run,
    RunSignal,
    RunStatus,
    TaskStatus,
)
from penstock.engine.state.store import StateStore
from penstock.engine.view import RunView, TaskView
from penstock.errors import StalePlanError, UsageError
from penstock.kit.chance import any_chance
from penstock.kit.clock import Clock, SystemClock
from penstock.kit.ids import IdSource
from penstock.kit.jsonable import from_json
from penstock.kit.process import own_name

if TYPE_CHECKING:
    from penstock.engine.statusfile import StatusFiles
    from penstock.engine.survey.run_survey import RunSurvey

EXECUTORS = ("inline", "threads", "processes")


@dataclass(frozen=True, slots=True)
class StoredGlance:
    """What a task's forecast may look at."""

    params: Mapping[str, Any]
    data: DataHome

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a read-only statement; none while a table it names does not exist."""
        return self.data.query(sql, params or {})


@dataclass(frozen=True, slots=True)
class ResetReport:
    """What a reset did.

    Args:
        forgotten: How many tasks will run again.
        tables: Rows removed, by table.
    """

    forgotten: int
    tables: Mapping[str, int]


class Engine:
    """Plans, runs, resumes, explains.

    Args:
        ttl: How long a dead process's work stays claimed when nobody can tell that it is dead.
        owner: Name of this process; another process of the same machine can tell from it whether this one lives.
    """

    def __init__(
        self,
        *,
        store: StateStore,
        registry: Registry,
        data: DataHome,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        chance: Callable[[], float] | None = None,
        ttl: timedelta = timedelta(seconds=15),
        retention: Retention | None = None,
        owner: str | None = None,
    ) -> None:
        self.store = store
        self.registry = registry
        self.data = data
        self.clock = clock or SystemClock()
        self.owner = owner or own_name()
        self._ttl = ttl
        self._retention = retention or Retention()
        self._runner = Runner(
            store=store,
            data=data,
            clock=self.clock,
            ids=ids or IdSource(),
            chance=chance or any_chance,
            ttl=ttl,
        )
        self._guard = PipelineGuard(store, self.clock, self.owner, ttl, self._tell_status)
        self._reader = RunReader(store, self.clock)
        self._code = CodeReader()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What exists ----------------------------------------------------------------------------------------

    def pipeline(self, name: str) -> Pipeline:
        """Return the pipeline of this name.

        Raises:
            UsageError: There is none.
        """
        return self.registry.get(name)

    # What would run, and why ----------------------------------------------------------------------------

    def plan(self, request: RunRequest) -> Plan:
        """Return what a request would do; nothing is changed.

        Raises:
            UsageError: The pipeline, a parameter or a selector is unknown.
            SourceError: An input cannot be read.
        """
        return make_plan(request, self._surroundings(self.pipeline(request.pipeline), request.params))

    def forecast(self, plan: Plan) -> tuple[SourceForecast, ...]:
        """Return how many calls a plan is going to make to each source, and how long they take within its limits."""
        pipeline = self.pipeline(plan.request.pipeline)
        if not any(task.sources for task in pipeline.tasks.values()):
            return ()
        glance = StoredGlance(plan.params, self.data)
        budgets, now = self.store.list_budgets(), self.clock.now()
        return forecast_calls(plan, pipeline, glance, budgets=budgets, now=now, windows_of=self.data.windows_of)

    def why(self, pipeline: str, task: str | None = None, params: Mapping[str, Any] | None = None) -> list[TaskView]:
        """Return the newest recorded decision of a task, or of every task, with its reason.

        Raises:
            UsageError: The pipeline or the task is unknown.
        """
        known = self.pipeline(pipeline)
        wanted = [known.task(task).name] if task else list(known.graph.order)
        partition = known.partition(known.resolve_partition(params)) if params else None
        return self._reader.newest_decisions(known.name, partition, wanted)

    # Doing ----------------------------------------------------------------------------------------------

    def run(self, request: RunRequest, *, executor: str | None = None, workers: int | None = None) -> RunView:
        """Plan a request and work on it until it is over.

        Raises:
            UsageError: The request names something unknown.
            SourceError: An input cannot be read; nothing was started.
            ConflictError: Another run of the pipeline is alive in this partition.
        """
        pipeline = self.pipeline(request.pipeline)
        partition = pipeline.partition(pipeline.resolve(request.params))
        with self._guard.hold(pipeline.name, partition) as owner:
            around = self._surroundings(pipeline, request.params)
            return self._start(make_plan(request, around), around, owner, Workplace.of(executor, workers, pipeline))

    def apply(self, saved: SavedPlan, *, executor: str | None = None, workers: int | None = None) -> RunView:
        """Run a saved plan, if it still says what would happen.

        Raises:
            StalePlanError: Something changed since the plan was made; nothing was started.
        """
        pipeline = self.pipeline(saved.request.pipeline)
        with self._guard.hold(pipeline.name, pipeline.partition(pipeline.resolve(saved.request.params))) as owner:
            around = self._surroundings(pipeline, saved.request.params)
            plan = make_plan(saved.request, around)
            if plan.identity != saved.identity:
                raise StalePlanError(
                    f"the plan for `{pipeline.name}` is stale: something it was based on has changed since",
                    hint=f"look at the new one with `penstock plan {pipeline.name} …`",
                )
            return self._start(plan, around, owner, Workplace.of(executor, workers, pipeline))

    def resume(self, run_id: str, *, executor: str | None = None, workers: int | None = None) -> RunView:
        """Continue a run that failed, was cancelled or died: what is finished stays finished.

        Raises:
            UsageError: There is no such run, or it completed.
            ConflictError: It, or another run of its pipeline, is alive.
        """
        run = self._reader.get_run(run_id)
        if run.status is RunStatus.COMPLETED:
            raise UsageError(f"run `{run.run_id}` completed; there is nothing to resume")
        pipeline = self.pipeline(run.pipeline)
        self._refuse_renamed(run, pipeline)
        with self._guard.hold(pipeline.name, run.partition) as owner:
            now = self.clock.now()
            run = self.store.signal_run(run.run_id, RunSignal.RESUME, now, owner, self._ttl)
            self.store.append_events([Event(EventKind.RUN_RESUMED, now, run.run_id)])
            return self._drive(
                run, self._surroundings(pipeline, run.params), owner, Workplace.of(executor, workers, pipeline)
            )

    def retry(
        self, run_id: str, *, new_id: str | None = None, executor: str | None = None, workers: int | None = None
    ) -> RunView:
        """Try what failed in a run again: failed tasks, and failed items of fan-outs; completed items stay completed.

        Args:
            new_id: The id of the new run that a completed one takes.

        Raises:
            UsageError: There is no such run, or nothing in it failed.
            ConflictError: Another run of its pipeline is alive.
        """
        view = self.view(run_id)
        run, pipeline = view.run, self.pipeline(view.run.pipeline)
        if view.status is not RunStatus.COMPLETED:
            return self.resume(run.run_id, executor=executor, workers=workers)
        failed = tuple(task.name for task in view.tasks if task.items is not None and task.items.failed)
        if not failed:
            raise UsageError(f"nothing failed in run `{run.run_id}`")
        given = {name: value for name, value in run.params.items() if value is not None}
        below = tuple(f"{name}+" for name in failed)
        request = RunRequest(pipeline.name, given, tasks=below, cause=f"retry {run.run_id}", run_id=new_id)
        return self.run(request, executor=executor, workers=workers)

    def work(self, run_id: str, *, executor: str | None = None, workers: int | None = None) -> RunView:
        """Join in the work on a run that other processes may be working on too, until it is over.

        Raises:
            UsageError: There is no such run.
        """
        run = self._reader.get_run(run_id)
        pipeline = self.pipeline(run.pipeline)
        around = self._surroundings(pipeline, run.params)
        return self._drive(run, around, f"{self.owner}#{run.run_id}", Workplace.of(executor, workers, pipeline))

    def cancel(self, run_id: str, *, now: bool = False) -> RunView:
        """Tell a run, wherever it runs, to start nothing more; with `now`, to end running bodies too.

        Raises:
            UsageError: There is no such run.
        """
        run = self._reader.get_run(run_id)
        at = self.clock.now()
        signal = RunSignal.CANCEL_NOW if now else RunSignal.CANCEL
        if self._reader.status_of(run) is RunStatus.ABANDONED:
            signal = RunSignal.ABANDON
        self.store.append_events([Event(EventKind.RUN_CANCEL_REQUESTED, at, run.run_id, facts={"now": now})])
        self.store.signal_run(run.run_id, signal, at, self.owner, self._ttl)
        if signal is RunSignal.ABANDON:  # nobody works on it who would tell
            self._tell_status(run.pipeline)
        return self.view(run.run_id)

    def request_stop(self) -> None:
        """Tell the run this process works on to stop; safe in a signal handler.

        The first call lets running bodies finish. The second ends them, and raises `StopBody` where it was called.
        """
        self._runner.request_stop()

    # Reading --------------------------------------------------------------------------------------------

    def view(self, run_id: str) -> RunView:
        """Return a run with its tasks; `last` is the newest run, and the beginning of an id will do.

        Raises:
            UsageError: There is no such run, or several.
        """
        return self._reader.view(self._reader.get_run(run_id))

    def history(self, pipeline: str | None = None, limit: int = 20) -> list[RunView]:
        """Return runs, newest first, without their tasks."""
        return [
            RunView(run, self._reader.status_of(run), ())
            for run in self.store.list_runs(pipeline=pipeline, limit=limit)
        ]

    def result(self, pipeline: Pipeline, partition: str, task: str) -> Any:
        """Return what a task returned when it last completed in a partition.

        Raises:
            UsageError: It has not completed there.
        """
        completion = self.store.load_completions(pipeline.name, partition).get(task)
        if completion is None:
            raise UsageError(f"task `{task}` has no result yet", hint="add it to `depends_on`")
        return from_json(completion.result) if completion.facts.get("packed") else completion.result

    @property
    def survey(self) -> RunSurvey:
        """What faces ask beyond one run: lists, grids, histories, items, events, workers, differences, marks."""
        # Imported on use: a start that shows nothing pays nothing.
        from penstock.engine.survey.run_survey import RunSurvey

        return RunSurvey(self.store, self.registry, self.clock)

    # Upkeep ---------------------------------------------------------------------------------------------

    def reset(
        self, pipeline: str, params: Mapping[str, Any] | None = None, tasks: tuple[str, ...] = (), *, data: bool = False
    ) -> ResetReport:
        """Forget that tasks ever completed, so that they run next time; with `data`, remove the rows they made too.

        Args:
            params: Those that name the partition; None forgets all partitions, and removes no data if there are any.

        Raises:
            UsageError: The pipeline or a task is unknown, or data is to be removed without a partition.
            ConflictError: A run of the pipeline is alive in this partition.
        """
        known = self.pipeline(pipeline)
        names = [known.task(name).name for name in tasks] or list(known.tasks)
        has_partitions = any(param.partition for param in known.params)
        values = None if params is None and has_partitions else known.resolve_partition(params or {})
        if data and values is None:
            raise UsageError("removing data needs the parameters that name the partition")
        partition = None if values is None else known.partition(values)
        with self._guard.hold(known.name, partition or ""):
            tables: Mapping[str, int] = {}
            if data and values is not None:
                made = [dataset_name(output) for name in names for output in known.tasks[name].outputs]
                tables = self.data.drop(known, [name for name in made if name in known.datasets], values)
            forgotten = self.store.forget(known.name, partition, names)
        self._tell_status(known.name)
        return ResetReport(forgotten, tables)

    def set_mark(self, pipeline: str, task: str, name: str, value: Any) -> None:
        """Note something durable on a task, e.g. that a person tested it; it stays until it is set anew.

        Raises:
            UsageError: The pipeline or the task is unknown.
        """
        known = self.pipeline(pipeline)
        self.store.set_mark(Mark(known.name, known.task(task).name, name, value, self.clock.now()))
        self._tell_status(known.name)

    def gc(self, retention: Retention | None = None) -> Collected:
        """Remove old runs beyond the retention; done after every run too."""
        return self.store.gc(retention or self._retention, self.clock.now())

    def resources_for(self, pipeline: Pipeline) -> Resources:
        """Return what the pipeline's bodies may touch."""
        return self.data.resources_for(pipeline)

    def close(self) -> None:
        """Release files and connections."""
        self.data.close()
        self.store.close()

    def _refuse_renamed(self, run: Run, pipeline: Pipeline) -> None:
        for task in self.store.list_task_runs(run.run_id):
            if task.task not in pipeline.tasks and task.status not in (TaskStatus.COMPLETED, TaskStatus.SKIPPED):
                raise UsageError(
                    f"run `{run.run_id}` has a task `{task.task}`, which pipeline `{pipeline.name}` no longer has",
                    hint=f"start anew with `penstock run {pipeline.name}`: what is finished stays finished",
                )

    def _surroundings(self, pipeline: Pipeline, given: Mapping[str, Any]) -> Surroundings:
        params = pipeline.resolve(given)
        completions = self.store.load_completions(pipeline.name, pipeline.partition(params))
        return Surroundings(pipeline, params, completions, self.data, self._code)

    def _start(self, plan: Plan, around: Surroundings, owner: str, place: Workplace) -> RunView:
        run, tasks = self._runner.start(plan, around, owner)
        if not run.status.is_final:
            return self._drive(run, around, owner, place)
        self._tell_status(around.pipeline.name)
        self.gc()
        return nothing_ran(run, tasks)

    def _drive(self, run: Run, around: Surroundings, owner: str, place: Workplace) -> RunView:
        with self._status_files.of(around.pipeline) or nullcontext() as watcher:
            self._runner.drive(run, around, owner, place, watcher)
        self.gc()
        return self.view(run.run_id)

    @property
    def _status_files(self) -> StatusFiles:
        from penstock.engine.statusfile import StatusFiles

        return StatusFiles(self.store, self.registry, self.clock)

    def _tell_status(self, pipeline: str) -> None:
        self._status_files.tell(pipeline)
