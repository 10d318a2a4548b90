"""The states of datasets as tasks saw and left them: what the state store tells, whoever holds the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import Completion, Run
from penstock.engine.state.store import StateStore
from penstock.web.words import part

_RUNS, _PARTITIONS = 100, 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A dataset as a task left or found it when it last completed.

    Args:
        label: What people call this state.
        was_made: Whether the task made it; else it only read it.
    """

    partition: str
    label: str
    fingerprint: str
    at: datetime
    run_id: str
    task: str
    was_made: bool

    @property
    def href(self) -> str:
        """Address of the run's task."""
        return f"/runs/{part(self.run_id)}/tasks/{part(self.task)}"


@dataclass(frozen=True, slots=True)
class Made:
    """What a run left behind of everything its task makes.

    Args:
        has_changed: Whether that differs from the run before in this partition; None for the oldest that is told.
    """

    run_id: str
    partition: str
    href: str
    at: datetime
    fingerprint: str
    has_changed: bool | None


def list_seen(store: StateStore, pipeline: Pipeline) -> Mapping[str, list[Seen]]:
    """Return the newest state of each dataset of a pipeline in each partition of its last runs."""
    runs = store.list_runs(pipeline=pipeline.name, limit=_RUNS)
    partitions = list(dict.fromkeys(run.partition for run in runs))[:_PARTITIONS]
    found: dict[str, dict[str, Seen]] = {}
    for partition in partitions:
        for completion in store.load_completions(pipeline.name, partition).values():
            for name, seen in _states(completion):
                known = found.setdefault(name, {}).get(partition)
                if known is None or (seen.was_made, seen.at) > (known.was_made, known.at):
                    found[name][partition] = seen
    return {name: list(by_partition.values()) for name, by_partition in found.items()}


def _states(completion: Completion) -> Iterator[tuple[str, Seen]]:
    for side, was_made in (("inputs", False), ("outputs", True)):
        for name, (value, label, *_) in completion.facts.get(side, {}).items():
            yield (
                name,
                Seen(
                    partition=completion.partition,
                    label=str(label or value),
                    fingerprint=str(value),
                    at=completion.completed_at,
                    run_id=completion.run_id,
                    task=completion.task,
                    was_made=was_made,
                ),
            )


def list_made(store: StateStore, pipeline: str, task: str, *, limit: int = 20) -> list[Made]:
    """Return what the last runs of a task left behind, the newest first."""
    told: list[tuple[Run, Event]] = []
    for run in store.list_runs(pipeline=pipeline, limit=_RUNS):
        events = store.read_events(run_id=run.run_id, task=task, kinds=(EventKind.TASK_FINISHED,), newest=True, limit=1)
        told += [(run, event) for event in events if "fingerprint" in event.facts]
        if len(told) > limit:
            break
    found: list[Made] = []
    before: dict[str, str] = {}
    for run, event in reversed(told):
        mark, known = str(event.facts["fingerprint"]), before.get(run.partition)
        href = f"/runs/{part(run.run_id)}/tasks/{part(task)}"
        has_changed = None if known is None else mark != known
        found.append(Made(run.run_id, run.partition, href, event.at, mark, has_changed))
        before[run.partition] = mark
    return found[::-1][:limit]
