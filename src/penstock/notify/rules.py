"""Reads channels, and what they share, from the values of the settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from json import loads
from typing import Any
from urllib.parse import urlsplit

from penstock.kit.durations import parse_duration
from penstock.kit.secret import Secret
from penstock.kit.spelling import did_you_mean
from penstock.kit.tomlfile import WrongValueError
from penstock.notify.channel import Channel, Occasion

_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,63}")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_WAYS = ("webhook", "email", "command")
_SHAPE = "tables by name, such as `[penstock.notify.ops]`"


def read_channels(given: Any) -> Mapping[str, Channel]:
    """Return the channels of the settings by name; an environment variable holds the tables as JSON.

    Raises:
        WrongValueError: One of them is wrong.
    """
    tables = _decoded(given)
    if not isinstance(tables, Mapping):
        raise WrongValueError(_SHAPE)
    return {name: _channel(name, table) for name, table in sorted(tables.items())}


def _decoded(given: Any) -> Any:
    try:
        return loads(given) if isinstance(given, str) else given
    except ValueError:
        raise WrongValueError(f"{_SHAPE}; in the environment, as JSON") from None


def _channel(name: str, table: Any) -> Channel:
    if not isinstance(table, Mapping):
        raise WrongValueError(_SHAPE, name)
    if not _NAME.fullmatch(name):
        raise WrongValueError("names of letters, digits, `_` and `-`", name)
    for key in table:
        if key not in _READERS:
            raise WrongValueError(f"{', '.join(_READERS)} ({did_you_mean(key, _READERS) or f'not `{key}`'})", name, key)
    if len([way for way in _WAYS if way in table]) != 1:
        raise WrongValueError(f"one of {', '.join(f'`{way}`' for way in _WAYS)}, and one only", name)
    return Channel(name, **{key: _read(name, key, value) for key, value in table.items()})


def _read(name: str, key: str, value: Any) -> Any:
    try:
        return _READERS[key](value)
    except ValueError as error:
        raise WrongValueError(str(error), name, key) from None


def _occasions(given: Any) -> tuple[Occasion, ...]:
    told = f"a list of {', '.join(f'`{one.value}`' for one in Occasion)}"
    words = _texts(given, told)
    if unknown := [word for word in words if word not in list(Occasion)]:
        raise ValueError(f"{told}, not `{unknown[0]}`")
    return tuple(dict.fromkeys(map(Occasion, words)))


def _globs(given: Any) -> tuple[str, ...]:
    return _texts(given, 'a list of pipelines, such as `["campaign-*"]`')


def _duration(given: Any) -> timedelta:
    try:
        found = parse_duration(given) if isinstance(given, str) else timedelta(0)
    except ValueError:
        found = timedelta(0)
    if found <= timedelta(0):
        raise ValueError("a duration such as `1h`")
    return found


def _webhook(given: Any) -> Secret:
    told = "an address such as `https://example.org/hook`, or `${NAME}` for an environment variable"
    if not isinstance(given, str) or not (given.startswith("${") or is_address(given)):
        raise ValueError(told)
    return webhook_secret(given)


def webhook_secret(address: str) -> Secret:
    """Return an address as a secret, whose path, query and their parts are as secret as itself."""
    behind = address.partition("://")[2].partition("/")[2]
    return Secret(address, [behind, f"/{behind}", *re.split(r"[/?&=]", behind)] if behind else [])


def is_address(text: str) -> bool:
    """Whether a text is an address of the web; one with a user in it is none that can be called."""
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0) and "@" not in parts.netloc
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and is_whole and text.isprintable() and " " not in text


def _emails(given: Any) -> tuple[str, ...]:
    return tuple(read_mail_address(one) for one in _texts(given, "a list of e-mail addresses"))


def _argv(given: Any) -> tuple[str, ...]:
    return _texts(given, 'a program and its arguments, such as `["./tell.sh", "ops"]`')


def _texts(given: Any, told: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(one, str) and one for one in given):
        raise ValueError(told)
    if any("\0" in one for one in given):
        raise ValueError(told)
    return tuple(given)


_READERS: dict[str, Callable[[Any], Any]] = {
    "on": _occasions,
    "pipelines": _globs,
    "late_after": _duration,
    "webhook": _webhook,
    "email": _emails,
    "command": _argv,
}


def read_mail_address(given: Any) -> str:
    """Return an e-mail address.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(given, str) or not _ADDRESS.fullmatch(given):
        raise ValueError("an e-mail address such as `ops@example.org`")
    return given


def read_mail_server(given: Any) -> Secret:
    """Return the address of a mail server, which may hold a password.

    Raises:
        ValueError: It is none.
    """
    try:
        parts = urlsplit(given) if isinstance(given, str) else None
        is_whole = parts is not None and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("smtp", "smtps") or not is_whole:
        raise ValueError("a mail server such as `smtp://user:password@mail.example.org:587`")
    return Secret(str(given), [parts.password] if parts.password else [])


def read_console_address(given: Any) -> str:
    """Return the address people reach the console at, without a slash at its end.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(given, str) or not is_address(given) or "?" in given or "#" in given:
        raise ValueError("the console's address, such as `https://pipelines.example.org`")
    return given.rstrip("/")
