"""Asks an ASGI application one question, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(app: ASGIApp, path: str, *, key: str = "k", headers: Mapping[str, str] | None = None, **params: Any) -> Answer:
    sent = dict(headers or {}) | ({"x-api-key": key} if key else {})
    return asyncio.run(_ask(app, path, sent, urlencode(params, doseq=True), params.pop("method", "GET")))


async def _ask(app: ASGIApp, path: str, headers: Mapping[str, str], query: str, method: str) -> Answer:
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await app(
        {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http", "root_path": "",
        },
        receive,
        send,
    )  # fmt: skip
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return Answer(said[0]["status"], told, b"".join(message["body"] for message in said[1:]))


def walk(app: ASGIApp, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    """Yield every page of a keyset walk, as the publisher's documents tell to make it."""
    cursor: dict[str, Any] = {}
    while True:
        answer = ask(app, path, **params, **cursor)
        assert answer.status == 200, answer.body
        page = answer.json
        if not page["results"]:
            return
        yield page
        cursor = page["pagination"]["last_indexes"]
