"""Turns the engine's values into what the API answers with: the JSON of the command line, secrets as stars."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from penstock.engine.definition.param import Param
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import dataset_name
from penstock.engine.events import Event
from penstock.engine.planning.forecast import SourceForecast
from penstock.engine.planning.plan import Plan
from penstock.engine.state.budgets import BudgetState
from penstock.engine.state.records import TESTED, Attempt, Failure, ItemRecord
from penstock.engine.state.schedules import StoredDeployment
from penstock.engine.survey.comparison import Comparison
from penstock.engine.triggers.calendar.zone import Tick
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.view import RunView, TaskView
from penstock.kit.jsonable import from_json, to_json
from penstock.kit.veil import Veil, shown
from penstock.web.console import Console

Json = dict[str, Any]


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return from_json(to_json(value))


def run_json(view: RunView) -> Json:
    """Return a run with its tasks."""
    return view.as_json()


def summary_json(view: RunView) -> Json:
    """Return a run as lists tell it."""
    run = view.veiled().run
    counts = {status.value: count for status, count in run.counts.items() if count}
    return {**run_json(view), "cause": run.cause, "deployment": run.deployment, "tasks": counts}


def task_json(task: TaskView, veil: Veil) -> Json:
    """Return a task of a run."""
    return task.veiled(veil).as_json()


def failure_json(failure: Failure | None, veil: Veil) -> Json:
    """Return a failure under the name it has in answers; nothing for none."""
    if failure is None:
        return {}
    told = {"type": failure.error, "message": failure.message, "hint": failure.hint}
    return {"error": veil.value(told)}


def attempt_json(attempt: Attempt, veil: Veil) -> Json:
    """Return one try of a task."""
    told = {name: getattr(attempt, name) for name in ("number", "owner", "started_at", "finished_at", "outcome")}
    return {**told, **failure_json(attempt.failure, veil)}


def item_json(record: ItemRecord, veil: Veil) -> Json:
    """Return one item of a fan-out."""
    record = record.veiled(veil)
    told = {name: getattr(record, name) for name in ("task", "key", "status", "finished_at")}
    values = {"payload": record.payload, "result": record.result}
    return {**told, **values, "attempts": record.attempt, **failure_json(record.failure, veil)}


def event_json(event: Event, veil: Veil) -> Json:
    """Return a fact."""
    facts = plain(dict(event.veiled(veil).facts))
    return {"seq": event.seq, "at": event.at, "kind": event.kind, "task": event.task, "facts": facts}


def comparison_json(found: Comparison) -> Json:
    """Return two runs side by side."""
    return found.as_json()


def plan_json(plan: Plan, calls: tuple[SourceForecast, ...]) -> Json:
    """Return what a run would do."""
    told: Json = Veil.over(plan.params).value(plain(plan.as_json()))
    return {**told, "calls": [_calls_json(one) for one in calls]}


def _calls_json(forecast: SourceForecast) -> Json:
    return {
        "source": forecast.source,
        "calls": forecast.calls,
        "seconds": round(forecast.duration.total_seconds(), 3),
        "tasks": list(forecast.tasks),
        "silent": list(forecast.silent),
    }


def pipeline_json(console: Console, pipeline: Pipeline) -> Json:
    """Return a pipeline with its tasks and where each stands."""
    stands = {task.name: task for task in console.engine.why(pipeline.name)}
    tested = {one.task for one in console.engine.survey.marks(pipeline.name) if one.name == TESTED and one.value}
    steps = [_step_json(pipeline, name, stands.get(name)) for name in pipeline.graph.order]
    return {
        "pipeline": pipeline.name,
        "title": pipeline.title,
        "doc": pipeline.doc,
        "params": [_param_json(param) for param in pipeline.params],
        "tasks": [{**step, "tested": step["name"] in tested} for step in steps],
        "datasets": list(pipeline.datasets),
        "deployments": [
            {"name": one.name, "trigger": one.trigger.text, "doc": one.doc} for one in pipeline.deployments.values()
        ],
    }


def _step_json(pipeline: Pipeline, name: str, stand: TaskView | None) -> Json:
    task = pipeline.tasks[name]
    return {
        "name": name,
        "title": task.title or name,
        "doc": task.doc,
        "upstream": list(pipeline.graph.upstream(name)),
        "tags": sorted(task.tags),
        "each": task.each,
        "inputs": list(map(dataset_name, task.inputs)),
        "outputs": list(map(dataset_name, task.outputs)),
        "status": stand and stand.status,
        "reason": stand and stand.reason,
        "run_id": stand and stand.run_id,
    }


def _param_json(param: Param) -> Json:
    return {
        "name": param.name,
        "flag": param.flag,
        "type": param.type.__name__,
        "default": plain(shown(param.name, param.default)),
        "required": param.required,
        "choices": plain(list(param.choices)),
        "partition": param.partition,
        "doc": param.doc,
    }


def schedule_json(known: Deployments, one: StoredDeployment, count: int) -> Json:
    """Return a recorded deployment with its next fires."""
    last = known.last_firing(one)
    last = last and last.veiled()
    told = {
        name: getattr(one, name) for name in ("name", "pipeline", "deployment", "trigger", "deployed_at", "is_paused")
    }
    firing = last and {"key": last.key, "run_id": last.run_id, "status": last.status, "message": last.message}
    ticks = [tick_json(tick) for tick in known.next_ticks(one, count)]
    return {**told, "params": dict(Veil.over(plain(dict(one.params))).params), "last_firing": firing, "next": ticks}


def tick_json(tick: Tick) -> Json:
    """Return an instant that a schedule names."""
    return {"at": tick.at, "local": tick.local, "note": tick.note or None}


def budget_json(budget: BudgetState, now: datetime) -> Json:
    """Return a budget with what is left of each of its windows."""
    windows = []
    for window in budget.windows:
        used = sum(at > now - window.period for at in budget.counted)
        left = max(0, window.calls - used)
        told = {"calls": window.calls, "seconds": window.period.total_seconds(), "used": used, "left": left}
        windows.append(told)
    return {"name": budget.name, "windows": windows, "blocked_until": budget.blocked_until}
