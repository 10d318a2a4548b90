"""The simulated OpenFEC API as an ASGI application."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from penstock.kit.clock import Clock
from penstock.kit.pace import Window
from penstock.simulators.faults import Fault, FaultKind, Faults
from penstock.simulators.mishap import error_reply, html_reply, play
from penstock.simulators.openfec.endpoints import Endpoint
from penstock.simulators.openfec.limits import CallCounter
from penstock.simulators.openfec.listings import LISTINGS
from penstock.simulators.openfec.pages import Mishap, Pages, walk_key
from penstock.simulators.openfec.query import Query, Refusal
from penstock.simulators.openfec.schedules import SCHEDULES
from penstock.simulators.openfec.view import DayView
from penstock.simulators.reply import Reply, http_date
from penstock.simulators.requestlog import LoggedRequest, RequestLog, key_hash
from penstock.simulators.story import Story

#: What the publisher allows a key.
LIMITS = (Window(1000, timedelta(hours=1)), Window(60, timedelta(minutes=1)))
_SIGN_UP = '<a href="https://api.data.gov/signup/">https://api.data.gov/signup/</a>'


def create_app(
    story: Story,
    clock: Clock,
    *,
    faults: Faults | None = None,
    keys: Collection[str] | None = None,
    limits: Sequence[Window] = LIMITS,
    log: RequestLog | None = None,
) -> Starlette:
    """Return the API below `/v1`, as it is on the day of the story that the clock shows.

    Args:
        keys: The keys that are good; None takes any that is not empty.
        limits: Calls each key has in any period, exact to the moment; empty for no limit.
    """
    log = log if log is not None else RequestLog()
    api = _Api(story, clock, faults=faults or Faults(), keys=keys, limits=limits, log=log)
    routes = [Route(f"/v1{each.path}", api.endpoint(each)) for each in (*LISTINGS, *SCHEDULES)]
    # The longest path first: `/candidates/totals/` is no candidate.
    routes.sort(key=lambda route: ("{" in route.path, -len(route.path)))
    return Starlette(routes=[*routes, Route("/{rest:path}", api.answer_nothing)])


class _Api:
    def __init__(
        self,
        story: Story,
        clock: Clock,
        *,
        faults: Faults,
        keys: Collection[str] | None,
        limits: Sequence[Window],
        log: RequestLog,
    ) -> None:
        self._story, self._clock, self._faults, self._keys, self._log = story, clock, faults, keys, log
        self._limits, self._counter = tuple(limits), CallCounter(limits)
        self._pages = Pages()
        self._views: dict[int, DayView] = {}
        self._last: dict[Any, Reply] = {}
        self._drift: dict[Any, int] = {}

    def endpoint(self, endpoint: Endpoint) -> Callable[[Request], Coroutine[Any, Any, Reply]]:
        async def answer(request: Request) -> Reply:
            return await self._respond(request, lambda query, fault: self._answer(endpoint, query, fault))

        return answer

    async def answer_nothing(self, request: Request) -> Reply:
        return await self._respond(request, lambda _query, _fault: html_reply(404))

    async def _respond(self, request: Request, answer: Callable[[Query, Fault | None], Reply]) -> Reply:
        now = self._clock.now()
        params = _params(request)
        key = request.headers.get("x-api-key") or params.get("api_key", ("",))[0]
        query = Query(params, {name: str(value) for name, value in request.path_params.items()})
        fault = None
        reply = self._refuse(key, now)
        if reply is None:
            fault = self._faults.find_fault(request.url.path)
            reply = await play(fault, lambda: answer(query, fault))
        reply = reply.with_headers(self._headers(key, now))
        shown = {name: values for name, values in params.items() if name != "api_key"}
        self._log.record(
            LoggedRequest(
                now,
                request.method,
                request.url.path,
                shown,
                key_hash(key),
                reply.told_status,
                reply.rows,
                fault.kind.value if fault else "",
            )
        )
        return reply

    def _headers(self, key: str, now: datetime) -> dict[str, str]:
        headers = {"Date": http_date(now)}
        if self._limits and key:
            headers["X-RateLimit-Limit"] = str(self._limits[0].calls)
            headers["X-RateLimit-Remaining"] = str(self._counter.remaining(key, now))
        return headers

    def _refuse(self, key: str, now: datetime) -> Reply | None:
        if not key:
            return error_reply(403, "API_KEY_MISSING", f"No api_key was supplied. Get one at {_SIGN_UP}")
        if self._keys is not None and key not in self._keys:
            return error_reply(403, "API_KEY_INVALID", f"An invalid api_key was supplied. Get one at {_SIGN_UP}")
        if self._limits and not self._counter.take(key, now):
            return error_reply(429, "OVER_RATE_LIMIT")
        return None

    def _view(self) -> DayView:
        day = self._story.day_at(self._clock.now())
        if day not in self._views:
            self._views[day] = DayView(self._story.state_on(day))
        return self._views[day]

    def _answer(self, endpoint: Endpoint, query: Query, fault: Fault | None) -> Reply:
        walk, kind = walk_key(endpoint.path, query), fault.kind if fault else None
        if kind is FaultKind.DUPLICATE_PAGE and walk in self._last:
            return self._last[walk]
        if kind is FaultKind.CURSOR_REJECTED and query.first("last_index"):
            return _refused(Refusal({"last_index": ["Invalid index."]}))
        try:
            mishap = Mishap(self._drifted(walk, query, kind), kind is FaultKind.WRONG_COUNT)
            body = self._pages.page(endpoint, self._view(), query, mishap)
        except Refusal as refusal:
            return _refused(refusal)
        reply = self._last[walk] = _json(200, body, rows=len(body["results"]))
        return reply

    def _drifted(self, walk: Any, query: Query, kind: FaultKind | None) -> int:
        if kind is FaultKind.PAGE_DRIFT:
            self._drift[walk] = self._drift.get(walk, 0) + 1
        elif query.first("page") in (None, "1"):
            # Whoever begins anew sees the rows as they are.
            self._drift.pop(walk, None)
        return self._drift.get(walk, 0)


def _params(request: Request) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in request.query_params.multi_items():
        found[name] = (*found.get(name, ()), value)
    return found


def _refused(refusal: Refusal) -> Reply:
    return _json(refusal.status, {"message": refusal.message, "status": refusal.status})


def _json(status: int, body: Any, rows: int = 0) -> Reply:
    return Reply(status, json.dumps(body, separators=(",", ":")).encode(), {"Content-Type": "application/json"}, rows)
