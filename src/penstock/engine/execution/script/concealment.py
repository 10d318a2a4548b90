"""Keeps the secrets of an environment, and of the parameters, out of what is kept of a script."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from penstock.engine.execution.script.environment import PARAM, is_own
from penstock.kit.secret import Secret
from penstock.kit.veil import is_secret, is_telling, passwords_in

# A character may take this many when it is percent-encoded or escaped.
_WIDEST = 12
#: Folders, not passwords.
_FOLDERS = frozenset({"PWD", "OLDPWD"})


class Concealment:
    """Takes secrets out of texts: values of variables whose names tell that they are secret, and passwords in URLs.

    Args:
        hidden: Further texts that are secret.
    """

    def __init__(self, environment: Mapping[str, str], hidden: Iterable[str] = ()) -> None:
        found = (readable for text in (*hidden, *_secrets_in(environment)) for readable in _lines(text))
        values = sorted(filter(is_telling, {*found}), key=len, reverse=True)
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
        # What else a script is told of its call is no secret: the item's key would be one by its name.
        if name in _FOLDERS or (is_own(name) and not name.startswith(PARAM)):
            continue
        if is_secret(name):
            yield value
        else:
            yield from passwords_in(value)


def _lines(value: str) -> Iterator[str]:
    """Yield the value as output shows it, whatever bytes it holds: output is looked through by lines."""
    for line in value.splitlines():
        try:
            yield os.fsencode(line).decode("utf-8", "backslashreplace").strip()
        except UnicodeEncodeError:
            continue  # no process can be started with it
