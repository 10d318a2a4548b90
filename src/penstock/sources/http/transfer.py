"""One attempt at a file: asked for whole or from where the last attempt ended, compared with what the server states."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx2

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.clock import Clock
from penstock.sources.http.answer import KEPT_HEADERS, Answer
from penstock.sources.http.network import identity
from penstock.sources.http.partial import Partial
from penstock.sources.http.remote import Content, RemoteState, read_checksums, read_state
from penstock.sources.http.retry import Fault, FaultKind
from penstock.sources.http.verdict import find_fault, refuse
from penstock.sources.source import Source

_SECONDS = 60.0
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _Begun(NamedTuple):
    """What the bytes of a partial file are: of which state, with which checksums of the whole."""

    state: RemoteState
    checksums: Mapping[str, str]


class Transfer:
    """Connections for downloads; not shared between threads."""

    def __init__(self, contact: str, clock: Clock, check: Callable[[], None]) -> None:
        self._clock = clock
        self._check = check
        # Sizes are compared with what travels, so nothing may be compressed on the way.
        headers = {"User-Agent": identity(contact), "Accept-Encoding": "identity"}
        self._client = httpx2.Client(headers=headers, timeout=_SECONDS, follow_redirects=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def look(self, url: str) -> RemoteState | None:
        """Return the state of a file; None when the server says there is none.

        Raises:
            Fault: It failed in a way that may pass.
            SourceError: The server refuses, or answers with a web page.
        """
        with self._asking("HEAD", url, {}) as response:
            if not self._exists(url, response):
                return None
            state = read_state(url, response.headers)
        return state if state.is_named else self._read_through(url)

    def fetch(self, url: str, partial: Partial, known: RemoteState | None) -> RemoteState | None:
        """Write the file, or what is missing of it, and return its state; None when the known one still holds.

        Raises:
            Fault: It failed in a way that may pass; what can be continued is still there.
            SourceError: There is no such file, or the server refuses.
        """
        begun = _get_begun(partial, url)
        headers = known.conditions if known is not None else {}
        if begun is not None:
            headers |= {"Range": f"bytes={partial.size}-", "If-Range": begun.state.continuation}
        with self._asking("GET", url, headers) as response:
            if response.status_code == 304:
                return None
            if begun is None or response.status_code not in (206, 416):
                begun = self._begin(url, response, partial)
            elif not _continues(response, partial, begun.state):
                partial.begin(None)
                raise _cut(url, "it cannot be continued where it was broken off")
            content = Content(begun.checksums)
            for block in partial.read():
                content.look_at(block)
            self._receive(response, content, partial.write)
        return _compared(url, begun.state, content, partial)

    def _begin(self, url: str, response: httpx2.Response, partial: Partial) -> _Begun:
        if not self._exists(url, response):
            raise AbsentSourceError(f"there is no file at `{url}`", hint="check the cycle and the base address")
        begun = _Begun(read_state(url, response.headers), read_checksums(response.headers))
        # Half a file is worth keeping only where the server says that it gives the other half.
        ranges = response.headers.get("accept-ranges", "").lower() == "bytes"
        can_go_on = ranges and begun.state.continuation and begun.state.size is not None
        partial.begin({"state": asdict(begun.state), "checksums": dict(begun.checksums)} if can_go_on else None)
        return begun

    def _read_through(self, url: str) -> RemoteState | None:
        with self._asking("GET", url, {}) as response:
            if not self._exists(url, response):
                return None
            state, content = read_state(url, response.headers), Content(read_checksums(response.headers))
            self._receive(response, content, lambda _: None)
        return _compared(url, state, content, None)

    def _receive(self, response: httpx2.Response, content: Content, keep: Callable[[bytes], object]) -> None:
        for block in response.iter_raw():
            self._check()
            keep(block)
            content.look_at(block)

    @contextmanager
    def _asking(self, method: str, url: str, headers: Mapping[str, str]) -> Iterator[httpx2.Response]:
        try:
            with self._client.stream(method, url, headers=dict(headers)) as response:
                yield response
        except httpx2.TimeoutException as error:
            told = SourceError(f"`{url}` did not answer within {_SECONDS:g} s", hint="run again", retriable=True)
            raise Fault(FaultKind.TIMEOUT, told) from error
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.TooManyRedirects) as error:
            raise SourceError(f"`{url}` cannot be asked: {error}", hint="check the base address") from error
        except httpx2.InvalidURL as error:
            raise SourceError(f"`{url}` is no web address: {error}", hint="check the base address") from error
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            told = SourceError(
                f"cannot reach `{url}`: {error}", hint="check the network, then run again", retriable=True
            )
            raise Fault(FaultKind.UNREACHABLE, told) from error
        except httpx2.HTTPError as error:
            raise _cut(url, str(error)) from error

    def _exists(self, url: str, response: httpx2.Response) -> bool:
        if response.status_code in (404, 410):
            return False
        kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        if response.status_code != 200:
            source = Source(urlsplit(url).hostname or "", url)
            answer = Answer(url, response.status_code, kept, next(response.iter_raw(4096), b""))
            fault = find_fault(answer, source, self._clock.now())
            if fault is not None:
                raise fault
            refuse(answer, source)
            raise SourceError(f"`{url}` answered with status {answer.status} instead of a file", retriable=True)
        if "html" in kept.get("content-type", ""):
            raise SourceError(
                f"`{url}` answered with a web page instead of a file", hint="check the address in a browser"
            )
        return True


def _get_begun(partial: Partial, url: str) -> _Begun | None:
    note = partial.get_note()
    try:
        begun = None if note is None else _Begun(RemoteState(**note["state"]), dict(note["checksums"]))
    except (KeyError, TypeError, ValueError):
        return None
    return begun if begun is not None and begun.state.url == url and begun.state.continuation else None


def _continues(response: httpx2.Response, partial: Partial, state: RemoteState) -> bool:
    found = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if response.status_code != 206 or found is None or int(found[1]) != partial.size:
        return False
    is_same = response.headers.get("etag", state.etag) == state.etag
    return is_same and found[2] in ("*", str(state.size))


def _compared(url: str, state: RemoteState, content: Content, partial: Partial | None) -> RemoteState:
    if state.size is not None and content.size != state.size:
        raise _cut(url, f"{content.size:,} of {state.size:,} bytes arrived")
    damage = content.find_damage()
    if damage is not None:
        if partial is not None:
            partial.begin(None)
        told = SourceError(f"`{url}` arrived damaged: {damage}", hint="run again", retriable=True)
        raise Fault(FaultKind.TRUNCATED, told)
    return state if state.is_named else replace(state, content=content.sha256)


def _cut(url: str, how: str) -> Fault:
    return Fault(
        FaultKind.TRUNCATED,
        SourceError(f"`{url}` was cut short: {how}", hint="run again: it goes on where it can", retriable=True),
    )
