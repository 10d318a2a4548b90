"""The API of pipelines: what exists, what would run, marks and resets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import RunStatus
from penstock.errors import UsageError
from penstock.web import steering
from penstock.web.api.asked import ConsoleOf, PipelineOf, TaskName
from penstock.web.api.pipeline_shapes import (
    DatasetAnswer,
    DatasetList,
    PipelineAnswer,
    PipelineFacts,
    PipelineList,
    PlanAnswer,
    ResetAnswer,
    ResetOrder,
    Tested,
    TestedAnswer,
)
from penstock.web.api.run_shapes import Cancelled, CancelOrder
from penstock.web.api.shape import Name, Words
from penstock.web.api.telling import Json, pipeline_json, plan_json, summary_json
from penstock.web.console import Console

routes = APIRouter(tags=["pipelines"])
_ManyNames = Annotated[list[Name], Query(max_length=100)]


@routes.get("/pipelines", operation_id="list_pipelines")
def list_pipelines(console: ConsoleOf) -> PipelineList:
    """List every pipeline with its newest run, and every file that could not be read as one."""
    return _list(console)


@routes.post("/refresh", operation_id="refresh_pipelines")
def refresh_pipelines(console: ConsoleOf) -> PipelineList:
    """Look through the pipelines' folder again; changed files are noticed without this, too."""
    return _list(console)


def _list(console: Console) -> PipelineList:
    registry = console.engine.registry
    listed = []
    for pipeline in registry.all().values():
        newest = [summary_json(view) for view in console.engine.history(pipeline.name, limit=1)]
        told = {"name": pipeline.name, "title": pipeline.title, "doc": pipeline.doc, "tasks": len(pipeline.tasks)}
        listed.append(PipelineFacts.model_validate({**told, "newest_run": newest[0] if newest else None}))
    broken = [
        {"file": path.name, "error": error.message, "hint": error.hint} for path, error in registry.broken.items()
    ]
    return PipelineList.model_validate({"pipelines": listed, "broken": broken})


@routes.get("/pipelines/{pipeline}", operation_id="get_pipeline")
def get_pipeline(console: ConsoleOf, pipeline: PipelineOf) -> PipelineAnswer:
    """Return a pipeline with its parameters, and its tasks with where each stands."""
    return PipelineAnswer.model_validate(pipeline_json(console, pipeline))


@routes.get("/pipelines/{pipeline}/plan", operation_id="get_plan")
def get_plan(
    console: ConsoleOf,
    pipeline: PipelineOf,
    *,
    param: Annotated[list[Words], Query(max_length=200, description="each as `NAME=VALUE`")] = [],  # noqa: B006
    tasks: _ManyNames = [],  # noqa: B006 - FastAPI copies defaults
    skip: _ManyNames = [],  # noqa: B006
    deployment: Annotated[Words, Query(max_length=300)] = "",
    force: bool = False,
    continue_on_failure: bool = False,
) -> PlanAnswer:
    """Tell what a run would do, and why; nothing is changed."""
    request = RunRequest(
        pipeline.name,
        dict(_pair(text) for text in param),
        tuple(tasks),
        tuple(skip),
        force=force,
        continue_on_failure=continue_on_failure,
        cause="api",
        deployment=deployment,
    )
    plan = console.engine.plan(request)
    return PlanAnswer.model_validate(plan_json(plan, console.engine.forecast(plan)))


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"parameter `{text}` has no value", hint="write `param=NAME=VALUE`")
    return name, value


@routes.put("/pipelines/{pipeline}/tasks/{task}/tested", operation_id="mark_tested")
def mark_tested(console: ConsoleOf, pipeline: PipelineOf, task: TaskName, body: Tested) -> TestedAnswer:
    """Write down whether a person has tested a task."""
    steering.mark_tested(console, pipeline.name, task, is_tested=body.tested)
    return TestedAnswer(pipeline=pipeline.name, task=pipeline.task(task).name, tested=body.tested)


@routes.post("/pipelines/{pipeline}/reset", operation_id="reset_pipeline")
def reset_pipeline(console: ConsoleOf, pipeline: PipelineOf, body: ResetOrder) -> ResetAnswer:
    """Forget that tasks completed, so that they run again; with `data`, remove the rows they made too."""
    report = steering.reset(console, pipeline.name, body.params or None, tuple(body.tasks), data=body.data)
    return ResetAnswer(pipeline=pipeline.name, forgotten=report.forgotten, tables=dict(report.tables))


@routes.post("/pipelines/{pipeline}/cancel", operation_id="cancel_pipeline")
def cancel_pipeline(console: ConsoleOf, pipeline: PipelineOf, body: CancelOrder) -> Cancelled:
    """Tell every run of a pipeline to end."""
    going = console.engine.survey.runs(pipeline=pipeline.name, status=RunStatus.RUNNING, limit=100).runs
    return Cancelled(run_ids=[steering.cancel(console, view.run.run_id, now=body.now) for view in going])


@routes.get("/datasets", operation_id="list_datasets", tags=["house"])
def list_datasets(console: ConsoleOf) -> DatasetList:
    """List what tasks make, with the fingerprint each was left with; the warehouse is not opened."""
    told: list[Json] = []
    for pipeline in console.engine.registry.all().values():
        newest = console.engine.history(pipeline.name, limit=1)
        partition = newest[0].run.partition if newest else ""
        completions = console.engine.store.load_completions(pipeline.name, partition)
        for dataset, task in pipeline.producers.items():
            fact: Json = {"dataset": dataset, "pipeline": pipeline.name, "task": task, "partition": partition}
            completion = completions.get(task)
            seen = completion.facts.get("outputs", {}).get(dataset) if completion else None
            if completion and seen:
                fact |= {"fingerprint": seen[0], "label": seen[1], "made_at": completion.completed_at}
                fact |= {"run_id": completion.run_id}
            told.append(fact)
    return DatasetList(datasets=[DatasetAnswer.model_validate(one) for one in told])
