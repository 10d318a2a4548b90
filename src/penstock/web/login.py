"""Entering with a token, and leaving."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from penstock.web.access import Access
from penstock.web.answers import viewer_of
from penstock.web.form import FormOf
from penstock.web.page import Page
from penstock.web.render import render_page
from penstock.web.sessions import Sessions

routes = APIRouter(include_in_schema=False)


@routes.get("/login")
def ask_for_token(request: Request, to: str = "/pipelines") -> Response:
    """Show the form that asks for a token."""
    if _access(request).is_open:
        return RedirectResponse("/pipelines", 303)
    return _form(request, to)


@routes.post("/login")
def enter(request: Request, form: FormOf) -> Response:
    """Open a session for whoever knows a token."""
    sessions, to = _sessions(request), form.get("to", "/pipelines")
    role = sessions.role_of(form.get("token", "").strip())
    if role is None:
        return _form(request, to, "this token opens nothing", 403)
    answer = RedirectResponse(local(to), 303)
    cookie = sessions.set_cookie(sessions.open(role), is_secure=request.url.scheme == "https")
    answer.headers.append("Set-Cookie", cookie)
    return answer


@routes.post("/logout")
def leave(request: Request, form: FormOf) -> Response:  # noqa: ARG001 - the guard has looked at the form
    """End the session."""
    answer = RedirectResponse("/login", 303)
    answer.headers.append("Set-Cookie", _sessions(request).drop_cookie())
    return answer


def local(address: str) -> str:
    """Return an address of this console; that of its first page for any other."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_local else "/pipelines"


def _form(request: Request, to: str, problem: str = "", status: int = 200) -> Response:
    viewer = viewer_of(request)
    page = Page("login", "enter", {"to": local(to), "problem": problem}, status=status)
    return HTMLResponse(render_page(page, viewer, seq=0, path="/login"), status)


def _access(request: Request) -> Access:
    found: Access = request.app.state.access
    return found


def _sessions(request: Request) -> Sessions:
    found: Sessions = request.app.state.sessions
    return found
