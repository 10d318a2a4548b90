"""Entering and leaving, where a token is asked for."""

from __future__ import annotations

from fastapi import APIRouter

routes = APIRouter()
