"""What a body of the FEC's API must be before a row of it is read."""

from __future__ import annotations

from penstock.errors import SourceError
from penstock.kit.jsonable import Json

_NEWS = "the publisher may have changed its API: compare with https://api.open.fec.gov/developers/"
_LATER = "try again later"
_COUNTS = ("count", "page", "pages", "per_page")


def read_rows(data: Json, endpoint: str) -> list[Json]:
    """Return the rows of a page as published, after making sure that the body is a page at all.

    Raises:
        SourceError: It says that something went wrong, is of another version, or is no page.
    """
    if not isinstance(data, dict):
        raise SourceError(f"`{endpoint}` answered with {_kind(data)} where a page is due", hint=_NEWS)
    _refuse_complaint(data, endpoint)
    _refuse_other_version(data, endpoint)
    rows = data.get("results")
    if not isinstance(rows, list):
        said = "no `results`" if "results" not in data else f"{_kind(rows)} for `results`"
        raise SourceError(f"`{endpoint}` answered with {said}", hint=_NEWS, retriable=True)
    _refuse_pagination(data, endpoint)
    return rows


def approve_page(data: Json, endpoint: str) -> None:
    """Make sure that a body is a page, so that nothing else is kept in a cache or a recording.

    Raises:
        SourceError: It is none.
    """
    read_rows(data, endpoint)


def _refuse_complaint(data: dict[str, Json], endpoint: str) -> None:
    error = data.get("error")
    if isinstance(error, dict):
        code, said = str(error.get("code")), error.get("message")
        raise SourceError(
            f"`{endpoint}` answered with error `{code}`: {said}",
            hint=_advice(code),
            retriable=code == "OVER_RATE_LIMIT",
        )
    if "results" not in data and ("status" in data or "message" in data):
        status, said = data.get("status"), data.get("message")
        raise SourceError(
            f"`{endpoint}` answered with status `{status}`: {said}",
            hint="check the parameters it was asked with" if _is_refusal(status) else _LATER,
            retriable=not _is_refusal(status),
        )


def _advice(code: str) -> str:
    if code.startswith("API_KEY"):
        return "set `FEC_API_KEY` to a valid key; one is free at https://api.open.fec.gov/developers/"
    return _LATER


def _is_refusal(status: Json) -> bool:
    return str(status).startswith("4")


def _refuse_other_version(data: dict[str, Json], endpoint: str) -> None:
    version = data.get("api_version")
    if version is not None and not str(version).startswith("1."):
        raise SourceError(f"`{endpoint}` answered in version `{version}` of the API; this reads `1.x`", hint=_NEWS)


def _refuse_pagination(data: dict[str, Json], endpoint: str) -> None:
    pagination = data.get("pagination")
    if not isinstance(pagination, dict):
        said = "no `pagination`" if "pagination" not in data else f"{_kind(pagination)} for `pagination`"
        raise SourceError(f"`{endpoint}` answered with {said}", hint=_NEWS, retriable=True)
    for name in _COUNTS:
        value = pagination.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise _malformed(endpoint, name, value)
    last = pagination.get("last_indexes")
    if last is not None and not _is_position(last):
        raise _malformed(endpoint, "last_indexes", last)


def _is_position(last: Json) -> bool:
    return isinstance(last, dict) and not any(isinstance(value, dict | list) for value in last.values())


def _malformed(endpoint: str, name: str, value: Json) -> SourceError:
    return SourceError(
        f"`{endpoint}` answered with a malformed `pagination`: `{name}` is `{str(value)[:40]}`",
        hint=_NEWS,
        retriable=True,
    )


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", type(None): "`null`"}
    return names.get(type(value), "a number")
