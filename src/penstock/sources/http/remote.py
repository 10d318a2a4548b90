"""The state of a file at an address, as its server tells it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.kit.jsonable import digest

#: Headers that state a hash of the whole file. An ETag is none: where it looks like an MD5 it need not be one.
_STATED = {"content-md5": "md5", "x-amz-checksum-sha1": "sha1", "x-amz-checksum-sha256": "sha256"}


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

    @property
    def conditions(self) -> dict[str, str]:
        """Headers under which the server need not send the file again."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {header: value for header, value in asked.items() if value}

    @property
    def continuation(self) -> str:
        """What `If-Range` takes so that bytes of another state are never put behind these; empty when nothing does."""
        return self.modified if not self.etag or self.etag.startswith("W/") else self.etag


def read_state(url: str, headers: Mapping[str, str]) -> RemoteState:
    """Return the state that the headers of a whole file tell."""
    length = headers.get("content-length", "")
    size = int(length) if length.isdecimal() else None
    return RemoteState(url, headers.get("etag", ""), headers.get("last-modified", ""), size)


def read_checksums(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the hashes of the whole file that the headers of an answer state, in hexadecimal, by algorithm."""
    import hashlib

    stated = {}
    for header, algorithm in _STATED.items():
        value = _decoded(headers.get(header, ""))
        if len(value) == hashlib.new(algorithm, usedforsecurity=False).digest_size:
            stated[algorithm] = value.hex()
    return stated


class Content:
    """Hashes what goes by: for its identity, and for the checksums that were stated."""

    def __init__(self, stated: Mapping[str, str]) -> None:
        import hashlib

        self._stated = stated
        self._hashes: dict[str, Any] = {name: hashlib.new(name, usedforsecurity=False) for name in {"sha256", *stated}}
        self.size = 0

    def look_at(self, block: bytes) -> None:
        """Take in a block."""
        self.size += len(block)
        for state in self._hashes.values():
            state.update(block)

    @property
    def sha256(self) -> str:
        """The identity of what went by."""
        return str(self._hashes["sha256"].hexdigest())

    def find_damage(self) -> str | None:
        """Return how the content differs from what was stated; None when it does not."""
        for name, expected in self._stated.items():
            found = self._hashes[name].hexdigest()
            if found != expected:
                return f"its {name} is {found[:12]}…, the server states {expected[:12]}…"
        return None


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return b""
