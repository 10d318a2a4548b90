"""Starts, stops and goes on with runs for people and programs, after looking whether that can go well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.engine import ResetReport
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import TESTED, RunStatus
from penstock.engine.view import RunView
from penstock.errors import ConflictError, UsageError
from penstock.web.absence import addressed
from penstock.web.console import Console

#: So many runs this server started may be under way at one time.
MOST_RUNS = 20


def find_pipeline(console: Console, name: str) -> Pipeline:
    """Return a pipeline.

    Raises:
        AbsentError: There is none of this name.
    """
    with addressed():
        return console.engine.pipeline(name)


def find_run(console: Console, run_id: str) -> RunView:
    """Return a run.

    Raises:
        AbsentError: There is none of this id.
    """
    with addressed():
        return console.engine.view(run_id)


def start(console: Console, request: RunRequest) -> str:
    """Start a run in a process of its own, and return the id it is going to have.

    Raises:
        UsageError: The request names something unknown, or a parameter does not fit.
        SourceError: An input cannot be read.
        ConflictError: Another run is in the way.
    """
    pipeline = find_pipeline(console, request.pipeline)
    partition = pipeline.partition(pipeline.resolve(request.params))
    _refuse_crowd(console, pipeline.name, partition)
    console.engine.plan(request)
    return console.launches.run(replace(request, pipeline=pipeline.name))


def cancel(console: Console, run_id: str, *, now: bool) -> str:
    """Tell a run to end, wherever it runs; return its id.

    Raises:
        UsageError: There is no such run, or it is over.
    """
    started = console.launches.find(run_id)
    if started is not None and started.ending is None and console.engine.store.find_run(run_id) is None:
        started.launched.stop(now=now)  # it has not written its run yet
        return run_id
    view = find_run(console, run_id)
    if view.status.is_final and view.status is not RunStatus.ABANDONED:
        raise UsageError(f"run `{view.run.run_id}` is already over ({view.status.value}); nothing to cancel")
    console.engine.cancel(view.run.run_id, now=now)
    return view.run.run_id


def resume(console: Console, run_id: str) -> str:
    """Go on with a run that stopped before its end; return its id.

    Raises:
        UsageError: There is no such run or pipeline, or it completed.
        DefinitionError: Its pipeline cannot be read.
        ConflictError: Another run is in the way.
    """
    view = find_run(console, run_id)
    if view.status is RunStatus.COMPLETED:
        raise UsageError(f"run `{view.run.run_id}` completed; there is nothing to resume")
    find_pipeline(console, view.run.pipeline)
    _refuse_crowd(console, view.run.pipeline, view.run.partition)
    console.launches.resume(view.run.run_id)
    return view.run.run_id


def retry(console: Console, run_id: str) -> str:
    """Try again what failed in a run; return the id of the run that does so: a completed one takes a new one.

    Raises:
        UsageError: There is no such run or pipeline, or nothing in it failed.
        DefinitionError: Its pipeline cannot be read.
        ConflictError: Another run is in the way.
    """
    view = find_run(console, run_id)
    is_complete = view.status is RunStatus.COMPLETED
    if is_complete and not any(task.items and task.items.failed for task in view.tasks):
        raise UsageError(f"nothing failed in run `{view.run.run_id}`")
    find_pipeline(console, view.run.pipeline)
    _refuse_crowd(console, view.run.pipeline, view.run.partition)
    return console.launches.retry(view.run.run_id, opens_new_run=is_complete)


def mark_tested(console: Console, pipeline: str, task: str, *, is_tested: bool) -> None:
    """Write down whether a person has tested a task.

    Raises:
        UsageError: There is no such pipeline or task.
    """
    with addressed():
        console.engine.set_mark(pipeline, task, TESTED, is_tested)


def reset(
    console: Console, pipeline: str, params: Mapping[str, Any] | None, tasks: tuple[str, ...], *, data: bool
) -> ResetReport:
    """Forget that tasks completed; with `data`, remove the rows they made too.

    Raises:
        UsageError: Something unknown is named.
        ConflictError: A run is alive in this partition.
    """
    known = find_pipeline(console, pipeline)
    chosen = () if set(tasks) == set(known.tasks) else tasks
    return console.engine.reset(known.name, params, chosen, data=data)


def _refuse_crowd(console: Console, pipeline: str, partition: str) -> None:
    going = sum(started.ending is None for started in console.launches.look().values())
    if going >= MOST_RUNS:
        raise ConflictError(f"{going} runs started here are under way", hint="wait for one of them, or cancel one")
    for run in console.engine.store.list_runs(pipeline=pipeline, partition=partition, status=RunStatus.RUNNING):
        if console.engine.view(run.run_id).status is RunStatus.RUNNING:
            what = f"`{pipeline}`" + (f" ({partition})" if partition else "")
            raise ConflictError(f"run `{run.run_id}` of {what} is under way", hint="follow it, or cancel it first")
