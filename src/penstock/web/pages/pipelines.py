"""All pipelines: where each stands, its last runs, when it comes next, and how much of it somebody tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.state.schedules import StoredDeployment
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.view import RunView
from penstock.errors import PenstockError
from penstock.web.console import Console
from penstock.web.page import Ask, Page, Topic

_LAST_RUNS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One pipeline in the list.

    Args:
        runs: The last ones, the newest first.
        next_at: When a schedule asks for it next.
        tested: How many of its tasks somebody marked as tested.
    """

    pipeline: Pipeline
    runs: Sequence[RunView]
    next_at: datetime | None
    next_by: str
    tested: int

    @property
    def newest(self) -> RunView | None:
        """Its newest run."""
        return self.runs[0] if self.runs else None


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that could not be read as a pipeline."""

    file: str
    message: str
    hint: str


def show(console: Console, ask: Ask) -> Page:  # noqa: ARG001 - part of the protocol
    """Return the list of pipelines."""
    engine = console.engine
    deployments = Deployments(engine)
    recorded: dict[str, list[StoredDeployment]] = {}
    for one in deployments.list_all():
        recorded.setdefault(one.pipeline, []).append(one)
    rows = [
        _row(console, pipeline, deployments, recorded.get(name, ())) for name, pipeline in engine.registry.all().items()
    ]
    facts = {"rows": rows, "broken": _broken(engine.registry.broken), "project": console.project}
    return Page("pipelines", "Pipelines", facts, ("list",), Topic())


def _row(console: Console, pipeline: Pipeline, deployments: Deployments, recorded: Sequence[StoredDeployment]) -> Row:
    engine = console.engine
    ticks = [(tick.at, one.deployment) for one in recorded for tick in deployments.next_ticks(one)]
    next_at, next_by = min(ticks, default=(None, ""))
    marks = engine.store.list_marks(pipeline.name)
    tested = sum(mark.name == "tested" and bool(mark.value) and mark.task in pipeline.tasks for mark in marks)
    return Row(pipeline, engine.history(pipeline.name, limit=_LAST_RUNS), next_at, next_by, tested)


def _broken(files: Mapping[Path, PenstockError]) -> list[Broken]:
    return [Broken(str(file), error.message, error.hint or "") for file, error in files.items()]
