"""Answers requests for pages, and turns what goes wrong into a page or a JSON body that says so."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from penstock.errors import ConflictError, PenstockError, SourceError, StateError, UsageError, WarehouseError
from penstock.web.absence import AbsentError
from penstock.web.console import Console
from penstock.web.headers import SECURITY
from penstock.web.page import Role, Viewer, refusal
from penstock.web.render import render_page
from penstock.web.router import find_page

routes = APIRouter(include_in_schema=False)


@routes.get("/")
def begin() -> Response:
    """Send a visitor of the root to the pipelines."""
    return RedirectResponse("/pipelines", status_code=307)


@routes.get("/{path:path}")
async def show_page(request: Request) -> Response:
    """Answer with the page at this address."""
    # As it was sent: a name in it may hold what has a meaning in addresses.
    address = request.scope["raw_path"].decode("ascii") + (f"?{request.url.query}" if request.url.query else "")
    return await run_in_threadpool(answer_page, request, address)


def answer_page(request: Request, address: str) -> Response:
    """Return the page at an address, for whoever asks."""
    console: Console = request.app.state.console
    viewer = viewer_of(request)
    seq = console.engine.survey.last_seq()
    page = find_page(console, address, viewer)
    return HTMLResponse(render_page(page, viewer, seq=seq, path=request.url.path), page.status)


def viewer_of(request: Request) -> Viewer:
    """Return who asks, as the guard found out."""
    found: Viewer = request.scope.get("viewer") or Viewer(Role.READER)
    return found


def install_error_pages(app: FastAPI) -> None:
    """Answer every error with a status, a message and the next step."""
    app.add_exception_handler(Exception, _defect)
    app.add_exception_handler(PenstockError, _penstock_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)


def status_of(error: PenstockError, *, is_read: bool) -> int:
    """Return the HTTP status for an error: what the reader of a page names and is not there is not found."""
    if isinstance(error, AbsentError):
        return 404
    if isinstance(error, UsageError):
        return 404 if is_read else 400
    if isinstance(error, ConflictError):
        return 409
    if isinstance(error, StateError | WarehouseError | SourceError):
        return 503
    return 400


def _defect(request: Request, error: Exception) -> Response:
    hint = "this is a defect of Penstock; the server's output tells where"
    answer = refuse(request, 500, f"unexpected {type(error).__name__}", hint)
    answer.headers.update(SECURITY)  # this answer passes no guard
    return answer


def _penstock_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, PenstockError)  # noqa: S101 - registered for nothing else
    is_page = request.method in ("GET", "HEAD") and not request.url.path.startswith("/api")
    status = status_of(error, is_read=is_page)
    return refuse(request, status, error.message, error.hint)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    answer = refuse(request, error.status_code, str(error.detail).lower())
    answer.headers.update(error.headers or {})
    return answer


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    told = "; ".join(f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}" for one in error.errors()[:5])
    return refuse(request, 422, told)


def refuse(request: Request, status: int, message: str, hint: str | None = None, *, back: str = "") -> Response:
    """Return an error as JSON for programs, as a page for people.

    Args:
        back: Address of the form that was sent, filled in with what was given.
    """
    if request.url.path.startswith("/api"):
        return JSONResponse({"error": {"message": message, "hint": hint}}, status)
    page = refusal(status, message, hint, back)
    return HTMLResponse(render_page(page, viewer_of(request), seq=0, path=request.url.path), status)
