"""The plan: one decision per task, as a value that can be printed, compared, saved and applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from penstock.engine.planning.freshness import Present
from penstock.engine.planning.reason import Reason
from penstock.engine.planning.request import RunRequest
from penstock.errors import UsageError
from penstock.kit.jsonable import digest
from penstock.kit.secret import STARS
from penstock.kit.veil import is_hidden, is_secret, shown

PLAN_FORMAT = 1


class Action(StrEnum):
    """What is to become of a task in a run."""

    RUN = "run"
    SKIP = "skip"
    #: Decided when everything it depends on is over: it runs if that changed what it reads.
    CHECK = "check"


class Decision(NamedTuple):
    """What is to become of one task, and why.

    Args:
        present: What the task would see if it ran now; None for a task that is skipped.
    """

    task: str
    action: Action
    reason: Reason
    present: Present | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request would do.

    Args:
        params: The value of every parameter.
        decisions: One for every task of the pipeline, in the order of the graph.
    """

    request: RunRequest
    params: Mapping[str, Any]
    partition: str
    decisions: tuple[Decision, ...]

    @property
    def to_run(self) -> tuple[str, ...]:
        """Names of tasks that will run, as far as can be told now."""
        return tuple(decision.task for decision in self.decisions if decision.action is Action.RUN)

    @property
    def has_secrets(self) -> bool:
        """Whether it holds parameters that are not to be shown, and so does the file it is saved in."""
        return any(is_hidden(name, value) for name, value in self.params.items())

    @property
    def identity(self) -> str:
        """Equal for two plans that would do the same, for the same reasons, with the same code on the same data."""
        bases = [None if decision.present is None else decision.present.basis for decision in self.decisions]
        return digest([self._request_json(), [_decision_json(decision) for decision in self.decisions], bases])

    def as_json(self) -> dict[str, Any]:
        """Return the plan as printed by `--json`: secret parameters are stars."""
        saved = self.saved()
        return {**saved, "params": {name: shown(name, value) for name, value in saved["params"].items()}}

    def saved(self) -> dict[str, Any]:
        """Return the plan as saved by `plan -o`, with every parameter `apply` needs."""
        return {
            "format": PLAN_FORMAT,
            "identity": self.identity,
            **self._request_json(),
            "partition": self.partition,
            "decisions": [_decision_json(decision) for decision in self.decisions],
        }

    def _request_json(self) -> dict[str, Any]:
        return {
            "pipeline": self.request.pipeline,
            "params": {name: None if value is None else str(value) for name, value in self.params.items()},
            "tasks": list(self.request.tasks),
            "skip": list(self.request.skip),
            "force": self.request.force,
            "continue_on_failure": self.request.continue_on_failure,
            "deployment": self.request.deployment,
        }


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {"task": decision.task, "action": decision.action.value, "reason": decision.reason.as_json()}


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan read back from a file: the request to plan again, and the identity that must come out."""

    request: RunRequest
    identity: str


def read_saved_plan(stored: Any, origin: str) -> SavedPlan:
    """Return the saved plan a JSON value holds.

    Args:
        origin: Where it came from, for messages.

    Raises:
        UsageError: The value is not a plan this version can read.
    """
    if not isinstance(stored, dict) or stored.get("format") != PLAN_FORMAT:
        raise UsageError(
            f"`{origin}` is not a plan of format {PLAN_FORMAT}", hint="write one with `penstock plan PIPELINE -o FILE`"
        )
    try:
        _refuse_stars(stored["params"], origin)
        request = RunRequest(
            pipeline=str(stored["pipeline"]),
            params={str(name): value for name, value in stored["params"].items() if value is not None},
            tasks=tuple(map(str, stored["tasks"])),
            skip=tuple(map(str, stored["skip"])),
            force=bool(stored["force"]),
            continue_on_failure=bool(stored["continue_on_failure"]),
            cause=f"apply {origin}",
            deployment=str(stored["deployment"]),
        )
        return SavedPlan(request, str(stored["identity"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"`{origin}` is a damaged plan: {error}", hint="write it anew with `penstock plan`") from error


def _refuse_stars(params: Mapping[str, Any], origin: str) -> None:
    for name, value in params.items():
        if (value == STARS and is_secret(name)) or f":{STARS}@" in str(value):
            raise UsageError(
                f"`{origin}` was printed, not saved: it has stars in place of `{name}`",
                hint="save it with `penstock plan PIPELINE -o FILE`",
            )
