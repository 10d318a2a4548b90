"""What is asked of the engine: a pipeline, parameters, a choice of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One request for a run.

    Args:
        params: As given, by parameter name; text or typed.
        tasks: Selectors (`name`, `+name`, `name+`, `glob*`, `tag:x`); empty for all tasks.
        skip: Selectors of tasks to leave out.
        force: Run the selected tasks whether fresh or not.
        continue_on_failure: Go on with tasks that do not depend on a failed one.
        cause: Who asks: the command line as typed, a trigger, a person.
        deployment: Name of the pipeline's deployment it is a run of: its tasks, where none are chosen.
        run_id: The id the run is to have, where it was promised beforehand; None for a new one.
    """

    pipeline: str
    params: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    force: bool = False
    continue_on_failure: bool = False
    cause: str = "python"
    deployment: str = ""
    run_id: str | None = None
