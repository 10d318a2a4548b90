"""What counts as a secret by its name, and the veil that takes such values out of what is shown and written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from penstock.kit.jsonable import digest
from penstock.kit.secret import STARS, Secret, without_password

_TELLING = re.compile(r"key|token|secret|passw|passphrase|passcode|credential|authorization|bearer|pwd|(^|[_-])pass$")
#: Words that hold a telling one by accident.
_INNOCENT = re.compile(r"keyword|keyboard|keynote|tokeni[sz]|secretar|(mon|tur|don|hoc|joc|whis)key")
_PASSWORD = re.compile(r"://[^:/?#\s]*:([^/?#\s]*)@")
# Shorter texts and mere numbers turn up by accident: stars there would hide what is no secret.
_SHORTEST = 8


def is_secret(name: str) -> bool:
    """Tell whether a parameter, flag or variable of this name holds what is not to be shown."""
    return _TELLING.search(_INNOCENT.sub("", name.lower())) is not None


def is_telling(text: str) -> bool:
    """Tell whether a secret can be recognised by this text wherever it turns up."""
    return len(text) >= _SHORTEST and not text.isdigit()


def passwords_in(text: str) -> list[str]:
    """Return the passwords of the addresses in a text."""
    return _PASSWORD.findall(text) if "://" in text else []


def shown(name: str, value: Any) -> Any:
    """Return a value as it may be shown under its name: stars for a secret, or for the password of an address."""
    if value is None or isinstance(value, bool):
        return value
    if is_secret(name):
        return STARS
    return without_password(value) if isinstance(value, str) and passwords_in(value) else value


def is_hidden(name: str, value: Any) -> bool:
    """Tell whether a value is not to be shown as it is."""
    return bool(shown(name, value) != value)


def sealed(name: str, value: Any) -> Any:
    """Return what stands for a value where only its changes count: a secret's digest, anything else as it is."""
    return f"{STARS}:{digest(value)}" if is_hidden(name, value) else value


def is_sealed(value: Any) -> bool:
    """Tell whether a value is the seal of another."""
    return isinstance(value, str) and value.startswith(f"{STARS}:")


def hidden_texts(params: Mapping[str, Any]) -> list[str]:
    """Return the texts that give secret parameters away, the longest first: their values, and each line of them."""
    return sorted({text for text in _hidden(params) if is_telling(text)}, key=len, reverse=True)


def _hidden(params: Mapping[str, Any]) -> Iterator[str]:
    for name, value in params.items():
        if is_hidden(name, value):
            text = str(value)
            yield from [text, *map(str.strip, text.splitlines())] if is_secret(name) else passwords_in(text)


def starred_command(words: Iterable[str]) -> str:
    """Return a command line with stars behind every flag, and in every `NAME=VALUE`, that holds a secret."""
    return " ".join(map(_quoted, _starred(words)))


def _quoted(word: str) -> str:
    from shlex import quote  # most starts write no command down

    head = word.removesuffix(STARS)
    return quote(word) if head == word else (head and quote(head)) + STARS


def _starred(words: Iterable[str]) -> Iterator[str]:
    is_value = False
    for word in words:
        flag, equals, _ = word.partition("=")
        if is_value and not word.startswith("--"):
            yield STARS
        elif equals and (is_secret(flag) or "={" in word):  # a table of settings may hold anything
            yield f"{flag}={STARS}"
        else:
            yield without_password(word)
        is_value = not equals and word.startswith("--") and is_secret(word)


@dataclass(frozen=True, slots=True)
class Veil:
    """What may be shown of one run's parameters, and of texts that may hold them.

    Args:
        params: The parameters, secret ones as stars.
        secrets: The values that stars stand for.
    """

    params: Mapping[str, Any]
    secrets: tuple[Secret, ...] = ()

    @classmethod
    def over(cls, params: Mapping[str, Any]) -> Veil:
        """Return the veil over a run's parameters."""
        return cls({name: shown(name, one) for name, one in params.items()}, tuple(map(Secret, hidden_texts(params))))

    def text(self, told: str) -> str:
        """Return a text with stars wherever it holds a secret."""
        for secret in self.secrets:
            told = secret.scrub(told)
        return told

    def value(self, told: Any) -> Any:
        """Return a JSON-able value with stars wherever one of its texts holds a secret."""
        if not self.secrets:
            return told
        if isinstance(told, str):
            return self.text(told)
        if isinstance(told, Mapping):
            return {self.value(name): self.value(inner) for name, inner in told.items()}
        return [self.value(inner) for inner in told] if isinstance(told, list | tuple) else told

    def command(self, line: str) -> str:
        """Return what asked for a run with stars in place of every secret: a command as typed, or other words."""
        words = _words(line)
        return self.text(starred_command(words) if list(_starred(words)) != words else line)


def _words(line: str) -> list[str]:
    if not line.startswith("penstock "):
        return []
    from shlex import split

    try:
        return split(line)
    except ValueError:  # cut off, or never a command
        return line.split()
