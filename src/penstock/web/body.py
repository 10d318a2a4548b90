"""Reads a request's body, no more than is good, and hands it on."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

from penstock.web.checks import LONGEST_BODY

#: Seconds in which a body has to arrive.
_PATIENCE = 20.0


async def read_body(receive: Receive) -> bytes | None:
    """Return the whole body; None when it is too large, too slow, or its sender left."""
    read = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                read += message.get("body", b"")
                if len(read) > LONGEST_BODY:
                    return None
                if not message.get("more_body", False):
                    return bytes(read)
    except TimeoutError:
        return None


def replaying(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that tells the body once, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
