"""Puts the console together: pages, actions, API, live connection, and the guard in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from penstock import __version__
from penstock.web import actions, answers, api, live, login, metrics, schedule_actions
from penstock.web.access import Access
from penstock.web.console import Console
from penstock.web.guard import Guard
from penstock.web.sessions import Sessions


def create_app(console: Console, access: Access) -> FastAPI:
    """Return the console as an application.

    Args:
        access: Who may enter, under which addresses.
    """
    hub = live.LiveHub(console)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await hub.close()

    app = FastAPI(title="Penstock", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.mount("/static", StaticFiles(directory=str(files("penstock.web") / "static")), name="static")
    sessions = Sessions(access, console.clock)
    app.state.console, app.state.access, app.state.sessions = console, access, sessions
    acting = (login.routes, actions.routes, schedule_actions.routes)
    for routes in (metrics.routes, api.routes, *acting, hub.routes, answers.routes):
        app.include_router(routes)
    answers.install_error_pages(app)
    app.add_middleware(Guard, access=access, sessions=sessions, clock=console.clock)
    return app
