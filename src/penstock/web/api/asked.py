"""Finds what the address of an API request names; what is not there is answered with 404."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.view import RunView
from penstock.errors import ConflictError
from penstock.web.absence import AbsentError
from penstock.web.console import Console
from penstock.web.steering import find_pipeline, find_run

_LONGEST = 300


def _console(request: Request) -> Console:
    found: Console = request.app.state.console
    return found


#: The parts of the console that answers.
ConsoleOf = Annotated[Console, Depends(_console)]
PipelineName = Annotated[str, Path(max_length=_LONGEST, description="name of a pipeline")]
TaskName = Annotated[str, Path(max_length=_LONGEST, description="name of a task")]
RunId = Annotated[str, Path(max_length=_LONGEST, description="id of a run, the beginning of one, or `last`")]


def _pipeline(console: ConsoleOf, pipeline: PipelineName) -> Pipeline:
    return find_pipeline(console, pipeline)


def _run(console: ConsoleOf, run: RunId) -> RunView:
    started = console.launches.find(run)
    try:
        return find_run(console, run)
    except AbsentError:
        if started is None:
            raise
        if started.ending is None:
            raise AbsentError(f"run `{run}` is starting", hint="ask again in a moment") from None
        told = started.ending.message or "its process ended before it wrote the run"
        raise ConflictError(f"run `{run}` was not started: {told}", hint="start it anew") from None


#: The pipeline that the address names.
PipelineOf = Annotated[Pipeline, Depends(_pipeline)]
#: The run that the address names.
RunOf = Annotated[RunView, Depends(_run)]
