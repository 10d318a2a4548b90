"""A publisher on the loopback whose every answer a test writes, faults included, and which remembers what was asked."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived.

    Args:
        connection: Port it came from: equal for requests of one connection.
    """

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str
    connection: int


@dataclass(frozen=True)
class Reply:
    """One answer.

    Args:
        delay: Seconds before anything is sent.
        cut: So many bytes of the body are kept back, though its length is stated in full.
        is_dropped: The connection is closed unanswered.
        is_zipped: The body travels compressed.
        trickle: Seconds between the bytes of the body.
        has_length: Whether the length is stated; otherwise the end of the connection ends the body.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: int = 0
    is_dropped: bool = False
    is_zipped: bool = False
    trickle: float = 0
    has_length: bool = True


def saying(value: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


def page_of(title: str, status: int = 200) -> Reply:
    """A web page."""
    return Reply(status, f"<html><title>{title}</title></html>".encode(), {"Content-Type": "text/html"})


class Publisher:
    """What the server answers: the script first, one reply per request; then whatever `answer` says."""

    def __init__(self) -> None:
        self.base = ""
        self.script: list[Reply] = []
        self.answer: Callable[[Asked], Reply] = lambda _: saying({"ok": True})
        self.asked: list[Asked] = []
        self._lock = Lock()

    def reply_to(self, asked: Asked) -> Reply:
        """Remember the request and return what to answer."""
        with self._lock:
            self.asked.append(asked)
            return self.script.pop(0) if self.script else self.answer(asked)


@contextmanager
def publishing() -> Iterator[Publisher]:
    """A publisher at `base`, gone afterwards."""
    publisher = Publisher()
    server = _Server(publisher)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    publisher.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, publisher: Publisher) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.publisher = publisher


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.converse()

    def do_HEAD(self) -> None:
        self.converse()

    def do_POST(self) -> None:
        self.converse()

    def converse(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(length)
        port = self.client_address[1]
        reply = self.server.publisher.reply_to(Asked(self.command, parts.path, params, headers, body, self.path, port))
        time.sleep(reply.delay)
        self.close_connection = self.close_connection or reply.is_dropped or reply.cut > 0 or not reply.has_length
        if not reply.is_dropped:
            try:
                self.send(reply)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    def send(self, reply: Reply) -> None:
        body = gzip.compress(reply.body, mtime=0) if reply.is_zipped else reply.body
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.is_zipped:
            self.send_header("Content-Encoding", "gzip")
        if reply.has_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD" or reply.status in (204, 304):
            return
        sent = body[: len(body) - reply.cut]
        for block in [sent] if not reply.trickle else [sent[at : at + 1] for at in range(len(sent))]:
            self.wfile.write(block)
            self.wfile.flush()
            time.sleep(reply.trickle)
