"""The verbs that do work: run, apply, resume, retry, cancel."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from typing import Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import run_heading
from penstock.cli.options import (
    PipelineCommand,
    confirm,
    execution_options,
    json_option,
    request_from,
    selection_options,
    verbose_option,
    yes_option,
)
from penstock.cli.output import emit, emit_json, say
from penstock.cli.plan import show_plan
from penstock.cli.show import list_tasks
from penstock.cli.work import execution_of, work_on
from penstock.engine.planning.plan import read_saved_plan
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import RunStatus
from penstock.errors import UsageError
from penstock.kit.jsonable import from_json
from penstock.sources.home import cache_folder


@click.command("run", cls=PipelineCommand)
@click.argument("pipeline")
@selection_options
@click.option(
    "--dry-run", is_flag=True, help="Tell what would run and why; change nothing. The same as `penstock plan`."
)
@click.option("--list-tasks", is_flag=True, help="List the pipeline's tasks; change nothing.")
@click.option("--clear-cache", is_flag=True, help="First remove what was downloaded or can be made again.")
@execution_options
@json_option
@verbose_option
@pass_invocation
@click.pass_context
def run_command(
    ctx: click.Context,
    invocation: Invocation,
    /,
    *,
    pipeline: str,
    dry_run: bool,
    list_tasks: bool,
    clear_cache: bool,
    executor: str | None,
    workers: int | None,
    as_json: bool,
    **choice: Any,
) -> int:
    """Run a pipeline: what is stale, and nothing else."""
    if list_tasks:
        return _list_tasks(invocation, pipeline, as_json=as_json)
    request = request_from(ctx, pipeline, **choice)
    if dry_run:
        return show_plan(invocation, request, as_json=as_json, file=None)
    if clear_cache:
        _clear_cache(invocation, pipeline)
    return _run(invocation, request, executor, workers, as_json=as_json)


_list_tasks = list_tasks  # the flag of the same name hides the function where it is used


def _run(
    invocation: Invocation, request: RunRequest, executor: str | None, workers: int | None, *, as_json: bool
) -> int:
    engine, how = invocation.engine, execution_of(invocation, executor, workers)
    engine.pipeline(request.pipeline).resolve(request.params)
    return work_on(invocation, lambda: engine.run(request, **how), as_json=as_json, pipeline=request.pipeline)


@click.command("apply")
@click.argument("file", type=click.Path(path_type=Path))
@execution_options
@json_option
@verbose_option
@pass_invocation
def apply_command(
    invocation: Invocation, *, file: Path, executor: str | None, workers: int | None, as_json: bool
) -> int:
    """Run a saved plan, if it still describes what would happen."""
    saved = read_saved_plan(_read_json(invocation.placed(file)), str(file))
    engine, how = invocation.engine, execution_of(invocation, executor, workers)
    return work_on(invocation, lambda: engine.apply(saved, **how), as_json=as_json, pipeline=saved.request.pipeline)


def _read_json(file: Path) -> Any:
    hint = "write one with `penstock plan PIPELINE -o FILE`"
    try:
        return from_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read plan `{file}`: {error.strerror or error}", hint=hint) from error
    except ValueError as error:
        raise UsageError(f"`{file}` is not a plan: {error}", hint=hint) from error


@click.command("resume")
@click.argument("run_id", metavar="[RUN]", default="last")
@execution_options
@json_option
@verbose_option
@pass_invocation
def resume_command(
    invocation: Invocation, *, run_id: str, executor: str | None, workers: int | None, as_json: bool
) -> int:
    """Continue a run that stopped before its end.

    RUN is an id, the beginning of one, or `last`, which is meant when it is left out. What is finished stays
    finished.
    """
    engine, how = invocation.engine, execution_of(invocation, executor, workers)
    run = engine.view(run_id).run
    return work_on(invocation, lambda: engine.resume(run.run_id, **how), as_json=as_json, run_id=run.run_id)


@click.command("retry")
@click.argument("run_id", metavar="RUN")
@click.option("--items", type=click.Choice(["failed"]), help="Which items of fan-outs to try again: the failed ones.")
@execution_options
@json_option
@verbose_option
@pass_invocation
def retry_command(
    invocation: Invocation, *, run_id: str, items: str | None, executor: str | None, workers: int | None, as_json: bool
) -> int:
    """Try again what failed in a run.

    Failed tasks, what waited for them, and the failed items of fan-outs; completed items stay completed.
    """
    engine, how = invocation.engine, execution_of(invocation, executor, workers)
    view = engine.view(run_id)
    if items and not any(task.items and task.items.failed for task in view.tasks):
        raise UsageError(f"no item failed in run `{view.run.run_id}`", hint=f"penstock status {view.run.run_id}")
    opens_new_run = view.status is RunStatus.COMPLETED
    return work_on(
        invocation,
        lambda: engine.retry(view.run.run_id, **how),
        as_json=as_json,
        pipeline=view.run.pipeline if opens_new_run else None,
        run_id=None if opens_new_run else view.run.run_id,
    )


@click.command("cancel")
@click.argument("run_id", metavar="RUN")
@click.option("--now", is_flag=True, help="Stop running tasks too, instead of letting them finish.")
@yes_option
@json_option
@pass_invocation
def cancel_command(invocation: Invocation, *, run_id: str, now: bool, yes: bool, as_json: bool) -> int:
    """Stop a run.

    Running tasks finish first, unless `--now` is given; nothing new is started.
    """
    view = invocation.engine.view(run_id)
    if view.status.is_final and view.status is not RunStatus.ABANDONED:
        raise UsageError(
            f"run `{view.run.run_id}` is already over ({view.status.value}); nothing to cancel",
            hint=f"penstock status {view.run.run_id}",
        )
    was_dead = view.status is RunStatus.ABANDONED
    confirm(f"cancel run {view.run.run_id} of {view.run.pipeline}?", yes=yes)
    view = invocation.engine.cancel(view.run.run_id, now=now)
    if as_json:
        emit_json(view.as_json())
    else:
        emit(run_heading(view))
        emit(_cancelled_text(was_dead=was_dead, now=now))
    return 0


def _cancelled_text(*, was_dead: bool, now: bool) -> str:
    if was_dead:
        return "was abandoned; closed"
    return "cancel requested; running tasks are stopped" if now else "cancel requested; running tasks finish first"


def _clear_cache(invocation: Invocation, pipeline: str) -> None:
    settings, name = invocation.settings, pipeline
    for folder in (settings.cache / name, cache_folder(settings.home), settings.downloads / name):
        if folder.is_dir():
            rmtree(folder)
            say(f"removed `{folder}`")
