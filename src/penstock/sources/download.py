"""Downloads a file once: the next look asks the publisher whether it changed, and a partial answer is never used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from penstock.errors import SourceError, StateError
from penstock.kit.jsonable import digest, from_json, to_json

if TYPE_CHECKING:
    import httpx2

_IDENTITY = "penstock/0 (reads public data)"
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RemoteState:
    """The state of a file at a URL, as its server tells it.

    Args:
        etag: The server's name for this state; empty when it gives none.
        modified: Its `Last-Modified` header; empty when it gives none.
        size: In bytes; None when the server does not say.
        content: Hash of what it holds, where the server names no state; empty otherwise.
    """

    url: str
    etag: str
    modified: str
    size: int | None
    content: str = ""

    @property
    def is_named(self) -> bool:
        """Whether the server gives a name or a time to the state; its size alone tells nothing."""
        return bool(self.etag or self.modified)

    @property
    def token(self) -> str:
        """A short identity of the state."""
        return digest([self.url, self.etag, self.modified, self.size, self.content])


def look_at(url: str) -> RemoteState | None:
    """Return the state of the file at this URL; None when the server says there is none.

    The file is read, and not kept, only where the server says neither a name nor a time of its state.

    Raises:
        SourceError: The server cannot be reached, refuses, or answers with a web page instead of a file.
    """
    with _client() as client:
        response = _ask(url, lambda: client.head(url))
        if not _exists(url, response):
            return None
        state = _state(url, response.headers)
    return state if state.is_named else _receive(url, {}, _drop)


def download(url: str, target: Path) -> RemoteState:
    """Fetch the file into `target` unless the copy there is the newest, and return its state.

    Raises:
        SourceError: There is no such file, the server refuses, or the answer is cut short.
        StateError: The copy cannot be written.
    """
    note = target.with_name(target.name + ".state.json")
    known = RemoteState(**from_json(note.read_bytes())) if note.is_file() and target.is_file() else None
    partial = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        state = _fetch(url, partial, _conditions(known))
        if state is None and known is not None:
            return known
        if state is None:
            raise SourceError(f"`{url}` answered that nothing changed, though no copy of it is here", retriable=True)
        note.unlink(missing_ok=True)
        partial.replace(target)
        note.write_text(to_json(state), encoding="utf-8")
    except OSError as error:
        raise StateError(f"cannot keep the download in `{target.parent}`: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return state


def _drop(_: bytes) -> None:
    pass


def _fetch(url: str, partial: Path, conditions: Mapping[str, str]) -> RemoteState | None:
    with partial.open("wb") as file:
        return _receive(url, conditions, file.write)


def _receive(url: str, conditions: Mapping[str, str], keep: Callable[[bytes], object]) -> RemoteState | None:
    import httpx2

    content, size = hashlib.sha256(), 0
    with _client() as client:
        try:
            with client.stream("GET", url, headers=dict(conditions)) as response:
                if response.status_code == 304:
                    return None
                if not _exists(url, response):
                    raise SourceError(f"there is no file at `{url}`", hint="check the cycle and the base address")
                state = _state(url, response.headers)
                for block in response.iter_raw(1 << 20):
                    keep(block)
                    content.update(block)
                    size += len(block)
        except httpx2.HTTPError as error:
            raise _unreachable(url, error) from error
    if state.size is not None and size != state.size:
        raise SourceError(f"`{url}` was cut short: {size} of {state.size} bytes arrived", retriable=True)
    return state if state.is_named else replace(state, content=content.hexdigest())


def _conditions(known: RemoteState | None) -> dict[str, str]:
    if known is None:
        return {}
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    return {header: value for header, value in asked.items() if value}


def _client() -> httpx2.Client:
    try:
        import httpx2
    except ImportError as error:
        raise SourceError("`httpx2` is not installed", hint="pip install 'penstock[http]'") from error
    # Sizes are compared with what travels, so nothing may be compressed on the way.
    headers = {"User-Agent": _IDENTITY, "Accept-Encoding": "identity"}
    return httpx2.Client(headers=headers, timeout=_SECONDS, follow_redirects=True)


def _ask(url: str, ask: Callable[[], httpx2.Response]) -> httpx2.Response:
    import httpx2

    try:
        return ask()
    except httpx2.HTTPError as error:
        raise _unreachable(url, error) from error


def _exists(url: str, response: httpx2.Response) -> bool:
    if response.status_code in (404, 410):
        return False
    if response.status_code != 200:
        retriable = response.status_code == 429 or response.status_code >= 500
        raise SourceError(f"`{url}` answered with status {response.status_code}", retriable=retriable)
    if "html" in response.headers.get("content-type", ""):
        raise SourceError(f"`{url}` answered with a web page instead of a file", hint="check the address in a browser")
    return True


def _unreachable(url: str, error: Exception) -> SourceError:
    return SourceError(f"cannot reach `{url}`: {error}", hint="check the network, then run again", retriable=True)


def _state(url: str, headers: Mapping[str, str]) -> RemoteState:
    length = headers.get("content-length", "")
    size = int(length) if length.isdigit() else None
    return RemoteState(url, headers.get("etag", ""), headers.get("last-modified", ""), size)
