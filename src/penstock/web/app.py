"""Puts the console together: pages, actions, API, live connection, and the guard in front of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from penstock import __version__
from penstock.web import actions, answers, live, login, metrics, schedule_actions
from penstock.web.access import Access
from penstock.web.api.routes import routes as api_routes
from penstock.web.console import Console
from penstock.web.guard import Guard, Sockets
from penstock.web.sessions import Sessions
from penstock.web.upkeep import Upkeep

_ABOUT = (
    "Everything the console shows and does. Programs on the same machine need nothing else; where the console asks for "
    "a token, send it as `Authorization: Bearer …`. A page's script sends the token of the page's forms as "
    "`X-CSRF-Token`. Instants are UTC; values of secret parameters are stars."
)

_DESCRIBED: dict[str, Any] = {
    "title": "Penstock",
    "version": __version__,
    "description": _ABOUT,
    "openapi_url": "/api/openapi.json",
    "docs_url": None,
    "redoc_url": None,
}


def create_app(console: Console, access: Access) -> FastAPI:
    """Return the console as an application.

    Args:
        access: Who may enter, under which addresses.
    """
    hub = live.LiveHub(console)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        upkeep = Upkeep(console)
        going = asyncio.create_task(upkeep.run())
        yield
        upkeep.stop()
        await going
        await hub.close()

    app = FastAPI(**_DESCRIBED, lifespan=lifespan)
    app.mount("/static", StaticFiles(directory=str(files("penstock.web") / "static")), name="static")
    sessions, sockets = Sessions(access, console.clock), Sockets()
    app.state.console, app.state.access, app.state.sessions, app.state.sockets = console, access, sessions, sockets
    acting = (login.routes, actions.routes, schedule_actions.routes)
    for routes in (metrics.routes, api_routes, *acting, hub.routes, answers.routes):
        app.include_router(routes)
    answers.install_error_pages(app)
    app.add_middleware(Guard, access=access, sessions=sessions, sockets=sockets, clock=console.clock)
    return app


def describe_api() -> dict[str, Any]:
    """Return the OpenAPI description of what programs may ask."""
    app = FastAPI(**_DESCRIBED)
    for routes in (metrics.routes, api_routes):
        app.include_router(routes)
    return app.openapi()
