"""An answer of a simulator, whole, cut off, or none at all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Self

from starlette.types import Receive, Scope, Send

#: Under this name a scope holds what ends its connection at once, where it is served over one.
DROP = "penstock.drop"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, which an ASGI server can send.

    Args:
        rows: How many rows the body holds, for the log.
        sent: Share of the body that is sent before the connection ends; None drops it before anything was sent.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    sent: float | None = 1.0

    @property
    def told_status(self) -> int:
        """The status that was sent; 0 when none was."""
        return 0 if self.sent is None else self.status

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return the same answer with more headers."""
        return replace(self, headers={**self.headers, **headers})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - what ASGI passes
        """Send it.

        Raises:
            ConnectionResetError: The connection was to be dropped, and is none that can be.
        """
        if self.sent is None:
            await drop(scope)
            return
        is_head = scope["method"] == "HEAD"
        length = {} if "Content-Length" in self.headers else {"Content-Length": str(len(self.body))}
        headers = [
            (name.lower().encode(), value.encode("latin-1")) for name, value in {**self.headers, **length}.items()
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if is_head else self.body
        if self.sent < 1.0 and not is_head:
            await send(_body(body[: int(len(body) * self.sent)], more=True))
            await asyncio.sleep(0)
            await drop(scope, gently=True)
            return
        await send(_body(body))


def http_date(at: datetime) -> str:
    """Return an instant as headers tell it."""
    return format_datetime(at.replace(microsecond=0), usegmt=True)


def _body(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def drop(scope: Scope, *, gently: bool = False) -> None:
    """End the connection of a scope; what was sent before arrives when that is done gently.

    Raises:
        ConnectionResetError: It is none that can be ended.
    """
    end = scope.get(DROP)
    if end is None:
        raise ConnectionResetError("the simulator dropped the connection")
    end(gently)
    # The server learns of it in the next turn of its loop; only then may this end without an answer.
    for _ in range(3):
        await asyncio.sleep(0)
