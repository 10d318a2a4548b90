"""Reads a publisher's API politely: recordings, then cache, then budget, then key, then network."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from penstock.kit.clock import Clock
from penstock.kit.jsonable import Json
from penstock.kit.secret import Secret
from penstock.sources.budget import Budget
from penstock.sources.http.answer import Answer
from penstock.sources.http.cache import Cache
from penstock.sources.http.request import Params
from penstock.sources.http.retry import RetryPolicy
from penstock.sources.http.tape import Tape
from penstock.sources.source import Source

#: Looks at what a JSON body says before it is kept anywhere, and raises `SourceError` when it is not what was asked.
Approve = Callable[[Json], None]


class Client:
    """One publisher's API. May be used by several threads; keeps its connections until closed.

    An answer found in recordings or cache spends no call. Only the network sees the key.

    Args:
        budget: Asked before every call.
        key: None when there is none; whether one is needed is the source's to say.
        tape: Recordings; None for none.
        cache: None for none.
        chance: A random number from 0 to 1; spreads retries.
        check: Called before every call and every second while waiting; what it raises ends the wait.
        contact: An address the publisher may write to, sent with the identity.
    """

    def __init__(
        self,
        source: Source,
        *,
        budget: Budget,
        key: Secret | None = None,
        tape: Tape | None = None,
        cache: Cache | None = None,
        clock: Clock,
        chance: Callable[[], float],
        check: Callable[[], None] = lambda: None,
        contact: str = "",
        policy: RetryPolicy | None = None,
    ) -> None:
        self.source = source

    def get(self, path: str, params: Params | None = None, *, refresh: bool = False, about: str = "") -> Answer:
        """Return the answer to a path below the source's base address, or to a link the publisher gave.

        Args:
            refresh: Ask the publisher even if the cache has an answer.
            about: What else the answer depends on, e.g. a filter the publisher keeps in a session.

        Raises:
            SourceError: The publisher cannot be reached, refuses, or keeps failing.
            AbsentSourceError: There is no such thing (404, 410).
        """
        raise NotImplementedError

    def get_json(
        self, path: str, params: Params | None = None, *, refresh: bool = False, approve: Approve | None = None
    ) -> Answer:
        """Return the answer, with what its JSON body says in `data`; fractions are Decimals.

        Args:
            refresh: Ask the publisher even if the cache has an answer.
            approve: Raises `SourceError` for a body that is not what was asked: it is then neither kept in the cache
                nor recorded, and asked for again if the error is retriable.

        Raises:
            SourceError: As `get`; also a body that is cut short, no JSON, or not approved.
            AbsentSourceError: There is no such thing (404, 410).
        """
        raise NotImplementedError

    def post(self, path: str, form: Params, *, params: Params | None = None, about: str = "") -> Answer:
        """Return the answer to a form; recorded, never cached. Cookies live as long as the client.

        Raises:
            SourceError: As `get`.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
