"""One call over the network: the key is put in here, and taken out of whatever comes back."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib.metadata import version
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2

from penstock.errors import SourceError
from penstock.kit.clock import Clock
from penstock.kit.secret import Secret
from penstock.sources.http.answer import KEPT_HEADERS, Answer
from penstock.sources.http.request import Request
from penstock.sources.http.retry import Fault, FaultKind
from penstock.sources.source import Source

# Its debug lines show headers as they travel: the key, where a publisher repeats it.
logging.getLogger("httpcore2").setLevel(logging.INFO)

_UNREACHABLE_HINT = (
    "check the network and the address; `PENSTOCK_SOURCES={name}=http://…` names another, "
    "`PENSTOCK_RECORDINGS=replay` needs none"
)


class Network:
    """Connections to one publisher, kept open between calls; safe to share between threads."""

    def __init__(self, source: Source, key: Secret | None, contact: str, clock: Clock) -> None:
        self._source = source
        self._key = key
        self._clock = clock
        self._client = _open(source, key, {"User-Agent": identity(contact), "Accept-Encoding": "gzip"})

    def send(self, request: Request, conditions: Mapping[str, str]) -> Answer:
        """Return what the publisher answers, whatever the status.

        Args:
            conditions: Headers under which the publisher need not send the body again.

        Raises:
            Fault: The connection failed in a way that may pass.
            SourceError: It never can succeed like this.
        """
        received = bytearray()
        try:
            with self._client.stream(
                request.method,
                request.url,
                headers={**conditions, **_form_headers(request)},
                content=request.content or None,
            ) as response:
                for block in self._blocks(request, response):
                    received += block
                return self._answer(request, response, bytes(received))
        except httpx2.TimeoutException as error:
            raise self._timed_out(request) from error
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL) as error:
            raise SourceError(
                f"`{request.url}` cannot be asked: {self._told(error)}", hint="check the source's address"
            ) from error
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            raise self._unreachable(request, error) from error
        except httpx2.HTTPError as error:
            raise self._broken_off(request, error, len(received)) from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _blocks(self, request: Request, response: httpx2.Response) -> Iterator[bytes]:
        began = self._clock.now()
        for block in response.iter_raw():
            # A body that trickles keeps every single read within its time-out.
            if self._clock.now() - began > self._source.time_limit:
                raise self._timed_out(request)
            yield block

    def _answer(self, request: Request, response: httpx2.Response, raw: bytes) -> Answer:
        body = self._plain(request, response, raw)
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        if self._key is not None:
            body = self._key.scrub_bytes(body)
            headers = {name: self._key.scrub(value) for name, value in headers.items()}
        return Answer(request.url, response.status_code, headers, body)

    def _plain(self, request: Request, response: httpx2.Response, raw: bytes) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "gzip" or not raw:
            return raw
        inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            body = inflater.decompress(raw)
        except zlib.error as error:
            raise self._truncated(request, f"its compressed body is damaged: {error}") from error
        if not inflater.eof:
            raise self._truncated(request, f"its compressed body ended after {len(raw):,} bytes, in the middle")
        return body

    def _timed_out(self, request: Request) -> Fault:
        seconds = self._source.time_limit / timedelta(seconds=1)
        error = SourceError(
            f"`{request.url}` did not answer within {seconds:g} s", hint="run again later", retriable=True
        )
        return Fault(FaultKind.TIMEOUT, error)

    def _unreachable(self, request: Request, cause: Exception) -> Fault:
        parts = urlsplit(self._source.base_url)
        error = SourceError(
            f"cannot reach `{self._source.name}` at `{parts.scheme}://{parts.netloc}` for `{request.url}`: "
            f"{self._told(cause)}",
            hint=_UNREACHABLE_HINT.format(name=self._source.name),
            retriable=True,
        )
        return Fault(FaultKind.UNREACHABLE, error)

    def _broken_off(self, request: Request, cause: Exception, received: int) -> Fault:
        if received:
            return self._truncated(request, f"the connection ended after {received:,} bytes")
        error = SourceError(
            f"`{request.url}` was not answered: the connection was dropped ({self._told(cause)})",
            hint="run again later",
            retriable=True,
        )
        return Fault(FaultKind.DROPPED, error)

    def _truncated(self, request: Request, how: str) -> Fault:
        error = SourceError(f"the answer of `{request.url}` was cut short: {how}", hint="run again", retriable=True)
        return Fault(FaultKind.TRUNCATED, error)

    def _told(self, error: Exception) -> str:
        told = str(error) or type(error).__name__
        return told if self._key is None else self._key.scrub(told)


def identity(contact: str) -> str:
    """Return what we call ourselves: name, version, and how to reach whoever runs this.

    Raises:
        SourceError: The contact cannot stand in a header.
    """
    if not contact.isascii() or not contact.isprintable():
        raise SourceError(f"contact `{contact!r}` cannot be sent", hint="write a mail or web address in plain ASCII")
    return f"penstock/{version('penstock')} ({f'+{contact}' if contact else 'reads public data'})"


def _form_headers(request: Request) -> dict[str, str]:
    return {} if request.form is None else {"Content-Type": "application/x-www-form-urlencoded"}


def _open(source: Source, key: Secret | None, headers: Mapping[str, str]) -> httpx2.Client:
    limit = source.time_limit.total_seconds()
    # A call counts against the budget until the time limit ends: by then it has to have arrived.
    timeout = httpx2.Timeout(limit, connect=limit / 3, write=limit / 3, pool=limit / 3)
    transport: httpx2.BaseTransport = httpx2.HTTPTransport(proxy=_proxy(source.base_url))
    if key is not None:
        transport = _KeyTransport(transport, source, key)
    return httpx2.Client(transport=transport, headers=headers, timeout=timeout, follow_redirects=False)


def _proxy(base_url: str) -> str | None:
    parts = urlsplit(base_url)
    if proxy_bypass(parts.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


class _KeyTransport(httpx2.BaseTransport):
    """Puts the key into a copy of the request, so that what is logged, raised and shown above never holds it."""

    def __init__(self, inner: httpx2.BaseTransport, source: Source, key: Secret) -> None:
        self._inner = inner
        self._source = source
        self._key = key

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url, headers = request.url, request.headers.copy()
        if self._source.key_header is not None:
            headers[self._source.key_header] = f"{self._source.key_scheme} {self._key.reveal()}".lstrip()
        if self._source.key_param is not None:
            url = url.copy_set_param(self._source.key_param, self._key.reveal())
        keyed = httpx2.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return self._inner.handle_request(keyed)

    def close(self) -> None:
        self._inner.close()
