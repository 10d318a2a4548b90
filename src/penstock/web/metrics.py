"""Figures for Prometheus, and whether the server is well."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from penstock import __version__
from penstock.errors import PenstockError
from penstock.web.console import Console
from penstock.web.figures import exposition

routes = APIRouter()


class Health(BaseModel):
    """Whether the server can do its work."""

    status: str
    version: str


@routes.get("/metrics", include_in_schema=False)
def read_metrics(request: Request) -> Response:
    """Return the figures as Prometheus reads them."""
    text, kind = exposition(request.app.state.console, request.app.state.sockets.open)
    return Response(text, media_type=kind)


@routes.get(
    "/healthz",
    operation_id="get_health",
    tags=["house"],
    responses={503: {"model": Health, "description": "the state store cannot be reached"}},
)
def get_health(request: Request) -> Health:
    """Tell whether the server reaches its state store; asks for no token, and tells nothing else."""
    console: Console = request.app.state.console
    try:
        console.engine.survey.last_seq()
    except PenstockError:
        return JSONResponse({"status": "state store away", "version": __version__}, 503)  # type: ignore[return-value] # as FastAPI allows
    return Health(status="ok", version=__version__)
