"""What a person can make happen to pipelines and runs: forms that start, stop, mark and reset."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from penstock.errors import PenstockError, UsageError
from penstock.kit.veil import is_hidden
from penstock.web import steering
from penstock.web.absence import AbsentError
from penstock.web.answers import answer_page, refuse, status_of
from penstock.web.asking import asked_fields, form_address, request_of
from penstock.web.console import Console
from penstock.web.form import FormOf
from penstock.web.login import local
from penstock.web.words import part

routes = APIRouter(include_in_schema=False)


@routes.post("/pipelines/{pipeline}/run")
def run_pipeline(request: Request, pipeline: str, form: FormOf) -> Response:
    """Start a run, or show what it would do."""
    asked = asked_fields(form.fields)
    if form.is_set("dry"):
        return _plan(request, pipeline, asked)
    try:
        run_id = steering.start(console_of(request), request_of(pipeline, form.fields, cause="console"))
    except AbsentError:
        raise
    except PenstockError as error:
        status = status_of(error, is_read=False)
        return refuse(request, status, error.message, error.hint, back=form_address(pipeline, asked))
    return _to(f"/runs/{part(run_id)}")


def _plan(request: Request, pipeline: str, asked: list[tuple[str, str]]) -> Response:
    address = f"/pipelines/{part(pipeline)}/plan?{urlencode(asked)}"
    if any(is_hidden(name.removeprefix("param."), value) for name, value in asked):
        return answer_page(request, address)  # addresses are kept, in browsers and in logs of servers on the way
    return _to(address)


@routes.post("/pipelines/{pipeline}/tasks/{task}/tested")
def mark_tested(request: Request, pipeline: str, task: str, form: FormOf) -> Response:
    """Write down whether a person has tested a task."""
    steering.mark_tested(console_of(request), pipeline, task, is_tested=form.is_set("value"))
    return _to(local(form.get("back") or f"/pipelines/{part(pipeline)}"))


@routes.post("/pipelines/{pipeline}/reset")
def reset_pipeline(request: Request, pipeline: str, form: FormOf) -> Response:
    """Forget that tasks completed."""
    if not form.is_set("sure"):
        raise UsageError("nothing was reset: the form asks whether you are sure", hint="go back, and tick the box")
    asked = request_of(pipeline, form.fields, cause="console")
    steering.reset(console_of(request), pipeline, asked.params or None, asked.tasks, data=form.is_set("data"))
    return _to(f"/pipelines/{part(pipeline)}")


@routes.post("/runs/{run}/cancel")
def cancel_run(request: Request, run: str, form: FormOf) -> Response:
    """Tell a run to end."""
    return _to(f"/runs/{part(steering.cancel(console_of(request), run, now=form.is_set('now')))}")


@routes.post("/runs/{run}/resume")
def resume_run(request: Request, run: str) -> Response:
    """Go on with a run."""
    return _to(f"/runs/{part(steering.resume(console_of(request), run))}")


@routes.post("/runs/{run}/retry")
def retry_run(request: Request, run: str) -> Response:
    """Try again what failed in a run."""
    return _to(f"/runs/{part(steering.retry(console_of(request), run))}")


def _to(address: str) -> Response:
    return RedirectResponse(address, 303)


def console_of(request: Request) -> Console:
    """Return the parts of the console that answers a request."""
    found: Console = request.app.state.console
    return found
