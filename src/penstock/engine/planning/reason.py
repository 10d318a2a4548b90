"""Why a task runs or does not: a closed vocabulary whose members own their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from penstock.kit.secret import STARS
from penstock.kit.veil import is_sealed, shown


class ReasonKind(StrEnum):
    """Every fact that can decide about a task; the value is the word in JSON, `sentence` the words for people."""

    sentence: str

    def __new__(cls, word: str, sentence: str) -> ReasonKind:
        """Make a member that is its word and owns its sentence."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        return member

    FORCED = "forced", "forced"
    NEVER_RAN = "never_ran", "has not completed before"
    CODE_CHANGED = "code_changed", "code of {what} changed"
    VERSION_CHANGED = "version_changed", "declared version moved {before} → {after}"
    PARAM_CHANGED = "param_changed", "parameter `{what}` changed {before} → {after}"
    INPUT_CHANGED = "input_changed", "input `{what}` moved {before} → {after}"
    INPUT_ADDED = "input_added", "input `{what}` is new"
    INPUT_REMOVED = "input_removed", "input `{what}` is no longer declared"
    RESULT_CHANGED = "result_changed", "`{what}` returned something else"
    UPSTREAM_RAN = "upstream_ran", "`{what}` ran and declares no outputs"
    OUTPUT_CHANGED = "output_changed", "output `{what}` is not as the task left it ({before} → {after})"
    ITEMS_UNFINISHED = "items_unfinished", "items failed last time: {what}"
    UPSTREAM_RUNS = "upstream_runs", "runs if {what} changes what it reads"
    UNDECLARED = "undeclared", "declares no inputs, so it runs whenever it is asked"
    FAILURE_PASSED = "failure_passed", "failed and is passed over: {what}"
    FRESH = "fresh", "fresh since run {what}"
    NOT_SELECTED = "not_selected", "not selected"
    UPSTREAM_FAILED = "upstream_failed", "{what} did not complete"
    STOPPED = "stopped", "the run stopped: {what}"
    NOTHING_TO_DO = "nothing_to_do", "{what}"


class Reason(NamedTuple):
    """The fact that decided, with the names and states it speaks of."""

    kind: ReasonKind
    facts: Mapping[str, Any] = MappingProxyType({})

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return self.kind.sentence.format_map({"what": "", "before": "nothing", "after": "nothing", **self.facts})

    def as_json(self) -> dict[str, Any]:
        """Return the reason as stored: kind, facts and sentence."""
        return {"kind": self.kind.value, **self.facts, "sentence": self.sentence}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Reason:
        """Return the reason a stored dictionary holds."""
        facts = {name: value for name, value in stored.items() if name not in ("kind", "sentence")}
        return cls(ReasonKind[stored["kind"].upper()], facts)


def param_changed(name: str, before: Any, after: Any) -> Reason:
    """Return the reason that a parameter has another value; stars stand for those that are secret or sealed."""
    sides = {"before": _told(name, before), "after": _told(name, after)}
    return Reason(ReasonKind.PARAM_CHANGED, {"what": name, **sides})


def _told(name: str, value: Any) -> str:
    return STARS if is_sealed(value) else f"{shown(name, value)}"


def veiled_reason(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a stored reason as it may be shown: what an older version wrote holds values of secret parameters."""
    if stored.get("kind") != ReasonKind.PARAM_CHANGED.value:
        return stored
    return param_changed(str(stored.get("what")), stored.get("before"), stored.get("after")).as_json()
