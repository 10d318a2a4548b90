"""The API of schedules, budgets, workers and settings."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query

from penstock.engine.triggers.calendar.reading import parse_rule
from penstock.engine.triggers.deployments import Deployments
from penstock.web.api.asked import ConsoleOf
from penstock.web.api.house_shapes import (
    BudgetList,
    DeployOrder,
    Named,
    PreviewAnswer,
    ScheduleAnswer,
    ScheduleList,
    SettingList,
    WorkerList,
)
from penstock.web.api.shape import Words
from penstock.web.api.telling import budget_json, schedule_json, tick_json

routes = APIRouter(tags=["house"])
_Count = Annotated[int, Query(ge=1, le=50, description="how many fires")]


@routes.get("/schedules", operation_id="list_schedules")
def list_schedules(console: ConsoleOf, count: _Count = 5) -> ScheduleList:
    """List every recorded deployment with its next fires."""
    known = Deployments(console.engine)
    return ScheduleList.model_validate({"deployments": [schedule_json(known, one, count) for one in known.list_all()]})


@routes.get("/schedules/preview", operation_id="preview_rule")
def preview_rule(console: ConsoleOf, rule: Annotated[Words, Query(max_length=300)], count: _Count = 5) -> PreviewAnswer:
    """Tell when a rule such as `weekdays 01:00 America/New_York` fires next."""
    read = parse_rule(rule)
    ticks = [tick_json(tick) for tick in islice(read.ticks(console.clock.now()), count)]
    return PreviewAnswer.model_validate({"rule": read.text, "zone": read.zone.key, "ticks": ticks})


@routes.post("/schedules", operation_id="record_schedule")
def record_schedule(console: ConsoleOf, body: DeployOrder) -> ScheduleList:
    """Record a deployment that a pipeline declares, so that the scheduler follows it."""
    known, pipeline = Deployments(console.engine), console.engine.pipeline(body.pipeline)
    given = {name: value for name, value in body.params.items() if value is not None}
    recorded = known.record(pipeline, [pipeline.deployment(body.deployment)], given)
    return ScheduleList.model_validate({"deployments": [schedule_json(known, one, 5) for one in recorded]})


@routes.post("/schedules/pause", operation_id="pause_schedule")
def pause_schedule(console: ConsoleOf, body: Named) -> ScheduleAnswer:
    """Let a recorded deployment ask for nothing until it is resumed."""
    known = Deployments(console.engine)
    return ScheduleAnswer.model_validate(schedule_json(known, known.pause(body.name), 5))


@routes.post("/schedules/resume", operation_id="resume_schedule")
def resume_schedule(console: ConsoleOf, body: Named) -> ScheduleAnswer:
    """Let a paused deployment ask again."""
    known = Deployments(console.engine)
    return ScheduleAnswer.model_validate(schedule_json(known, known.resume(body.name), 5))


@routes.post("/schedules/remove", operation_id="remove_schedule")
def remove_schedule(console: ConsoleOf, body: Named) -> ScheduleAnswer:
    """Forget a recorded deployment; the answer tells what it was."""
    known = Deployments(console.engine)
    found = schedule_json(known, known.get(body.name), 5)
    known.remove(body.name)
    return ScheduleAnswer.model_validate(found)


@routes.get("/budgets", operation_id="list_budgets")
def list_budgets(console: ConsoleOf) -> BudgetList:
    """List the budgets of calls to publishers, with what is left of each."""
    now = console.clock.now()
    return BudgetList.model_validate(
        {"budgets": [budget_json(one, now) for one in console.engine.store.list_budgets()]}
    )


@routes.get("/workers", operation_id="list_workers")
def list_workers(console: ConsoleOf) -> WorkerList:
    """List the processes that hold runs, tasks or leases."""
    workers = [asdict(one) for one in console.engine.survey.workers(console.clock.now())]
    return WorkerList.model_validate({"workers": workers})


@routes.get("/settings", operation_id="list_settings")
def list_settings(console: ConsoleOf) -> SettingList:
    """List the settings with where each comes from; secrets are stars."""
    return SettingList.model_validate({"settings": [asdict(knob) for knob in console.settings()]})
