"""Answers every question about past and present runs, from the state store alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from penstock.engine.definition.registry import Registry
from penstock.engine.events import Event, EventKind
from penstock.engine.reading import RunReader
from penstock.engine.state.records import TESTED, Attempt, ItemStatus, Mark, RunStatus
from penstock.engine.state.store import StateStore
from penstock.engine.survey.comparison import Comparison, compare_runs
from penstock.engine.survey.grid import Grid, read_grid
from penstock.engine.survey.items import ItemPage, read_items
from penstock.engine.survey.pages import RunPage, RunSearch
from penstock.engine.survey.timing import TaskTime, read_times
from penstock.engine.survey.workers import Worker, list_workers
from penstock.engine.view import TaskView
from penstock.errors import UsageError
from penstock.kit.clock import Clock
from penstock.kit.spelling import did_you_mean


class RunSurvey:
    """Reads runs for faces that show them; changes nothing.

    Wherever a run is named, the beginning of its id will do, and `last` is the newest one.
    """

    def __init__(self, store: StateStore, registry: Registry, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._reader = RunReader(store, clock)

    def runs(
        self,
        *,
        pipeline: str | None = None,
        status: RunStatus | None = None,
        deployment: str | None = None,
        text: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> RunPage:
        """Return runs, newest first, without their tasks.

        Args:
            status: As a person reads it: dead runs are ABANDONED, never RUNNING.
            deployment: Name of a deployment; empty for runs that belong to none.
            text: Only runs that hold this text in id, cause, parameters or partition, in any case of letters.
            before: Only runs older than this one.

        Raises:
            UsageError: There is no run `before`.
        """
        search = RunSearch(pipeline=pipeline, status=status, deployment=deployment, text=text or "")
        older_than = None if before is None else self._reader.get_run(before).run_id
        return search.page(self._store, self._reader, older_than, limit)

    def grid(self, pipeline: str, runs: int = 20) -> Grid | None:
        """Return the status of each task in the last runs; None for a pipeline of too many tasks to show so.

        Raises:
            UsageError: There is no such pipeline.
        """
        return read_grid(self._store, self._reader, self._registry.get(pipeline), runs)

    def durations(self, pipeline: str, task: str, limit: int = 30) -> tuple[TaskTime, ...]:
        """Return the newest task runs whose body really ran, newest first.

        Raises:
            UsageError: There is no such pipeline or task.
        """
        known = self._registry.get(pipeline)
        return read_times(self._store, self._reader, known.name, known.task(task).name, limit)

    def task(self, run_id: str, task: str) -> TaskView:
        """Return one task of a run.

        Raises:
            UsageError: There is no such run, or no such task in it.
        """
        view = self._reader.view(self._reader.get_run(run_id), tasks=[task])
        for one in view.tasks:
            return one
        known = [one.task for one in self._store.list_task_runs(view.run.run_id)]
        raise UsageError(f"run `{view.run.run_id}` has no task `{task}`", hint=did_you_mean(task, known))

    def attempts(self, run_id: str, task: str) -> tuple[Attempt, ...]:
        """Return every attempt of a task in a run, oldest first.

        Raises:
            UsageError: There is no such run, or no such task in it.
        """
        run_id = self.task(run_id, task).run_id
        (record,) = self._store.list_task_runs(run_id, tasks=[task])
        return record.attempts

    def events(
        self,
        run_id: str,
        task: str | None = None,
        kinds: Collection[EventKind] = (),
        *,
        after: int = 0,
        before: int | None = None,
        newest: bool = False,
        limit: int = 500,
    ) -> list[Event]:
        """Return up to `limit` facts of a run in rising order: the first ones behind `after`, or the newest.

        Raises:
            UsageError: There is no such run.
        """
        run_id = self._reader.get_run(run_id).run_id
        return self._store.read_events(
            run_id=run_id, task=task, kinds=kinds, after=after, before=before, newest=newest, limit=limit
        )

    def last_seq(self) -> int:
        """Return the sequence number of the newest fact; 0 before the first."""
        newest = self._store.read_events(newest=True, limit=1)
        return newest[-1].seq if newest else 0

    def items(
        self,
        run_id: str,
        task: str,
        *,
        status: ItemStatus | None = None,
        error: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> ItemPage:
        """Return items of a fan-out by key, from behind the key `after`.

        Args:
            error: Class name of a failure: only items that hold one of it.

        Raises:
            UsageError: There is no such run, or it has no such fan-out.
        """
        run_id = self._reader.get_run(run_id).run_id
        return read_items(self._store, run_id, task, status=status, error=error, after=after, limit=limit)

    def item_errors(self, run_id: str, task: str) -> Mapping[str, int]:
        """Return how many items of a fan-out hold a failure, by its class name, the most frequent first.

        Raises:
            UsageError: There is no such run.
        """
        return self._store.count_item_errors(self._reader.get_run(run_id).run_id, task)

    def compare(self, first: str, second: str) -> Comparison:
        """Return how two runs of one pipeline differ.

        Raises:
            UsageError: There is no such run, or they are of different pipelines.
        """
        return compare_runs(self._store, self._reader, first, second)

    def workers(self, now: datetime) -> tuple[Worker, ...]:
        """Return the processes that hold runs, task runs or leases, with what each holds; dead ones too."""
        return list_workers(self._store, now)

    def marks(self, pipeline: str) -> tuple[Mark, ...]:
        """Return the marks on the tasks of a pipeline, by task and name; those of tasks that are gone are left out.

        Raises:
            UsageError: There is no such pipeline.
        """
        known = self._registry.get(pipeline)
        return tuple(mark for mark in self._store.list_marks(known.name) if mark.task in known.tasks)

    def is_tested(self, pipeline: str, task: str) -> bool:
        """Whether a person marked the task as tested.

        Raises:
            UsageError: There is no such pipeline or task.
        """
        name = self._registry.get(pipeline).task(task).name
        return any(mark.task == name and mark.name == TESTED and bool(mark.value) for mark in self.marks(pipeline))
