"""Reads runs back for the faces: with true statuses, reasons, durations and the ledger's sums."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from penstock.engine.guard import is_dead
from penstock.engine.planning.reason import ReasonKind
from penstock.engine.state.records import ItemCounts, NewTaskRun, Run, RunStatus, TaskRun, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.engine.view import RunView, TaskView
from penstock.errors import UsageError
from penstock.kit.clock import Clock
from penstock.kit.placeholders import filled
from penstock.kit.veil import Veil

_DECISIVE_RUNS = 50


def nothing_ran(run: Run, tasks: Sequence[NewTaskRun]) -> RunView:
    """Return the view of a run that found every task fresh or not selected, without reading it back."""
    views = (
        TaskView(
            task.task, task.status, str(task.reason["sentence"]), task.reason, 0, None, None, None, None, run.run_id
        )
        for task in tasks
    )
    return RunView(run, run.status, tuple(views))


def _died(task: TaskView) -> TaskView:
    """Tell a task of a dead run as closing the run will: what was open is cancelled, items in hand wait again."""
    if task.status.is_final:
        return task
    items = task.items and task.items._replace(pending=task.items.pending + task.items.running, running=0)
    return task._replace(status=TaskStatus.CANCELLED, items=items, duration=None)


def _told(reason: Mapping[str, Any], params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a stored reason, datasets in its sentence named as in this run: with the values of its parameters."""
    sentence = str(reason.get("sentence", ""))
    return {**reason, "sentence": filled(sentence, params)} if "{" in sentence else reason


class RunReader:
    """Reads runs of one state store."""

    def __init__(self, store: StateStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def get_run(self, run_id: str) -> Run:
        """Return the run of this id, or beginning of an id; `last` is the newest.

        Raises:
            UsageError: There is none, or several begin like this.
        """
        if run_id == "last":
            runs = self._store.list_runs(limit=1)
            if not runs:
                raise UsageError("there are no runs yet", hint="start one with `penstock run PIPELINE`")
            return runs[0]
        run = self._store.find_run(run_id)
        if run is None:
            raise UsageError(f"there is no run `{run_id}`", hint="see them with `penstock history`")
        return run

    def status_of(self, run: Run) -> RunStatus:
        """Return where the run is: a run whose processes are dead is abandoned, whatever was last written."""
        return RunStatus.ABANDONED if is_dead(run, self._clock.now()) else run.status

    def view(self, run: Run, tasks: Collection[str] | None = None) -> RunView:
        """Return the run with its tasks, or with these only."""
        sums, _ = self._store.list_items(run.run_id, limit=0)
        status = self.status_of(run)
        records = self._store.list_task_runs(run.run_id, tasks=tasks)
        params = Veil.over(run.params).params
        views = tuple(self._task_view(record, sums.get(record.task), params) for record in records)
        if status is not run.status:
            views = tuple(map(_died, views))
        return RunView(run, status, views)

    def newest_decisions(self, pipeline: str, partition: str | None, tasks: Sequence[str]) -> list[TaskView]:
        """Return each task's newest task run that was decided about, where there is one, as it may be shown.

        Args:
            partition: None for that of the newest run: decisions about different slices of data are never mixed.
        """
        if partition is None:
            newest = self._store.list_runs(pipeline=pipeline, limit=1)
            partition = newest[0].partition if newest else None
        found: dict[str, TaskView] = {}
        for run in self._store.list_runs(pipeline=pipeline, partition=partition, limit=_DECISIVE_RUNS):
            missing = [task for task in tasks if task not in found]
            if not missing:
                break
            veil = Veil.over(run.params)
            for record in self._store.list_task_runs(run.run_id, tasks=missing):
                if record.reason.get("kind") != ReasonKind.NOT_SELECTED.value:
                    view = self._task_view(record, None, veil.params).veiled(veil)
                    found[record.task] = view if self.status_of(run) is run.status else _died(view)
        return [found[task] for task in tasks if task in found]

    def _task_view(self, record: TaskRun, items: ItemCounts | None, params: Mapping[str, Any]) -> TaskView:
        reason = _told(record.reason, params)
        ended = record.finished_at or (self._clock.now() if record.status is TaskStatus.RUNNING else None)
        return TaskView(
            name=record.task,
            status=record.status,
            reason=str(reason.get("sentence", "")),
            reason_facts=reason,
            attempts=record.attempt,
            duration=ended - record.started_at if ended and record.started_at else None,
            result=record.result,
            failure=record.failure,
            items=items,
            run_id=record.run_id,
            started_at=record.started_at,
            finished_at=record.finished_at,
        )
