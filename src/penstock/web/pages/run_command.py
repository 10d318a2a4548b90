"""The command that asks for the same run again, and where a run came from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import join
from typing import Any

from penstock.engine.definition.param import Param
from penstock.engine.planning.reason import ReasonKind
from penstock.engine.state.records import TaskRun
from penstock.kit.veil import is_hidden
from penstock.web.pages.run_subject import Subject
from penstock.web.paging import address
from penstock.web.words import part

_TYPED = "penstock run "
_NAMED = re.compile(r"(?P<run>\b[0-9A-HJKMNP-TV-Z]{26}\b|(?<=^retry )\S+)|(?<=^deployment )(?P<deployment>[^,]+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a cause.

    Args:
        href: What they name; empty for mere words.
    """

    text: str
    href: str = ""


def cause_of(subject: Subject) -> tuple[Piece, ...]:
    """Return what asked for the run, with links to the run or the deployment it names."""
    return tuple(piece for piece in _pieces(subject.veil.command(subject.run.cause)) if piece.text)


def _pieces(cause: str) -> Iterator[Piece]:
    end = 0
    for found in _NAMED.finditer(cause):
        yield Piece(cause[end : found.start()])
        yield Piece(found[0], f"/runs/{part(found['run'])}" if found["run"] else "/schedules")
        end = found.end()
    yield Piece(cause[end:])


def is_typed(subject: Subject) -> bool:
    """Tell whether the run's cause is the very command that asked for it."""
    return subject.run.cause.startswith(_TYPED)


def command_of(subject: Subject, tasks: Sequence[TaskRun]) -> str:
    """Return the command that asks for this run again; secrets in it are stars.

    Args:
        tasks: Its task runs, of which those chosen are told; not needed where the command was typed.
    """
    run = subject.run
    if is_typed(subject):
        return subject.veil.command(run.cause)
    words = ["penstock", "run", run.pipeline, *_param_flags(subject)]
    if run.deployment:
        words += ["--deployment", run.deployment]
    else:
        words += _choice(tasks)
    if any(task.reason.get("kind") == ReasonKind.FORCED.value for task in tasks):
        words.append("--force")
    if run.continue_on_failure:
        words.append("--continue-on-failure")
    return join(words)


def _param_flags(subject: Subject) -> Iterator[str]:
    """Yield the flags of the parameters that are not as they would be anyway."""
    declared = {param.name: param for param in subject.pipeline.params} if subject.pipeline else {}
    shown = subject.veil.params
    for name in (*(name for name in declared if name in shown), *(name for name in shown if name not in declared)):
        param, value = declared.get(name), shown[name]
        if value is not None and (param is None or not _is_default(param, value)):
            yield from _flag(param or Param(name), value)


def _is_default(param: Param, value: Any) -> bool:
    return param.default is not None and str(param.default) == str(value)


def _flag(param: Param, value: Any) -> list[str]:
    if param.type is bool or isinstance(value, bool):
        return [param.flag if value else f"--no-{param.flag[2:]}"]
    return [param.flag, str(value)]


def _choice(tasks: Sequence[TaskRun]) -> list[str]:
    left_out = [task.task for task in tasks if task.reason.get("kind") == ReasonKind.NOT_SELECTED.value]
    if not left_out:
        return []
    chosen = [task.task for task in tasks if task.reason.get("kind") != ReasonKind.NOT_SELECTED.value]
    if len(chosen) <= len(left_out):
        return ["--tasks", ",".join(chosen)]
    return ["--skip", ",".join(left_out)]


def form_address(subject: Subject) -> str:
    """Return the address of the pipeline's form, filled with this run's parameters; secrets are left to be typed."""
    given = {
        f"param.{name}": value
        for name, value in subject.run.params.items()
        if value is not None and not is_hidden(name, value)
    }
    return address(f"/pipelines/{part(subject.run.pipeline)}", **given) + "#run"
