"""Reads a publisher's API politely: recordings, then cache, then budget, then key, then network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from penstock.errors import SourceError
from penstock.kit.clock import Clock
from penstock.kit.jsonable import Json
from penstock.kit.secret import Secret
from penstock.sources.budget import Budget
from penstock.sources.http.answer import Answer
from penstock.sources.http.attempts import Attempts
from penstock.sources.http.cache import Cache, Kept
from penstock.sources.http.request import Params, Request, make_request, split_address
from penstock.sources.http.retry import Fault, FaultKind, RetryPolicy
from penstock.sources.http.tape import Tape
from penstock.sources.http.verdict import read_json, refuse
from penstock.sources.source import Source

if TYPE_CHECKING:
    from penstock.sources.http.network import Network

#: Looks at what a JSON body says before it is kept anywhere, and raises `SourceError` when it is not what was asked.
Approve = Callable[[Json], None]
_Reading = Callable[[Answer], Answer]


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
        split_address(source.base_url)
        self.source = source
        self._key = _checked(source, key)
        self._contact = contact
        self._clock = clock
        self._tape = tape
        self._cache = cache
        self._attempts = Attempts(source, budget, policy or RetryPolicy(), clock=clock, chance=chance, check=check)
        self._opened: Network | None = None
        self._lock = threading.Lock()

    def get(self, path: str, params: Params | None = None, *, refresh: bool = False, about: str = "") -> Answer:
        """Return the answer to a path below the source's base address, or to a link the publisher gave.

        Args:
            refresh: Ask the publisher even if the cache has an answer.
            about: What else the answer depends on, e.g. a filter the publisher keeps in a session.

        Raises:
            SourceError: The publisher cannot be reached, refuses, or keeps failing.
            AbsentSourceError: There is no such thing (404, 410).
        """
        return self._answer(self._request(path, params, about=about), _as_it_is, refresh=refresh)

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

        def read(answer: Answer) -> Answer:
            data = read_json(answer, self.source)
            if approve is not None:
                _approve(data, approve)
            return replace(answer, data=data)

        return self._answer(self._request(path, params), read, refresh=refresh)

    def post(self, path: str, form: Params, *, params: Params | None = None, about: str = "") -> Answer:
        """Return the answer to a form that asks something: recorded, never cached, asked again on faults.

        Cookies live as long as the client.

        Raises:
            SourceError: As `get`.
        """
        return self._answer(self._request(path, params, form=form, about=about), _as_it_is, refresh=True)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _request(self, path: str, params: Params | None, *, form: Params | None = None, about: str = "") -> Request:
        request = make_request(self.source.base_url, path, params, form=form, about=about)
        if self._key is not None and self._key.scrub(request.url) != request.url:
            raise SourceError(
                f"a parameter of `{request.address}` carries the key of `{self.source.name}`",
                hint="leave it out: the key is put in further below, where nothing is kept",
            )
        return request

    def _answer(self, request: Request, read: _Reading, *, refresh: bool) -> Answer:
        if self._tape is not None and self._tape.is_replaying:
            return self._read_kept(self._tape.play(request), read)
        answer = self._heard(request, read, refresh=refresh)
        if self._tape is not None and self._tape.is_recording and answer.status not in (401, 403):
            self._tape.record(request, answer)
        refuse(answer, self.source)
        return answer

    def _heard(self, request: Request, read: _Reading, *, refresh: bool) -> Answer:
        kept = self._find(request, read) if not refresh else None
        if kept is not None and kept.is_fresh:
            return kept.answer
        conditions = kept.conditions if kept is not None else {}
        answer = self._attempts.exchange(self._network, request, conditions, read)
        if self._cache is None:
            return answer
        if kept is not None and answer.status == 304:
            return replace(self._cache.renew(request, kept, answer), data=kept.answer.data)
        self._cache.keep(request, answer)
        return answer

    def _find(self, request: Request, read: _Reading) -> Kept | None:
        kept = None if self._cache is None or request.method != "GET" else self._cache.find(request)
        try:
            return None if kept is None else kept._replace(answer=read(kept.answer))
        except (Fault, SourceError):
            # Kept for somebody who asked less of it.
            return None

    def _read_kept(self, answer: Answer, read: _Reading) -> Answer:
        refuse(answer, self.source)
        try:
            return read(answer)
        except Fault as fault:
            raise fault.error from fault

    def _network(self) -> Network:
        with self._lock:
            if self._opened is None:
                try:
                    from penstock.sources.http.network import Network
                except ImportError as error:
                    raise SourceError("`httpx2` is not installed", hint="pip install 'penstock[http]'") from error
                self._opened = Network(self.source, self._key, self._contact, self._clock)
            return self._opened


def _as_it_is(answer: Answer) -> Answer:
    return answer


def _approve(data: Json, approve: Approve) -> None:
    try:
        approve(data)
    except SourceError as error:
        if error.retriable:
            raise Fault(FaultKind.REFUSED_CONTENT, error) from error
        raise


def _checked(source: Source, key: Secret | None) -> Secret | None:
    if key is None or (source.key_header is None and source.key_param is None):
        return None
    text = key.reveal()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise SourceError(
            f"the key of `{source.name}` is no key: it is empty, or holds blanks or characters that cannot be sent",
            hint=f"copy it again into `{source.key_variable or 'its variable'}`",
        )
    return key
