"""Plays a fault: answers with errors, or spoils an answer on its way out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

from penstock.simulators.faults import Fault, FaultKind
from penstock.simulators.reply import Reply

_OVER_LIMIT = (
    "You have exceeded your rate limit. Try again later or contact us at https://api.open.fec.gov/contact for "
    "assistance"
)
_WORDS = {404: "Not Found", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
_STATUS = {
    FaultKind.SERVER_ERROR: 500,
    FaultKind.BAD_GATEWAY: 502,
    FaultKind.UNAVAILABLE: 503,
}


async def play(fault: Fault | None, answer: Callable[[], Reply]) -> Reply:
    """Return the answer, spoiled as the fault says; faults of content are the answer's own to play."""
    if fault is None:
        return answer()
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.delay.total_seconds())
    instead = _instead(fault)
    return _spoiled(fault.kind, answer()) if instead is None else instead


def error_reply(status: int, code: str, message: str = _OVER_LIMIT) -> Reply:
    """Return an error as the gateway before the API tells it."""
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Reply(status, body, {"Content-Type": "application/json"})


def html_reply(status: int, words: str = "") -> Reply:
    """Return a page of HTML."""
    words = words or _WORDS[status]
    body = (
        f"<html>\n  <head>\n    <title>{words}</title>\n  </head>\n  <body>\n    <h1>{words}</h1>\n  </body>\n</html>\n"
    )
    return Reply(status, body.encode(), {"Content-Type": "text/html"})


def _instead(fault: Fault) -> Reply | None:
    wait = {} if fault.retry_after is None else {"Retry-After": str(int(fault.retry_after.total_seconds()))}
    if fault.kind is FaultKind.LIMIT:
        return error_reply(429, "OVER_RATE_LIMIT").with_headers(wait)
    if fault.kind in _STATUS:
        return html_reply(_STATUS[fault.kind]).with_headers(wait if fault.kind is FaultKind.UNAVAILABLE else {})
    if fault.kind is FaultKind.HTML:
        return html_reply(200, "We are making some updates")
    if fault.kind is FaultKind.DROPPED:
        return Reply(0, sent=None)
    return None


def _spoiled(kind: FaultKind, reply: Reply) -> Reply:
    if kind is FaultKind.TRUNCATED:
        return replace(reply, sent=0.5)
    if kind is FaultKind.CUT_JSON:
        return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])
    return reply
