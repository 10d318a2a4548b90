"""Follows runs: which of those that ended ask for a run of a deployment that comes after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from penstock.engine.definition.deployment import After
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.registry import Registry
from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import Completion, Run, RunStatus
from penstock.engine.state.schedules import Firing, StoredDeployment
from penstock.engine.state.store import StateStore
from penstock.engine.triggers.firings import upstream_firing
from penstock.errors import UsageError
from penstock.kit.ids import IdSource
from penstock.kit.spelling import did_you_mean

_PAGE = 1000
_RUNS = 1000


@dataclass(frozen=True, slots=True)
class Followed:
    """Something a deployment comes after.

    Args:
        pipeline: Whose runs are looked at.
        deployment: Only those of this deployment, if any.
        task: Whose completion is looked at; none for the runs themselves.
        dataset: Which of the task's outputs has to have changed; none for the completion itself.
    """

    name: str
    pipeline: str
    deployment: str = ""
    task: str = ""
    dataset: str = ""


def resolve_upstream(name: str, pipeline: Pipeline, registry: Registry) -> Followed:
    """Return what a name in `After(…)` of a pipeline's deployment stands for.

    Raises:
        UsageError: It stands for nothing.
    """
    if name in pipeline.deployments:
        return Followed(name, pipeline.name, deployment=name)
    known = {**registry.all(), pipeline.name: pipeline}
    if name in known:
        return Followed(name, name)
    owner, _, task = name.rpartition(".")
    if owner in known and task in known[owner].tasks:
        return Followed(name, owner, task=task)
    for one in (pipeline, *known.values()):
        if name in one.producers:
            return Followed(name, one.name, task=one.producers[name], dataset=name)
    choices = [*pipeline.deployments, *known, *(f"{one.name}.{task}" for one in known.values() for task in one.tasks)]
    choices += [dataset for one in known.values() for dataset in one.producers]
    raise UsageError(
        f'`After("{name}")` of pipeline `{pipeline.name}` names nothing that exists',
        hint=did_you_mean(name, choices) or "name a deployment, a pipeline, `pipeline.task` or a dataset",
    )


@dataclass(frozen=True, slots=True)
class Position:
    """How far runs have been followed.

    Args:
        seq: Position in the event log.
        seen: State of tasks and datasets by name and partition, when they last asked for a run.
    """

    seq: int = 0
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, watermark: Any) -> Position:
        """Return the position a watermark holds."""
        return cls(watermark["seq"], watermark["seen"]) if watermark else cls()

    def as_json(self) -> dict[str, Any]:
        """Return the position as a watermark."""
        return {"seq": self.seq, "seen": dict(self.seen)}


class RunFollower:
    """Follows the runs one deployment comes after.

    Raises:
        UsageError: It comes after something that does not exist.
    """

    def __init__(self, deployment: StoredDeployment, trigger: After, store: StateStore, registry: Registry) -> None:
        self._deployment = deployment
        self._store = store
        self._registry = registry
        self._own = registry.get(deployment.pipeline)
        self._partition = self._own.resolve_partition(deployment.params)
        self._followed = [resolve_upstream(name, self._own, registry) for name in trigger.upstream]

    def present(self, seq: int) -> Position:
        """Return the position behind everything that has happened: what is so now asks for nothing."""
        seen: dict[str, str] = {}
        for pipeline in {one.pipeline for one in self._followed if one.task}:
            runs = self._store.list_runs(pipeline=pipeline, limit=_RUNS)
            for run in {run.partition: run for run in runs}.values():
                seen.update(self._states(run))
        return Position(seq, seen)

    def follow(
        self, ends: Iterable[Event], position: Position, seq: int, now: datetime, ids: IdSource
    ) -> tuple[list[Firing], Position]:
        """Return the firings that these ends of runs ask for, one for each run, and the new position."""
        seen, firings = dict(position.seen), []
        for event in ends:
            run = self._store.find_run(event.run_id)
            if event.seq <= position.seq or run is None:
                continue
            reasons = [*self._completed(run, event), *self._moved(run, seen)]
            if reasons and not self._is_own(run):
                key = run.run_id if _completed(event) else f"{run.run_id}/{event.seq}"
                what = f"{reasons[0]} in run {run.run_id}"
                firings.append(upstream_firing(self._deployment, key, what, event.at, now=now, ids=ids))
        return firings, Position(seq, seen)

    def _is_own(self, run: Run) -> bool:
        same = run.pipeline == self._deployment.pipeline and run.deployment == self._deployment.deployment
        return same and run.partition == self._own.partition(self._partition)

    def _completed(self, run: Run, event: Event) -> list[str]:
        if not _completed(event) or not self._agrees(run):
            return []
        return [
            one.name
            for one in self._followed
            if not one.task and run.pipeline == one.pipeline and one.deployment in ("", run.deployment)
        ]

    def _moved(self, run: Run, seen: dict[str, str]) -> list[str]:
        """Return the tasks and datasets whose state is no longer the one seen, and note what it is now."""
        if not self._agrees(run):
            return []
        states = self._states(run)
        moved = [
            one.name
            for one in self._followed
            if (key := _key(one, run)) in states
            and seen.get(key) != states[key]
            and (key in seen or self._is_new(run, one))
        ]
        seen.update(states)
        return moved

    def _is_new(self, run: Run, followed: Followed) -> bool:
        """Whether something never seen before came about since the deployment was recorded."""
        completions = self._store.load_completions(run.pipeline, run.partition, tasks=[followed.task])
        return completions[followed.task].completed_at >= self._deployment.deployed_at

    def _states(self, run: Run) -> dict[str, str]:
        followed = [one for one in self._followed if one.task and one.pipeline == run.pipeline]
        if not followed:
            return {}
        tasks = {one.task for one in followed}
        completions = self._store.load_completions(run.pipeline, run.partition, tasks=tasks)
        return {
            _key(one, run): _state(completions[one.task], one.dataset) for one in followed if one.task in completions
        }

    def _agrees(self, run: Run) -> bool:
        """Whether the run is about the same slice of data, as far as both pipelines name slices alike."""
        if run.pipeline == self._own.name:
            return run.partition == self._own.partition(self._partition)
        return all(str(run.params[name]) == str(value) for name, value in self._partition.items() if name in run.params)


def _key(followed: Followed, run: Run) -> str:
    return f"{run.pipeline} {run.partition} {followed.name}"


def _completed(event: Event) -> bool:
    return event.facts.get("status") == RunStatus.COMPLETED


def _state(completion: Completion, dataset: str) -> str:
    outputs = completion.facts.get("outputs", {})
    if dataset and dataset in outputs:
        return str(outputs[dataset][0])
    return (
        str(completion.facts.get("token")) if dataset else f"{completion.run_id} {completion.completed_at.isoformat()}"
    )


def read_ends(store: StateStore, after: int) -> tuple[list[Event], int]:
    """Return the ends of runs behind a position in the event log, and the position of its end."""
    ends: list[Event] = []
    while page := store.read_events(after=after, limit=_PAGE):
        after = page[-1].seq
        ends.extend(event for event in page if event.kind is EventKind.RUN_FINISHED)
    return ends, after
