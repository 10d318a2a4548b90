"""Tells good answers from faults that may pass and from refusals that stay."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NoReturn

from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.jsonable import Json, from_json_exactly
from penstock.sources.http.answer import Answer, parse_http_date
from penstock.sources.http.refusal import RefusedError
from penstock.sources.http.retry import Fault, FaultKind
from penstock.sources.source import Source

_EXCERPT = 160
_TAG = re.compile(r"<(?:style|script).*?</(?:style|script)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s\x00-\x1f\x7f]+")
_ABSENT = (404, 410)
_ABOUT_KEY = (401, 403)


def find_fault(answer: Answer, source: Source, now: datetime) -> Fault | None:
    """Return what is wrong with an answer, where it may pass; None when the answer is final."""
    asked = _retry_after(answer, now)
    if answer.status == 429:
        hint = "the limit of calls is used up, perhaps by others with the same key; run again in an hour"
        return Fault(FaultKind.OVER_LIMIT, _error(answer, source, hint), asked)
    if answer.status == 408:
        return Fault(FaultKind.TIMEOUT, _error(answer, source, "run again later"), asked)
    if answer.status >= 500:
        return Fault(FaultKind.SERVER, _error(answer, source, "the publisher is in trouble; run again later"), asked)
    if answer.status == 200 and not answer.body.strip() and not source.may_be_empty:
        error = SourceError(f"`{answer.url}` was answered with nothing", hint="run again later", retriable=True)
        return Fault(FaultKind.TRUNCATED, error)
    return None


def refuse(answer: Answer, source: Source) -> None:
    """Raise what a final answer says, unless it is a good one.

    Raises:
        AbsentSourceError: There is no such thing (404, 410).
        RefusedError: The publisher does not answer such a question, redirects it, or refuses the key.
    """
    if 200 <= answer.status < 300:
        return
    message = _told(answer, source)
    if answer.status in _ABSENT:
        raise AbsentSourceError(message, hint="check the name or number asked for, and the source's address")
    if answer.status in _ABOUT_KEY:
        _refuse_key(answer, source, message)
    hint = "check the parameters; the publisher's documents name those it takes"
    if answer.status < 400 and answer.status != 304:
        target = answer.headers.get("location", "nowhere")
        message = f"`{source.name}` redirects `{answer.url}` to `{target}`, which is not followed"
        hint = f"if that is right, set `PENSTOCK_SOURCES={source.name}=…` to the new address"
    raise RefusedError(message, status=answer.status, hint=hint)


def read_json(answer: Answer, source: Source) -> Json:
    """Return what the body says.

    Raises:
        Fault: It is a web page, cut short, or no JSON.
    """
    start = answer.body.lstrip()[:1]
    if start == b"<" or "html" in answer.headers.get("content-type", ""):
        message = f"`{source.name}` answered `{answer.url}` with a web page instead of JSON: {excerpt(answer.body)}"
        hint = "look at the address in a browser: the publisher may be in maintenance, or the address wrong"
        raise Fault(FaultKind.REFUSED_CONTENT, SourceError(message, hint=hint, retriable=True))
    try:
        return from_json_exactly(answer.body)
    except (ValueError, RecursionError) as error:
        message = (
            f"`{source.name}` answered `{answer.url}` with JSON that is cut short or damaged "
            f"({len(answer.body):,} bytes: {error}): {excerpt(answer.body)}"
        )
        raise Fault(FaultKind.TRUNCATED, SourceError(message, hint="run again later", retriable=True)) from error


def excerpt(body: bytes) -> str:
    """Return the first words of a body on one line, without markup."""
    text = _TAG.sub(" ", body[:4000].decode("utf-8", "replace"))
    line = _SEPARATORS.sub(" ", text).strip()
    if not line:
        return "no text"
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


def _retry_after(answer: Answer, now: datetime) -> timedelta | None:
    text = answer.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), 10**9))
    at = parse_http_date(text)
    # The publisher's own clock tells how long it means, where ours is off.
    return None if at is None else max(timedelta(0), at - (answer.dated_at or now))


def _refuse_key(answer: Answer, source: Source, message: str) -> NoReturn:
    where = f"; see {source.terms}" if source.terms else ""
    if source.key_variable is None:
        raise RefusedError(message, status=answer.status, hint=f"the publisher does not let us in{where}")
    hint = f"set `{source.key_variable}` to a valid key of `{source.name}`{where}"
    raise RefusedError(message, status=answer.status, is_about_key=True, hint=hint)


def _error(answer: Answer, source: Source, hint: str) -> SourceError:
    return SourceError(_told(answer, source), hint=hint, retriable=True)


def _told(answer: Answer, source: Source) -> str:
    return f"`{source.name}` answered `{answer.url}` with status {answer.status}: {excerpt(answer.body)}"
