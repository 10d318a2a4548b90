"""The verbs that read a run's records: logs, items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import event_line, items_lines
from penstock.cli.options import json_option, verbose_option
from penstock.cli.output import BAD, emit, emit_json, emit_json_line, paint, say_hints
from penstock.engine.engine import Engine
from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import ItemRecord, ItemStatus
from penstock.engine.view import items_json
from penstock.errors import UsageError
from penstock.kit.clock import SystemClock
from penstock.kit.spelling import did_you_mean

_PAGE = 1000
_POLL = timedelta(milliseconds=200)


@click.command("logs")
@click.argument("run_id", metavar="RUN")
@click.option("--task", help="Only of this task, with the traceback of its failure.")
@click.option("--follow", is_flag=True, help="Go on until the run is over.")
@json_option
@verbose_option
@pass_invocation
def logs_command(invocation: Invocation, *, run_id: str, task: str | None, follow: bool, as_json: bool) -> int:
    """Print what a run reported.

    With `--json` one document; with `--json --follow` one event per line.
    """
    engine = invocation.engine
    view = engine.view(run_id)
    if task is not None:
        known = [one.name for one in view.tasks]
        if task not in known:
            raise UsageError(f"run `{view.run.run_id}` has no task `{task}`", hint=did_you_mean(task, known))
    facts = _facts(engine, view.run.run_id, task, follow=follow)
    if as_json and not follow:
        emit_json({"run_id": view.run.run_id, "events": [_event_json(fact) for fact in facts]})
        return 0
    for fact in facts:
        if as_json:
            emit_json_line(_event_json(fact))
        elif invocation.verbose or fact.kind is not EventKind.PROGRESS_REPORTED:
            emit(event_line(fact))
    if not as_json:
        _emit_failures(engine, view.run.run_id, task, everything=invocation.verbose)
    return 0


def _facts(engine: Engine, run_id: str, task: str | None, *, follow: bool) -> Iterator[Event]:
    seen, clock, veil = 0, SystemClock(), engine.view(run_id).veil
    while True:
        # Asked before reading: facts of the last moment are then read once more, not missed.
        over = not follow or engine.view(run_id).status.is_final
        while facts := engine.store.read_events(run_id=run_id, after=seen, limit=_PAGE):
            seen = facts[-1].seq
            yield from (fact.veiled(veil) for fact in facts if task in (None, fact.task))
        if over:
            return
        clock.sleep(_POLL)


def _event_json(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "kind": event.kind.value,
        "task": event.task,
        "facts": dict(event.facts),
    }


def _emit_failures(engine: Engine, run_id: str, task: str | None, *, everything: bool) -> None:
    for failed in engine.view(run_id).veiled().failed:
        failure = failed.failure
        if failure is None or (task is not None and failed.name != task):
            continue
        emit(f"\n{failed.name}: {paint(f'{failure.error}: {failure.message}', BAD)}")
        say_hints([failure.hint])
        if failure.traceback and (task is not None or everything):
            emit(failure.traceback.rstrip())


@click.command("items")
@click.argument("run_id", metavar="RUN")
@click.option("--task", help="Only of this fan-out.")
@click.option("--status", type=click.Choice([status.value for status in ItemStatus]), help="Only items in this status.")
@click.option("--after", metavar="KEY", help="Only items behind this key; with `--limit`, for reading page by page.")
@click.option("--limit", type=click.IntRange(min=0), default=100, show_default=True, help="How many items at most.")
@json_option
@pass_invocation
def items_command(
    invocation: Invocation,
    *,
    run_id: str,
    task: str | None,
    status: str | None,
    after: str | None,
    limit: int,
    as_json: bool,
) -> int:
    """List the items of a run's fan-outs."""
    engine = invocation.engine
    view = engine.view(run_id)
    run, veil = view.run, view.veil
    wanted = ItemStatus(status) if status else None
    sums, stored = engine.store.list_items(run.run_id, task=task, status=wanted, after=after, limit=limit)
    records = [record.veiled(veil) for record in stored]
    if task is not None and task not in sums:
        raise UsageError(f"run `{run.run_id}` has no fan-out `{task}`", hint=did_you_mean(task, sums))
    if after is not None and task is None and len(sums) > 1:
        raise UsageError(
            f"several fan-outs may have an item `{after}`", hint=f"add `--task` with one of {', '.join(sums)}"
        )
    if as_json:
        counts = {name: items_json(one) for name, one in sums.items()}
        emit_json({"run_id": run.run_id, "items": counts, "records": [_record_json(one) for one in records]})
        return 0
    emit(items_lines(sums, records) or "no task of this run has items")
    if len(records) == limit and limit:
        say_hints(_more(run.run_id, records[-1], list(sums), status, limit))
    return 0


def _more(run_id: str, last: ItemRecord, tasks: list[str], status: str | None, limit: int) -> list[str]:
    """Return how to go on behind the last item shown, and with the fan-outs that follow by name."""
    chosen = (f" --status {status}" if status else "") + f" --limit {limit}"
    behind = [
        f"--task {last.task} --after {last.key}",
        *(f"--task {name}" for name in sorted(tasks) if name > last.task),
    ]
    return [f"there may be more: penstock items {run_id} {place}{chosen}" for place in behind]


def _record_json(record: ItemRecord) -> dict[str, Any]:
    failure = record.failure
    told: dict[str, Any] = {
        "task": record.task,
        "key": record.key,
        "status": record.status.value,
        "attempts": record.attempt,
        "payload": record.payload,
        "result": record.result,
        "finished_at": record.finished_at and record.finished_at.isoformat(),
    }
    if failure is not None:
        told["error"] = {"type": failure.error, "message": failure.message, "hint": failure.hint}
    return told
