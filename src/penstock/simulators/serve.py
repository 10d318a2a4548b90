"""Serves simulators on the loopback address, from a thread of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from penstock.errors import UsageError
from penstock.kit.clock import Clock
from penstock.kit.pace import Window
from penstock.simulators.faults import Faults
from penstock.simulators.fec_downloads import create_downloads_app
from penstock.simulators.openfec.app import LIMITS, create_app
from penstock.simulators.reply import DROP
from penstock.simulators.requestlog import RequestLog
from penstock.simulators.story import Story


class Served:
    """An application on the loopback address for the time of a `with` block.

    Args:
        port: 0 takes any that is free.
    """

    def __init__(self, app: ASGIApp, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self._app, self._wanted, self._host = app, port, host
        self._running: tuple[uvicorn.Server, Thread, socket.socket] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{self._host}:{self._port}"

    def __enter__(self) -> Self:
        """Begin to serve: the address can be called from here on.

        Raises:
            UsageError: The port cannot be had.
        """
        try:
            listener = socket.create_server((self._host, self._wanted))
        except OSError as error:
            raise UsageError(
                f"cannot serve at `{self._host}:{self._wanted}`: {error.strerror}", hint="choose another port"
            ) from error
        # Connections inherit it: else small answers wait for the delayed acknowledgement of their headers.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port = listener.getsockname()[1]
        app, protocol = _droppable(self._app)
        server = uvicorn.Server(
            uvicorn.Config(
                app, http=protocol, loop="asyncio", lifespan="off", ws="none", log_config=None, log_level="critical",
                access_log=False, date_header=False, server_header=False, timeout_graceful_shutdown=1,
            )
        )  # fmt: skip
        thread = Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="simulator", daemon=True)
        thread.start()
        self._running = server, thread, listener
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        if self._running is None:
            return
        server, thread, listener = self._running
        self._running = None
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


class ServedFec(Served):
    """The simulated FEC, API and bulk downloads, for the time of a `with` block.

    Args:
        folder: Where bulk files are made.
    """

    def __init__(
        self,
        story: Story,
        clock: Clock,
        folder: Path,
        *,
        faults: Faults | None = None,
        keys: Collection[str] | None = None,
        limits: Sequence[Window] = LIMITS,
        log: RequestLog | None = None,
        port: int = 0,
    ) -> None:
        self.story, self.clock = story, clock
        self.log = log if log is not None else RequestLog()
        api = create_app(story, clock, faults=faults, keys=keys, limits=limits, log=self.log)
        downloads = create_downloads_app(story, clock, folder, faults=faults, log=self.log)
        super().__init__(_Site(api, downloads), port=port)

    @property
    def openfec_url(self) -> str:
        """What stands in place of `https://api.open.fec.gov/v1`."""
        return f"{self.url}/v1"

    @property
    def bulk_url(self) -> str:
        """What stands in place of `https://www.fec.gov/files/bulk-downloads/`."""
        return f"{self.url}/files/bulk-downloads/"


class _Site:
    def __init__(self, api: ASGIApp, downloads: ASGIApp) -> None:
        self._api, self._downloads = api, downloads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._downloads if str(scope.get("path", "")).startswith("/files/") else self._api
        await app(scope, receive, send)


def _droppable(app: ASGIApp) -> tuple[ASGIApp, type[H11Protocol]]:
    """Return an application that can end its connections, and the protocol that lets it."""
    open_ones: dict[tuple[str, int], asyncio.Transport] = {}

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as its base declares it
            super().connection_made(transport)
            open_ones[transport.get_extra_info("peername")[:2]] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            open_ones.pop(self.transport.get_extra_info("peername")[:2], None)
            super().connection_lost(exc)

    def dropper(transport: asyncio.Transport) -> Callable[[bool], None]:
        return lambda gently: transport.close() if gently else transport.abort()

    async def with_drop(scope: Scope, receive: Receive, send: Send) -> None:
        transport = open_ones.get(tuple(scope.get("client") or ()))
        await app({**scope, DROP: dropper(transport)} if transport else scope, receive, send)

    return with_drop, Protocol
