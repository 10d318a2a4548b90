"""What a publisher is asked: an address, parameters in order, and no secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from penstock.errors import SourceError
from penstock.kit.jsonable import to_json
from penstock.kit.secret import STARS

#: Query parameters and form fields: texts, numbers, dates, truths, or lists of these; None leaves one out.
Params = Mapping[str, Any]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One question, the same for equal parameters in whatever order they were given.

    Args:
        address: Without parameters.
        params: Sorted by name; a name may stand several times.
        form: Fields of a form that is posted; None for a question without one.
        about: What else the answer depends on, e.g. a filter the publisher keeps in a session.
    """

    address: str
    params: Pairs = ()
    form: Pairs | None = None
    about: str = ""

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.form is None else "POST"

    @property
    def url(self) -> str:
        """The address with its parameters."""
        return f"{self.address}?{urlencode(self.params)}" if self.params else self.address

    @property
    def content(self) -> bytes:
        """The posted form as it travels; empty when there is none."""
        return urlencode(self.form or ()).encode()

    @property
    def digest(self) -> str:
        """Names the question among all others."""
        asked = [self.method, self.address, self.params, sha256(self.content), self.about]
        return sha256(to_json(asked).encode())


def make_request(
    base_url: str, path: str, params: Params | None = None, *, form: Params | None = None, about: str = ""
) -> Request:
    """Return the question for a path below the base address, or for a whole address of the same publisher.

    Raises:
        SourceError: The address belongs to somebody else.
    """
    parts = split_address(path if _is_address(path) else f"{base_url.rstrip('/')}/{path.lstrip('/')}")
    base = split_address(base_url)
    if (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
        raise SourceError(
            f"`{parts.scheme}://{parts.netloc}{parts.path}` is not at `{base.scheme}://{base.netloc}`",
            hint="a link to another server is not followed: it would be handed the key",
        )
    given = dict(params or {})
    # Parameters of a link stand unless given anew; one that held the key is put in again further below.
    linked = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in given and v != STARS]
    return Request(
        urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        _sorted_pairs([*linked, *_flatten(given)]),
        None if form is None else _sorted_pairs(_flatten(form)),
        about,
    )


def sha256(data: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal."""
    import hashlib  # loads OpenSSL, which declaring a pipeline can do without

    return hashlib.sha256(data).hexdigest()


def split_address(address: str) -> SplitResult:
    """Return the parts of an address.

    Raises:
        SourceError: It is none, or holds a password, which would be told and recorded with it.
    """
    hint = "write it like `https://api.example.org/v1`; a password belongs into a variable of its own"
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise SourceError(f"`{address}` is no web address: {error}", hint=hint) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError(f"`{address}` is no web address", hint=hint)
    if parts.username is not None:
        raise SourceError(f"the address of `{parts.hostname}` holds a password", hint=hint)
    return parts


def _is_address(path: str) -> bool:
    return path.startswith(("http://", "https://"))


def _sorted_pairs(pairs: Iterable[tuple[str, str]]) -> Pairs:
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


def _flatten(params: Params) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        if isinstance(value, list | tuple | set | frozenset):
            values = sorted(value) if isinstance(value, set | frozenset) else value
            yield from ((name, _text(each)) for each in values)
        elif value is not None:
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, date) else str(value)
