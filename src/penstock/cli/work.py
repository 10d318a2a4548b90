"""Carries a run through for a person: progress while it goes on, its summary, and the next command to type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from penstock.cli.interrupt import stop_on_interrupt
from penstock.cli.invocation import Invocation
from penstock.cli.lines import plural, run_lines
from penstock.cli.output import emit, emit_json, say_error, say_hints
from penstock.cli.progress import following
from penstock.cli.results import say_where_results_are
from penstock.engine.state.records import RunStatus
from penstock.engine.view import RunView, TaskView
from penstock.errors import PenstockError


def execution_of(invocation: Invocation, executor: str | None, workers: int | None) -> dict[str, Any]:
    """Return how task runs are to be carried out: as asked, or else as the settings say."""
    settings = invocation.settings
    return {"executor": executor or settings.executor, "workers": workers or settings.workers}


def work_on(
    invocation: Invocation,
    work: Callable[[], RunView],
    *,
    as_json: bool,
    pipeline: str | None = None,
    run_id: str | None = None,
    name_results: bool = True,
) -> int:
    """Carry a run through, and return the exit code.

    Followed is the run of this id, or else the new run of this pipeline.

    Args:
        name_results: Whether to name the command that shows the results.
    """
    engine, everything = invocation.engine, invocation.verbose
    with (
        following(engine, pipeline=pipeline, run_id=run_id, everything=everything),
        stop_on_interrupt(engine),
    ):
        view = work()
    if as_json:
        emit_json(view.as_json())
    else:
        emit(run_lines(view, everything=everything))
    _tell_next(view.veiled())
    if view.status is RunStatus.COMPLETED and name_results:
        with suppress(PenstockError):  # a pipeline whose file was damaged meanwhile; the run is over all the same
            say_where_results_are(engine.pipeline(view.run.pipeline), view.run.params)
    return view.exit_code


def _tell_next(view: RunView) -> None:
    run_id = view.run.run_id
    if view.failed:
        first = view.failed[0]
        _tell_failure(first, others=len(view.failed) - 1)
        items = " --items failed" if first.items and first.items.failed else ""
        say_hints([f"penstock logs {run_id} --task {first.name}", f"penstock retry {run_id}{items}"])
    elif view.status is RunStatus.COMPLETED:
        tolerated = any(task.items and task.items.failed for task in view.tasks)
        say_hints([f"penstock items {run_id} --status failed" if tolerated else None])
    else:
        say_error(f"run `{run_id}` was {view.status.value}", [f"penstock resume {run_id}"])


def _tell_failure(task: TaskView, *, others: int) -> None:
    failure = task.failure
    told = f": {failure.message}" if failure else ""
    more = f" (and {plural(others, 'other task')})" if others else ""
    say_error(f"task `{task.name}` failed{more}{told}", [failure.hint if failure else None])
