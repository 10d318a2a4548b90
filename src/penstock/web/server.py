"""Listens for the console: one socket, opened before anything is promised, and an end that comes at once."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EADDRINUSE

import uvicorn
from starlette.types import ASGIApp

from penstock.errors import UsageError

#: Connections at one time; followers of pages among them.
_MOST_CONNECTIONS = 1000
_LONGEST_MESSAGE = 64 * 1024


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Args:
        port: 0 for any that is free.

    Raises:
        UsageError: It is taken, or not this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind)
    except OSError as error:
        raise UsageError(f"there is no address `{host}`", hint="leave `--host` out for this machine alone") from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(128)
    except OSError as error:
        found.close()
        if error.errno == EADDRINUSE:
            raise UsageError(
                f"port {port} of `{host}` is taken: a console may be open there already",
                hint=f"look at http://{url_host(host)}:{port}, or choose another, such as `--port 0` for any",
            ) from error
        raise UsageError(
            f"cannot listen at `{host}`, port {port}: {error.strerror}", hint="choose another `--host` or `--port`"
        ) from error
    return found


def url_host(host: str) -> str:
    """Return an address as a URL writes it."""
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """Ends at the first Ctrl-C or SIGTERM as at a wish: not as if it had failed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear both signals for the time of a `with` block."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Answer requests until Ctrl-C or SIGTERM; runs go on."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        ws_max_size=_LONGEST_MESSAGE,
        timeout_graceful_shutdown=1,
    )
    _Server(config).run(sockets=[listening])
