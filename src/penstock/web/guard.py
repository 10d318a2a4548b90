"""Stands in front of everything: nobody gets past it unseen, and nothing gets past it unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from penstock.kit.clock import Clock
from penstock.web.access import Access
from penstock.web.answers import refuse
from penstock.web.body import read_body, replaying
from penstock.web.checks import (
    SAFE,
    Knock,
    Refusal,
    refuse_address,
    refuse_foreign,
    refuse_forged,
    refuse_large,
    refuse_reader,
    too_large,
)
from penstock.web.headers import sending
from penstock.web.page import Role, Viewer
from penstock.web.sessions import Session, Sessions

#: So many pages may be followed live at one time.
MOST_SOCKETS = 200
_UNASKED = ("/static/", "/healthz")
_POLICY_VIOLATION, _TRY_LATER = 1008, 1013
#: Asks for the same page again, now from the console itself, so that the browser sends the session along.
_ONWARD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0">'
    '<title>Penstock</title></head><body><p><a href="">Go on to the console</a></p></body></html>'
)
_ENTER = "enter at /login, or send the token as header `Authorization: Bearer …`"


class Caller(NamedTuple):
    """Who asks, as far as can be told.

    Args:
        role: What they may do; None for somebody who has yet to enter.
        session: Of their browser.
        has_bearer: Whether the request itself carries a token, which no foreign page can make a browser send.
    """

    role: Role | None
    session: Session | None
    has_bearer: bool = False


@dataclass(slots=True)
class Sockets:
    """Counts the websockets that are open."""

    open: int = 0


class Guard:
    """Lets requests pass that may, with their viewer in `scope["viewer"]`."""

    def __init__(self, app: ASGIApp, access: Access, sessions: Sessions, sockets: Sockets, clock: Clock) -> None:
        self._app = app
        self._access = access
        self._sessions = sessions
        self._sockets = sockets
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        knock = knock_of(scope)
        if knock.path.startswith(_UNASKED) and knock.method in SAFE:
            await self._app(scope, receive, sending(send, knock.path))
            return
        caller = self._caller(knock)
        cookies: list[str] = []
        refusal = refuse_address(knock, self._access) or refuse_large(knock)
        if refusal is None and caller.session is None and knock.method in SAFE and knock.is_page:
            if knock.follows_link:
                await HTMLResponse(_ONWARD)(scope, receive, sending(send, knock.path))
                return
            caller, cookies = self._let_in(caller, is_secure=scope.get("scheme") == "https")
        scope["viewer"] = self._viewer(caller)
        if refusal is None:
            refusal, receive = await self._refuse(knock, caller, receive)
        answer: ASGIApp = self._app if refusal is None else _answer(Request(scope), knock, refusal)
        await answer(scope, receive, sending(send, knock.path, cookies))

    def _let_in(self, caller: Caller, *, is_secure: bool) -> tuple[Caller, list[str]]:
        """Open a visitor's session, which their forms belong to; return it with the cookie that keeps it."""
        if caller.has_bearer:
            return caller, []
        session = self._sessions.open(None)
        return caller._replace(session=session), [self._sessions.set_cookie(session, is_secure=is_secure)]

    async def _refuse(self, knock: Knock, caller: Caller, receive: Receive) -> tuple[Refusal | None, Receive]:
        """Return why a request goes no further, if it does not, and where its body is read from."""
        refusal = self._refuse_stranger(knock, caller)
        if refusal or knock.method in SAFE:
            return refusal, receive
        refusal = None if caller.has_bearer else refuse_foreign(knock)
        refusal = refusal or refuse_reader(knock, caller.role or Role.READER)
        body = None if refusal else await read_body(receive)
        if refusal or body is None:
            return refusal or too_large(), receive
        if not caller.has_bearer:
            refusal = refuse_forged(knock, body, caller.session, self._sessions)
        return refusal, replaying(body, receive)

    def _caller(self, knock: Knock) -> Caller:
        if not self._access.is_open and knock.bearer is not None:
            return Caller(self._sessions.role_of(knock.bearer), None, has_bearer=True)
        session = self._sessions.read(knock.headers.get("cookie", ""))
        if self._access.is_open:
            return Caller(Role.OPERATOR, session)
        return Caller(session.role if session else None, session)

    def _viewer(self, caller: Caller) -> Viewer:
        session = caller.session
        csrf = self._sessions.csrf(session) if session else ""
        return Viewer(caller.role or Role.READER, csrf, has_entered=session is not None and session.role is not None)

    def _refuse_stranger(self, knock: Knock, caller: Caller) -> Refusal | None:
        if caller.role is not None or knock.path == "/login":
            return None
        if caller.has_bearer:
            return Refusal(401, "this token opens nothing", _ENTER)
        return Refusal(401, "this console asks for a token", _ENTER)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        knock = knock_of(scope)
        caller = self._caller(knock)
        if self._sockets.open >= MOST_SOCKETS or self._refuse_socket(knock, caller) is not None:
            await receive()
            code = _TRY_LATER if self._sockets.open >= MOST_SOCKETS else _POLICY_VIOLATION
            await send({"type": "websocket.close", "code": code, "reason": "refused"})
            return
        scope["viewer"] = self._viewer(caller)
        self._sockets.open += 1
        try:
            until = caller.session.until if caller.session and caller.session.role else None
            await self._app(scope, receive if until is None else ending(receive, until, self._clock.now), send)
        finally:
            self._sockets.open -= 1

    def _refuse_socket(self, knock: Knock, caller: Caller) -> Refusal | None:
        """Refuse a handshake: browsers make one for any page, with our cookies, and only the origin tells for whose."""
        refusal = refuse_address(knock, self._access) or self._refuse_stranger(knock, caller)
        return refusal or (None if caller.has_bearer else refuse_foreign(knock))


def knock_of(scope: Scope) -> Knock:
    """Return a request as the guard sees it."""
    return Knock(
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=dict(Headers(scope=scope).items()),
    )


def _answer(request: Request, knock: Knock, refusal: Refusal) -> Response:
    if refusal.status == 401 and knock.method in SAFE and knock.is_page:
        address = knock.path + (f"?{knock.query}" if knock.query else "")
        return RedirectResponse(f"/login?to={quote(address, safe='')}", 303)
    answer = refuse(request, refusal.status, refusal.message, refusal.hint)
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def ending(receive: Receive, until: datetime, now: Callable[[], datetime]) -> Receive:
    """Return a `receive` that tells of the reader's leaving when their session ends."""

    async def receive_until() -> Message:
        try:
            async with asyncio.timeout(max(0.0, (until - now()).total_seconds())):
                return await receive()
        except TimeoutError:
            return {"type": "websocket.disconnect", "code": _POLICY_VIOLATION}

    return receive_until
