"""What a person can make happen to schedules: forms that record, pause, resume and remove."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from penstock.engine.triggers.deployments import Deployments
from penstock.web.actions import console_of
from penstock.web.asking import request_of
from penstock.web.form import FormOf
from penstock.web.login import local

routes = APIRouter(include_in_schema=False, prefix="/schedules")


@routes.post("/pause")
def pause_schedule(request: Request, form: FormOf) -> Response:
    """Let a recorded deployment ask for nothing until it is resumed."""
    _deployments(request).pause(form.needed("name"))
    return _back(form.get("back"))


@routes.post("/resume")
def resume_schedule(request: Request, form: FormOf) -> Response:
    """Let a paused deployment ask again."""
    _deployments(request).resume(form.needed("name"))
    return _back(form.get("back"))


@routes.post("/remove")
def remove_schedule(request: Request, form: FormOf) -> Response:
    """Forget a recorded deployment."""
    _deployments(request).remove(form.needed("name"))
    return _back(form.get("back"))


@routes.post("/deploy")
def deploy_schedule(request: Request, form: FormOf) -> Response:
    """Record a deployment that a pipeline declares."""
    pipeline = console_of(request).engine.pipeline(form.needed("pipeline"))
    declared = pipeline.deployment(form.needed("deployment"))
    given = request_of(pipeline.name, form.fields, cause="console").params
    _deployments(request).record(pipeline, [declared], given)
    return _back(form.get("back"))


def _deployments(request: Request) -> Deployments:
    return Deployments(console_of(request).engine)


def _back(address: str) -> Response:
    return RedirectResponse(local(address or "/schedules"), 303)
