"""The verbs that tell what would happen and why: plan, why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import forecast_line, plan_lines, why_lines
from penstock.cli.options import (
    PipelineCommand,
    given_params,
    json_option,
    request_from,
    selection_options,
    typed_command,
    verbose_option,
)
from penstock.cli.output import emit, emit_json, say, say_hints
from penstock.engine.engine import Engine
from penstock.engine.planning.forecast import SourceForecast
from penstock.engine.planning.plan import Plan
from penstock.engine.planning.reason import ReasonKind
from penstock.engine.planning.request import RunRequest
from penstock.engine.view import TaskView
from penstock.errors import UsageError
from penstock.kit.jsonable import to_json


@click.command("plan", cls=PipelineCommand)
@click.argument("pipeline")
@selection_options
@click.option("-o", "--output", "file", type=click.Path(path_type=Path), help="Save the plan, for `penstock apply`.")
@json_option
@verbose_option
@pass_invocation
@click.pass_context
def plan_command(
    ctx: click.Context, invocation: Invocation, /, *, pipeline: str, file: Path | None, as_json: bool, **choice: Any
) -> int:
    """Tell what a run would do, and why."""
    return show_plan(invocation, request_from(ctx, pipeline, **choice), as_json=as_json, file=file)


def show_plan(invocation: Invocation, request: RunRequest, *, as_json: bool, file: Path | None) -> int:
    """Print the plan of a request, and save it where asked; return the exit code."""
    plan = invocation.engine.plan(request)
    if file is not None:
        _save(invocation.placed(file), plan)
    calls = invocation.engine.forecast(plan)
    if as_json:
        emit_json({**plan.as_json(), "calls": [_call_json(one) for one in calls]})
    else:
        emit(plan_lines(plan, everything=invocation.verbose))
        for one in calls:
            emit(forecast_line(one))
    if file is not None:
        say(f"saved `{file}`" + (", which holds secret parameters" if plan.has_secrets else ""))
        say_hints([f"penstock apply {file}"])
    return 0


def _call_json(forecast: SourceForecast) -> dict[str, Any]:
    return {
        "source": forecast.source,
        "calls": forecast.calls,
        "seconds": round(forecast.duration.total_seconds(), 3),
        "tasks": list(forecast.tasks),
        "silent": list(forecast.silent),
    }


def _save(file: Path, plan: Plan) -> None:
    try:
        if plan.has_secrets and (file.is_file() or not file.exists()):
            file.touch(mode=0o600)
            file.chmod(0o600)
        file.write_text(to_json(plan.saved()) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot write plan `{file}`: {error.strerror or error}", hint="choose another place"
        ) from error


@click.command("why", cls=PipelineCommand)
@click.argument("pipeline")
@click.argument("task", required=False)
@json_option
@pass_invocation
@click.pass_context
def why_command(ctx: click.Context, invocation: Invocation, *, pipeline: str, task: str | None, as_json: bool) -> int:
    """Tell why tasks last ran or did not.

    The newest decision recorded about each task, with the fact that decided. What a run would do now is told by
    `penstock plan`.
    """
    engine = invocation.engine
    found = engine.why(pipeline, task, given_params(ctx) or None)
    if as_json:
        emit_json({"pipeline": pipeline, "tasks": [_why_json(engine, one) for one in found]})
        return 0
    if not found:
        what = f"task `{task}` of `{pipeline}`" if task else f"`{pipeline}`"
        raise UsageError(
            f"no run has decided about {what} yet",
            hint=f"ask what a run would do: {typed_command('plan', engine.pipeline(pipeline))}",
        )
    emit(why_lines(found))
    if task and (ran := _find_last_run(engine, found[0])):
        emit(f"    last ran in run {ran.run_id}: {ran.reason}")
    return 0


def _find_last_run(engine: Engine, task: TaskView) -> TaskView | None:
    """Return the task as it was when it last did something, if it is fresh since then and the run is still known."""
    if task.reason_facts.get("kind") != ReasonKind.FRESH.value:
        return None
    try:
        view = engine.view(str(task.reason_facts["what"])).veiled()
    except UsageError:
        return None
    return next((one for one in view.tasks if one.name == task.name), None)


def _why_json(engine: Engine, task: TaskView) -> dict[str, Any]:
    ran = _find_last_run(engine, task)
    facts = {name: value for name, value in task.reason_facts.items() if name not in ("kind", "sentence")}
    return {
        "task": task.name,
        "status": task.status.value,
        "reason": task.reason_facts.get("kind"),
        "sentence": task.reason,
        "facts": facts,
        "run_id": task.run_id,
        "last_ran": {"run_id": ran.run_id, "sentence": ran.reason} if ran else None,
    }
