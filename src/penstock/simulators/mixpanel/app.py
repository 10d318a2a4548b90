"""The simulated Mixpanel as an ASGI application: raw export of events, and queries for profiles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from penstock.kit.clock import Clock
from penstock.kit.pace import Window
from penstock.simulators.faults import PASSING, Fault, FaultKind, Faults
from penstock.simulators.mishap import play
from penstock.simulators.mixpanel.access import CONCURRENT, LIMITS, Caller, Door
from penstock.simulators.mixpanel.engage import Engage
from penstock.simulators.mixpanel.export import answer_export, read_query
from penstock.simulators.mixpanel.refusal import Refusal
from penstock.simulators.mixpanel.streamed import StreamedReply
from penstock.simulators.mixpanel.universe import Universe
from penstock.simulators.reply import Reply, http_date
from penstock.simulators.requestlog import LoggedRequest, RequestLog, key_hash

#: What can go wrong here.
FAULTS = (*PASSING, FaultKind.SLOW, FaultKind.HTML)

_Answer = Callable[[Mapping[str, str], datetime], Reply]


def create_mixpanel_app(
    universe: Universe,
    clock: Clock,
    *,
    faults: Faults | None = None,
    keys: Collection[str] | None = None,
    project_id: str | None = None,
    limits: Sequence[Window] = LIMITS,
    concurrent: int = CONCURRENT,
    page_size: int = 1000,
    log: RequestLog | None = None,
) -> Starlette:
    """Return the export below `/api/2.0` and the profiles below `/api/query`, as the clock has let events arrive.

    Args:
        keys: The secrets and service accounts that are good; None takes any that is not empty.
        project_id: The project; None takes any.
        limits: Calls each caller has of each interface in any period; empty for no limit.
        concurrent: How many calls are answered at once.
        page_size: How many profiles a page holds.
    """
    door = Door(keys=keys, project_id=project_id, limits=limits, concurrent=concurrent)
    shared = (clock, faults or Faults(), door, log if log is not None else RequestLog())
    engage = Engage(universe.people, page_size)
    return Starlette(
        routes=[
            Route("/api/2.0/export", _Interface(*shared, lambda p, now: answer_export(universe, read_query(p), now))),
            Route("/api/query/engage", _Interface(*shared, lambda p, _now: engage.answer(p)), methods=["POST"]),
            Route("/api/query/engage", _Interface(*shared, _refuse_with(405, "Method not allowed: use POST"))),
            Route("/{rest:path}", _Interface(*shared, _refuse_with(404, "Not found"))),
        ]
    )


class _Interface:
    """One interface: who asks, how often, what goes wrong, and the log around its answers."""

    def __init__(self, clock: Clock, faults: Faults, door: Door, log: RequestLog, answer: _Answer) -> None:
        self._clock, self._faults, self._door, self._log, self._answer = clock, faults, door, log, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = await _read_call(Request(scope, receive), self._clock.now())
        caller, fault = None, None
        try:
            caller = self._door.admit(call.authorization, call.params.get("project_id", ""))
            with self._door.entered(caller, call.path, call.at):
                fault = self._faults.find_fault(call.path)
                reply = await self._reply(call, fault)
                self._note(call, caller, reply, fault)
                await reply(scope, receive, send)
        except Refusal as refusal:
            reply = refusal.as_reply(call.path)
            self._note(call, caller, reply, fault)
            await reply(scope, receive, send)

    async def _reply(self, call: _Call, fault: Fault | None) -> Reply:
        if fault is not None and fault.kind is FaultKind.LIMIT:
            wait = {} if fault.retry_after is None else {"Retry-After": str(int(fault.retry_after.total_seconds()))}
            raise Refusal(429, "Query rate limit exceeded", wait)
        reply = await play(fault, lambda: self._answer(call.params, call.at))
        if isinstance(reply, StreamedReply) and call.takes_gzip:
            reply = reply.compressed()
        return reply.with_headers({"Date": http_date(call.at)})

    def _note(self, call: _Call, caller: Caller | None, reply: Reply, fault: Fault | None) -> None:
        asked = {name: (value,) for name, value in call.params.items()}
        key = key_hash(caller.name if caller else "")
        told = fault.kind.value if fault else ""
        self._log.record(
            LoggedRequest(call.at, call.method, call.path, asked, key, reply.told_status, reply.rows, told)
        )


@dataclass(frozen=True, slots=True)
class _Call:
    """What was asked, of the address and of the form together."""

    method: str
    path: str
    params: Mapping[str, str]
    authorization: str
    takes_gzip: bool
    at: datetime


async def _read_call(request: Request, now: datetime) -> _Call:
    form = parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
    return _Call(
        method=request.method,
        path=request.url.path,
        params={**request.query_params, **dict(form)},
        authorization=request.headers.get("authorization", ""),
        takes_gzip="gzip" in request.headers.get("accept-encoding", ""),
        at=now,
    )


def _refuse_with(status: int, message: str) -> _Answer:
    def answer(_params: Mapping[str, str], _now: datetime) -> Reply:
        raise Refusal(status, message)

    return answer
