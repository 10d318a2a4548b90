"""What a person can make happen: forms that start, stop, mark and reset."""

from __future__ import annotations

from fastapi import APIRouter

routes = APIRouter()
