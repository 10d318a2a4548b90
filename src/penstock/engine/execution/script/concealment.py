"""Keeps the secrets of an environment out of what is kept of a script."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from penstock.engine.execution.script.environment import is_own
from penstock.kit.secret import Secret

_TELLING_NAME = re.compile("KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL")
_PASSWORD = re.compile(r"://[^:/?#\s]*:([^/?#\s]*)@")
# Shorter texts and mere numbers turn up in output by accident.
_SHORTEST = 8
# A character may take this many when it is percent-encoded or escaped.
_WIDEST = 12


class Concealment:
    """Takes secrets out of texts: values of variables whose names tell that they are secret, and passwords in URLs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        values = sorted(set(_secrets_in(environment)), key=len, reverse=True)
        self._secrets = [Secret(value) for value in values]
        #: No secret takes more bytes than this, however it is written.
        self.longest = _WIDEST * len(values[0]) if values else 0

    def scrub(self, text: str) -> str:
        """Return the text with stars wherever it holds a secret."""
        for secret in self._secrets:
            text = secret.scrub(text)
        return text

    def scrub_bytes(self, data: bytes) -> bytes:
        """Return the bytes with stars wherever they hold a secret."""
        for secret in self._secrets:
            data = secret.scrub_bytes(data)
        return data


def _secrets_in(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        # What a script is told of its call is no secret: the item's key would be one by its name.
        if len(value) < _SHORTEST or is_own(name):
            continue
        if _TELLING_NAME.search(name.upper()):
            # Output is looked through by lines, so a secret of several lines is several secrets.
            yield from (line for line in map(_readable, value.splitlines()) if _is_telling(line))
        elif "://" in value:
            yield from (word for word in map(_readable, _PASSWORD.findall(value)) if _is_telling(word))


def _readable(value: str) -> str:
    """Return the value as output shows it, whatever bytes it holds."""
    try:
        return os.fsencode(value).decode("utf-8", "backslashreplace").strip()
    except UnicodeEncodeError:
        return ""  # no process can be started with it


def _is_telling(value: str) -> bool:
    return len(value) >= _SHORTEST and not value.isdigit()
