"""The verb that tells how two runs of one pipeline differ: compare."""

from __future__ import annotations

import click

from penstock.cli.invocation import Invocation, pass_invocation
from penstock.cli.lines import plural, result_text, run_heading, standing_word
from penstock.cli.options import json_option, verbose_option
from penstock.cli.output import columns, emit, emit_json
from penstock.engine.survey.comparison import Comparison, TaskComparison
from penstock.engine.view import TaskView
from penstock.kit.durations import format_duration
from penstock.kit.veil import Veil

_OUTPUTS = {True: "outputs differ", False: "same outputs", None: ""}


@click.command("compare")
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
@json_option
@verbose_option
@pass_invocation
def compare_command(invocation: Invocation, *, first: str, second: str, as_json: bool) -> int:
    """Tell how two runs of one pipeline differ.

    Told are parameters, and status, reason, result and outputs of each task.

    RUN is an id, the beginning of one, or `last`. Tasks that do not differ are counted; `-v` shows them too.
    """
    told = invocation.engine.survey.compare(first, second)
    if as_json:
        emit_json(told.as_json())
        return 0
    emit("\n".join(filter(None, _lines(told, everything=invocation.verbose))))
    return 0


def _lines(told: Comparison, *, everything: bool) -> list[str]:
    shown = [task for task in told.tasks if everything or task.differs]
    rows = [row for task in shown for row in _rows(task, told.veil)]
    alike = len(told.tasks) - len(shown)
    return [
        f"1  {run_heading(told.first)}",
        f"2  {run_heading(told.second)}",
        columns([(one.name, f"{one.first} → {one.second}") for one in told.params]),
        columns(rows),
        f"  {plural(alike, 'task')} alike" if alike else "",
    ]


def _rows(task: TaskComparison, veil: Veil) -> list[tuple[str, str, str, str]]:
    (one, first), (other, second) = _side(task.first, veil), _side(task.second, veil)
    outputs = _OUTPUTS[task.outputs_differ]
    return [(task.name, "1", one, first), ("", "2", other, " · ".join(filter(None, (second, outputs))))]


def _side(task: TaskView | None, veil: Veil) -> tuple[str, str]:
    if task is None:
        return "not in this run", ""
    task = task.veiled(veil)
    took = "" if task.duration is None else format_duration(task.duration)
    told = " · ".join(filter(None, (took, result_text(task.result), task.reason)))
    return standing_word(task.standing), told
