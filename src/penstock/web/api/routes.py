"""Every route of the API, below `/api`."""

from __future__ import annotations

from fastapi import APIRouter

from penstock.web.api import house, pipelines, runs
from penstock.web.api.shape import ERRORS

routes = APIRouter(prefix="/api", responses=ERRORS)
for part in (pipelines.routes, runs.routes, house.routes):
    routes.include_router(part)
