"""The console for programs: JSON with an OpenAPI description."""

from __future__ import annotations

from fastapi import APIRouter

routes = APIRouter()
