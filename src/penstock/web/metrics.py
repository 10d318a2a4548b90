"""Figures for Prometheus, and whether the server is well."""

from __future__ import annotations

from fastapi import APIRouter

routes = APIRouter()
