"""Keeps secrets out of pages: a parameter whose name says that it is secret is stars, wherever its value turns up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penstock.engine.planning.reason import ReasonKind
from penstock.kit.secret import STARS, Secret

_TELLING_NAME = re.compile(r"(token|key|secret|passw(or)?d|passphrase|credential)s?($|[_-])|^pwd$", re.IGNORECASE)
_FLAG = re.compile(r"--([A-Za-z][\w-]*)(=|\s+)('[^']*'|\"[^\"]*\"|\S+)")
# Shorter texts and mere numbers turn up in logs by accident: stars there would hide what is no secret.
_TELLING_LENGTH = 8


def is_secret(name: str) -> bool:
    """Tell whether a parameter of this name is not to be shown."""
    return _TELLING_NAME.search(name) is not None


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
        hidden = {name: value for name, value in params.items() if value is not None and is_secret(name)}
        shown = {name: STARS if name in hidden else value for name, value in params.items()}
        told = (str(value) for value in hidden.values())
        return cls(shown, tuple(Secret(text) for text in told if len(text) >= _TELLING_LENGTH and not text.isdigit()))

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
            return {name: self.value(inner) for name, inner in told.items()}
        return [self.value(inner) for inner in told] if isinstance(told, list | tuple) else told

    def command(self, line: str) -> str:
        """Return a command line with stars behind every flag that takes a secret."""
        return self.text(_FLAG.sub(_starred, line))

    def reason(self, facts: Mapping[str, Any]) -> str:
        """Return why a task ran or not, as a sentence."""
        what = str(facts.get("what", ""))
        if facts.get("kind") == ReasonKind.PARAM_CHANGED.value and is_secret(what):
            return f"parameter `{what}` changed"
        return self.text(str(facts.get("sentence", "")))


def _starred(flag: re.Match[str]) -> str:
    return f"--{flag[1]}{flag[2]}{STARS}" if is_secret(flag[1]) else flag[0]
