"""How two runs of one pipeline differ: parameters, and task by task status, reason, result and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from penstock.engine.events import EventKind
from penstock.engine.planning.reason import ReasonKind
from penstock.engine.reading import RunReader
from penstock.engine.state.records import TaskStatus
from penstock.engine.state.store import StateStore
from penstock.engine.view import RunView, TaskView
from penstock.errors import UsageError
from penstock.kit.veil import Veil, shown

_PAGE = 5000
Fingerprints = dict[str, str]


@dataclass(frozen=True, slots=True)
class ParamDifference:
    """A parameter that had another value in each run; the values are as they may be shown."""

    name: str
    first: Any
    second: Any


@dataclass(frozen=True, slots=True)
class TaskComparison:
    """One task in both runs.

    Args:
        first: None when the first run did not know the task.
        second: None when the second run did not know the task.
        outputs_differ: Whether what it left behind differs; None when that cannot be told.
    """

    name: str
    first: TaskView | None
    second: TaskView | None
    outputs_differ: bool | None

    @property
    def differs(self) -> bool:
        """Whether anything but the time it took differs."""
        if self.first is None or self.second is None or self.outputs_differ:
            return True
        one, other = self.first, self.second
        return (one.status, one.reason, one.result) != (other.status, other.reason, other.result)

    def as_json(self, veil: Veil) -> dict[str, Any]:
        """Return the task as `compare --json` prints it; whether it differs is told of what the veil covers, too."""
        first, second = (one and one.veiled(veil).as_json() for one in (self.first, self.second))
        sides = {"first": first, "second": second}
        return {"name": self.name, **sides, "outputs_differ": self.outputs_differ, "differs": self.differs}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; tasks in the order of the newer one, then those that only the older one knew."""

    first: RunView
    second: RunView
    params: tuple[ParamDifference, ...]
    tasks: tuple[TaskComparison, ...]

    @property
    def veil(self) -> Veil:
        """What may be shown of texts that tell of either run."""
        return Veil({}, (*self.first.veil.secrets, *self.second.veil.secrets))

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as `compare --json` prints it: secrets are stars."""
        veil = self.veil
        return {
            "first": _run_json(self.first),
            "second": _run_json(self.second),
            "params": [{"name": one.name, "first": one.first, "second": one.second} for one in self.params],
            "tasks": [task.as_json(veil) for task in self.tasks],
        }


def compare_runs(store: StateStore, reader: RunReader, first: str, second: str) -> Comparison:
    """Return how two runs differ.

    Raises:
        UsageError: There is no such run, or they are of different pipelines.
    """
    one, other = (reader.view(reader.get_run(run_id)) for run_id in (first, second))
    left, right = one.run, other.run
    if left.pipeline != right.pipeline:
        raise UsageError(
            f"run `{left.run_id}` is of `{left.pipeline}`, but run `{right.run_id}` is of `{right.pipeline}`",
            hint="compare two runs of one pipeline: `penstock history PIPELINE`",
        )
    prints = _OutputPrints(store)
    return Comparison(one, other, tuple(_params(one, other)), tuple(_tasks(one, other, prints)))


def _run_json(view: RunView) -> dict[str, Any]:
    return {name: value for name, value in view.as_json().items() if name != "tasks"}


def _params(one: RunView, other: RunView) -> Iterator[ParamDifference]:
    first, second = one.run.params, other.run.params
    for name in {**first, **second}:
        if (name in first, first.get(name)) != (name in second, second.get(name)):
            yield ParamDifference(name, shown(name, first.get(name)), shown(name, second.get(name)))


def _tasks(one: RunView, other: RunView, prints: _OutputPrints) -> Iterator[TaskComparison]:
    first, second = ({task.name: task for task in view.tasks} for view in (one, other))
    newer, older = (first, second) if one.run.created_at > other.run.created_at else (second, first)
    left, right = prints.of(one), prints.of(other)
    for name in {**newer, **older}:
        is_known = name in left and name in right
        differ = left[name] != right[name] if is_known else None
        yield TaskComparison(name, first.get(name), second.get(name), differ)


class _OutputPrints:
    """What each task of a run left behind, as far as the run, or the one it was found fresh since, recorded it."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._made: dict[str, Fingerprints] = {}

    def of(self, view: RunView) -> Fingerprints:
        found: Fingerprints = {}
        for task in view.tasks:
            maker = _maker(task)
            made = self._made_in(maker) if maker else {}
            if task.name in made:
                found[task.name] = made[task.name]
        return found

    def _made_in(self, run_id: str) -> Fingerprints:
        if run_id not in self._made:
            self._made[run_id] = dict(self._recorded(run_id))
        return self._made[run_id]

    def _recorded(self, run_id: str) -> Iterator[tuple[str, str]]:
        after, kinds = 0, [EventKind.TASK_FINISHED]
        while events := self._store.read_events(run_id=run_id, kinds=kinds, after=after, limit=_PAGE):
            yield from _told((event.task, event.facts) for event in events)
            after = events[-1].seq


def _told(facts: Iterable[tuple[str | None, Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    for task, told in facts:
        if task is not None and "fingerprint" in told:
            yield task, str(told["fingerprint"])


def _maker(task: TaskView) -> str | None:
    """Return the run in which the task made what it had left behind at the end of this one."""
    if task.status is TaskStatus.COMPLETED:
        return task.run_id
    is_fresh = task.status is TaskStatus.SKIPPED and task.reason_facts.get("kind") == ReasonKind.FRESH.value
    return str(task.reason_facts["what"]) if is_fresh else None
