"""An answer that is sent piece by piece, its length untold, compressed where the client takes it."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, replace

from starlette.types import Receive, Scope, Send

from penstock.simulators.reply import Reply, drop

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class StreamedReply(Reply):
    """One answer as a stream of pieces."""

    def compressed(self) -> StreamedReply:
        """Return the same answer in gzip."""
        return replace(
            self, body=gzip.compress(self.body, mtime=0), headers={**self.headers, "Content-Encoding": "gzip"}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it.

        Raises:
            ConnectionResetError: The connection was to be dropped, and is none that can be.
        """
        if self.sent is None:
            await Reply.__call__(self, scope, receive, send)
            return
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = self.body[: int(len(self.body) * self.sent)]
        for start in range(0, len(body), _PIECE):
            await send({"type": "http.response.body", "body": body[start : start + _PIECE], "more_body": True})
        if self.sent < 1.0:
            await asyncio.sleep(0)
            await drop(scope, gently=True)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
