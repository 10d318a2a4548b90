"""Whether a task may be skipped, decided from values alone: what it is now against what it last completed with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from penstock.engine.definition.dataset import Observation
from penstock.engine.definition.task import Task
from penstock.engine.planning.reason import Reason, ReasonKind, param_changed
from penstock.engine.state.records import Completion
from penstock.kit.jsonable import digest
from penstock.kit.veil import sealed


class Present(NamedTuple):
    """What a task would see and be if it ran now.

    Args:
        code: Digest of each piece of its code.
        params: The value of every parameter that counts, as stored; secret ones sealed.
        inputs: The state of every dataset it reads.
        results: Token of every upstream task it depends on otherwise than by a dataset; None where it never completed.
        silent: Upstream tasks whose token only says that they ran: they declare no outputs and return nothing.
        outputs: The state of every dataset it makes, where that can be observed.
    """

    code: Mapping[str, str]
    version: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Observation]
    results: Mapping[str, str | None]
    outputs: Mapping[str, Observation]
    silent: frozenset[str] = frozenset()

    @property
    def basis(self) -> str:
        """Equal for two looks that see the same code, parameters and data."""
        states = [{name: state.value for name, state in side.items()} for side in (self.inputs, self.outputs)]
        return digest([self.code, self.version, self.params, states, self.results])


def find_staleness(present: Present, completion: Completion | None) -> Reason | None:
    """Return the fact that makes the task stale, or None when it is fresh.

    Facts are looked at in the order code, version, parameters, inputs, results, outputs, items: the first that
    differs decides.
    """
    if completion is None:
        return Reason(ReasonKind.NEVER_RAN)
    past = completion.facts
    return (
        _code_reason(present.code, past.get("code", {}))
        or _version_reason(present.version, past.get("version", ""))
        or _params_reason(present.params, past.get("params", {}))
        or _inputs_reason(present.inputs, past.get("inputs", {}))
        or _results_reason(present, past.get("results", {}))
        or _outputs_reason(present.outputs, past.get("outputs", {}))
        or _items_reason(past.get("failed_items", 0))
    )


_UNDECLARED = Reason(ReasonKind.UNDECLARED)


def undeclared(task: Task) -> Reason | None:
    """Return the reason for running a task of which nobody can tell what it reads; None for any other."""
    return _UNDECLARED if task.runs_always else None


@cache
def _fresh_since(run_id: str) -> Reason:
    return Reason(ReasonKind.FRESH, {"what": run_id})


def fresh(completion: Completion) -> Reason:
    """Return the reason for skipping a task that nothing makes stale: one and the same for all of a run's tasks."""
    return _fresh_since(completion.run_id)


def _code_reason(now: Mapping[str, str], before: Mapping[str, str]) -> Reason | None:
    if now == before:
        return None
    changed = [name for name in now if now[name] != before.get(name)]
    gone = [name for name in before if name not in now]
    return Reason(ReasonKind.CODE_CHANGED, {"what": ", ".join(f"`{name}`" for name in [*changed, *gone][:3])})


def _version_reason(now: str, before: str) -> Reason | None:
    if now == before:
        return None
    return Reason(ReasonKind.VERSION_CHANGED, {"before": before or "none", "after": now or "none"})


def _params_reason(now: Mapping[str, Any], read: Mapping[str, Any]) -> Reason | None:
    for name, before in read.items():
        after = now.get(name)
        # What an older version remembers of a secret is not sealed.
        if after not in (before, sealed(name, before)):
            return param_changed(name, before, after)
    return None


def _inputs_reason(now: Mapping[str, Observation], before: Mapping[str, list[str]]) -> Reason | None:
    for name, state in now.items():
        if name not in before:
            return Reason(ReasonKind.INPUT_ADDED, {"what": name, "after": state.label})
        if before[name][0] != state.value:
            return Reason(ReasonKind.INPUT_CHANGED, {"what": name, "before": before[name][1], "after": state.label})
    for name in before:
        if name not in now:
            return Reason(ReasonKind.INPUT_REMOVED, {"what": name})
    return None


def _results_reason(present: Present, before: Mapping[str, str | None]) -> Reason | None:
    for name, token in present.results.items():
        if token != before.get(name) and token is not None:
            kind = ReasonKind.UPSTREAM_RAN if name in present.silent else ReasonKind.RESULT_CHANGED
            return Reason(kind, {"what": name})
    return None


def _outputs_reason(now: Mapping[str, Observation], before: Mapping[str, list[str]]) -> Reason | None:
    for name, state in now.items():
        left = before.get(name)
        if left is None or left[0] != state.value:
            facts = {"what": name, "before": left[1] if left else "never made", "after": state.label}
            return Reason(ReasonKind.OUTPUT_CHANGED, facts)
    return None


def _items_reason(failed: int) -> Reason | None:
    return Reason(ReasonKind.ITEMS_UNFINISHED, {"what": str(failed)}) if failed else None
