"""The API of runs: lists, tasks, logs, items; and what starts, ends and goes on with them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from penstock.engine.events import EventKind
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import ItemStatus, RunStatus
from penstock.engine.view import items_json
from penstock.kit.veil import Veil
from penstock.web import steering
from penstock.web.absence import addressed
from penstock.web.api.asked import ConsoleOf, RunId, RunOf, TaskName
from penstock.web.api.run_shapes import (
    AttemptList,
    Cancelled,
    CancelOrder,
    ComparisonAnswer,
    EventList,
    ItemList,
    LineList,
    RunAnswer,
    RunList,
    RunningList,
    RunOrder,
    Started,
    TaskAnswer,
    TaskList,
)
from penstock.web.api.shape import Name, Position, Words
from penstock.web.api.telling import (
    attempt_json,
    comparison_json,
    event_json,
    item_json,
    run_json,
    summary_json,
    task_json,
)
from penstock.web.pages.log_lines import LOG_KINDS, lines_of

routes = APIRouter(tags=["runs"])
_Limit = Annotated[int, Query(ge=1, le=1000)]
_MaybeName = Annotated[Name | None, Query()]


@routes.post("/runs", operation_id="start_run", status_code=202)
def start_run(console: ConsoleOf, body: RunOrder) -> Started:
    """Start a run in a process of its own; it goes on when the console ends."""
    request = RunRequest(
        body.pipeline,
        {name: value for name, value in body.params.items() if value is not None},
        tuple(body.tasks),
        tuple(body.skip),
        force=body.force,
        continue_on_failure=body.continue_on_failure,
        cause="api",
        deployment=body.deployment,
    )
    return Started(run_id=steering.start(console, request))


@routes.get("/runs", operation_id="list_runs", response_model_exclude_unset=True)
def list_runs(
    console: ConsoleOf,
    *,
    pipeline: _MaybeName = None,
    status: RunStatus | None = None,
    deployment: Annotated[Words | None, Query(max_length=300)] = None,
    text: Annotated[Words | None, Query(description="in id, cause, parameters or partition")] = None,
    before: Annotated[Name | None, Query(description="id of a run: only older ones")] = None,
    limit: _Limit = 50,
) -> RunList:
    """List runs, newest first."""
    with addressed():
        page = console.engine.survey.runs(
            pipeline=pipeline, status=status, deployment=deployment, text=text, before=before, limit=limit
        )
    told = [summary_json(view) for view in page.runs]
    return RunList.model_validate({"runs": told, "next_before": page.next_before})


@routes.get("/running", operation_id="list_running")
def list_running(console: ConsoleOf) -> RunningList:
    """List what is under way."""
    found = console.engine.survey.runs(status=RunStatus.RUNNING, limit=1000).runs
    started = console.launches.look()
    starting = [
        run_id
        for run_id, one in started.items()
        if one.ending is None and console.engine.store.find_run(run_id) is None
    ]
    return RunningList.model_validate({"runs": [summary_json(view) for view in found], "starting": starting})


@routes.get("/compare", operation_id="compare_runs")
def compare_runs(console: ConsoleOf, first: Name, second: Name) -> ComparisonAnswer:
    """Return how two runs of one pipeline differ."""
    runs = [steering.find_run(console, one).run.run_id for one in (first, second)]
    return ComparisonAnswer.model_validate(comparison_json(console.engine.survey.compare(*runs)))


@routes.get("/runs/{run}", operation_id="get_run", response_model_exclude_unset=True)
def get_run(run: RunOf) -> RunAnswer:
    """Return a run with its tasks."""
    return RunAnswer.model_validate(run_json(run))


@routes.get("/runs/{run}/tasks", operation_id="list_tasks", response_model_exclude_unset=True)
def list_tasks(run: RunOf) -> TaskList:
    """List the tasks of a run."""
    return TaskList.model_validate({"run_id": run.run.run_id, "tasks": run_json(run)["tasks"]})


@routes.get("/runs/{run}/tasks/{task}", operation_id="get_task", response_model_exclude_unset=True)
def get_task(console: ConsoleOf, run: RunOf, task: TaskName) -> TaskAnswer:
    """Return one task of a run."""
    with addressed():
        found = console.engine.survey.task(run.run.run_id, task)
    return TaskAnswer.model_validate(task_json(found, Veil.over(run.run.params)))


@routes.get("/runs/{run}/tasks/{task}/attempts", operation_id="list_attempts")
def list_attempts(console: ConsoleOf, run: RunOf, task: TaskName) -> AttemptList:
    """List the tries of a task."""
    with addressed():
        found = console.engine.survey.attempts(run.run.run_id, task)
    told = [attempt_json(one, Veil.over(run.run.params)) for one in found]
    return AttemptList.model_validate({"run_id": run.run.run_id, "task": task, "attempts": told})


@routes.get("/runs/{run}/tasks/{task}/items", operation_id="list_items")
def list_items(
    console: ConsoleOf,
    run: RunOf,
    task: TaskName,
    *,
    status: ItemStatus | None = None,
    error: Annotated[Name | None, Query(description="class name of a failure")] = None,
    after: Annotated[Name | None, Query(description="key of an item: only those behind it")] = None,
    limit: _Limit = 100,
) -> ItemList:
    """List items of a fan-out by key, with the sums of all."""
    run_id, survey, veil = run.run.run_id, console.engine.survey, Veil.over(run.run.params)
    with addressed():
        page = survey.items(run_id, task, status=status, error=error, after=after, limit=limit)
    told = {
        "counts": items_json(page.counts),
        "errors": survey.item_errors(run_id, task),
        "items": [item_json(one, veil) for one in page.records],
    }
    return ItemList.model_validate({"run_id": run_id, "task": task, **told, "next_after": page.next_after})


@routes.get("/runs/{run}/log", operation_id="read_log")
def read_log(
    console: ConsoleOf, run: RunOf, task: _MaybeName = None, after: Position = 0, limit: _Limit = 500
) -> LineList:
    """Return what scripts wrote and tasks reported: all lines of up to `limit` facts."""
    run_id, veil = run.run.run_id, Veil.over(run.run.params)
    events = console.engine.survey.events(run_id, task, LOG_KINDS, after=after, limit=limit)
    told = [
        {"line": line.number, **{name: getattr(line, name) for name in _LINE_FACTS}}
        for event in events
        for line in lines_of(event, veil)
    ]
    last = events[-1].seq if events else after
    return LineList.model_validate({"run_id": run_id, "lines": told, "next_after": last})


_LINE_FACTS = ("seq", "at", "task", "source", "attempt", "item", "text")


@routes.get("/runs/{run}/events", operation_id="read_events")
def read_events(
    console: ConsoleOf,
    run: RunOf,
    *,
    task: _MaybeName = None,
    kind: Annotated[list[EventKind], Query(max_length=50)] = [],  # noqa: B006 - FastAPI copies defaults
    after: Position = 0,
    limit: _Limit = 500,
) -> EventList:
    """Return facts about a run in order."""
    run_id, veil = run.run.run_id, Veil.over(run.run.params)
    events = console.engine.survey.events(run_id, task, kind, after=after, limit=limit)
    told = [event_json(event, veil) for event in events]
    last = events[-1].seq if events else after
    return EventList.model_validate({"run_id": run_id, "events": told, "next_after": last})


@routes.post("/runs/{run}/cancel", operation_id="cancel_run")
def cancel_run(console: ConsoleOf, run: RunId, body: CancelOrder) -> Cancelled:
    """Tell a run to end, in whatever process it runs."""
    return Cancelled(run_ids=[steering.cancel(console, run, now=body.now)])


@routes.post("/runs/{run}/resume", operation_id="resume_run", status_code=202)
def resume_run(console: ConsoleOf, run: RunOf) -> Started:
    """Go on with a run that stopped before its end."""
    return Started(run_id=steering.resume(console, run.run.run_id))


@routes.post("/runs/{run}/retry", operation_id="retry_run", status_code=202)
def retry_run(console: ConsoleOf, run: RunOf) -> Started:
    """Try again what failed in a run; one that completed takes a new run, whose id is answered."""
    return Started(run_id=steering.retry(console, run.run.run_id))
