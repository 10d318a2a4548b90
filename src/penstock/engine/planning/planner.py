"""From a request and the memory to a plan: looks at everything once, in bulk, and decides each task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from penstock.engine.definition.dataset import DatasetCatalog, Fingerprinted, Observation
from penstock.engine.definition.pipeline import Pipeline
from penstock.engine.definition.task import Task, dataset_name
from penstock.engine.planning.code import CodeReader
from penstock.engine.planning.freshness import Present, find_staleness, fresh, undeclared
from penstock.engine.planning.plan import Action, Decision, Plan
from penstock.engine.planning.reason import Reason, ReasonKind
from penstock.engine.planning.request import RunRequest
from penstock.engine.planning.selection import select
from penstock.engine.state.records import Completion
from penstock.errors import AbsentSourceError, SourceError
from penstock.kit.jsonable import digest
from penstock.kit.veil import sealed

#: The state of a dataset that a task is still to make.
ABSENT = Observation("absent", "absent")


class Surroundings:
    """What the tasks of one pipeline see in one partition: code, parameters, datasets and each other's results.

    Args:
        completions: The newest completion of each task; kept current by whoever records more.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        params: Mapping[str, Any],
        completions: Mapping[str, Completion],
        catalog: DatasetCatalog,
        code: CodeReader,
    ) -> None:
        self.pipeline = pipeline
        self.params = params
        self.completions = dict(completions)
        self._catalog = catalog
        self._code = code
        locations = {param.name for param in pipeline.params if param.location}
        #: The parameters as stored, and those of them that say which data, not where it lies, secret ones sealed.
        self.storable_params = {name: _storable(value) for name, value in params.items()}
        self.counting_params = {
            name: sealed(name, value) for name, value in self.storable_params.items() if name not in locations
        }

    def present(self, task: Task, tables: Mapping[str, Observation] | None = None) -> Present:
        """Return what the task would see now.

        Args:
            tables: States already observed; None looks at the task's own datasets.

        Raises:
            SourceError: A dataset's state cannot be read.
        """
        touches = task.inputs or task.outputs or task.updates
        seen = self.observe_tables([task]) if tables is None and touches else tables or {}
        inputs = self.observe_inputs(task, seen)
        results = {name: self._token(name) for name in self._dependencies(task)}
        return Present(
            code=self.code_facts(task),
            version=task.version,
            params=self.counting_params,
            inputs=inputs,
            results=results,
            outputs=self.observe_outputs(task, seen),
            silent=frozenset(name for name in results if self._is_silent(name)),
        )

    def code_facts(self, task: Task) -> Mapping[str, str]:
        """Return the digests of the task's code and of the shapes of the tables it makes."""
        facts = self._code.facts(task)
        if not task.outputs:
            return facts
        shapes = {
            f"table {name}": digest(shape)
            for name in map(dataset_name, task.outputs)
            if (shape := getattr(self.pipeline.datasets.get(name), "shape", None)) is not None
        }
        return {**facts, **shapes} if shapes else facts

    def observe_tables(self, tasks: list[Task]) -> Mapping[str, Observation]:
        """Return the states of all declared tables these tasks read or make, in one look."""
        names = dict.fromkeys(
            dataset_name(dataset) for task in tasks for dataset in (*task.inputs, *task.outputs, *task.updates)
        )
        declared = [
            self.pipeline.datasets[name]
            for name in names
            if name in self.pipeline.datasets and not isinstance(self.pipeline.datasets[name], Fingerprinted)
        ]
        return self._catalog.observe(declared, self.params) if declared else {}

    def observe_inputs(self, task: Task, tables: Mapping[str, Observation]) -> dict[str, Observation]:
        """Return the state of every dataset the task reads.

        Raises:
            SourceError: A state cannot be read, and no task of the pipeline makes the dataset.
        """
        found: dict[str, Observation] = {name: tables[name] for name in task.updates if name in tables}
        for dataset in task.inputs:
            name = dataset_name(dataset)
            if name in tables:
                found[name] = tables[name]
            elif isinstance(dataset, Fingerprinted):
                found[name] = self._observe(task, dataset)
            else:
                found[name] = self._virtual(name)
        return found

    def observe_outputs(self, task: Task, tables: Mapping[str, Observation]) -> dict[str, Observation]:
        """Return the state of every dataset the task makes, as far as it can be observed."""
        found: dict[str, Observation] = {}
        for dataset in task.outputs:
            name = dataset_name(dataset)
            if name in tables:
                found[name] = self._as_left(task, name, tables[name])
            elif isinstance(dataset, Fingerprinted):
                try:
                    found[name] = dataset.fingerprint(self.params, self._known(task, name, "outputs"))
                except SourceError:
                    found[name] = ABSENT
        return found

    def _as_left(self, task: Task, name: str, now: Observation) -> Observation:
        """Return the state of an output as its maker left it, if all that moved it since is a task that updates it."""
        known = self._known(task, name, "outputs")
        for updater in self.pipeline.updaters.get(name, ()):
            left = self._known(self.pipeline.tasks[updater], name, "inputs")
            if known is not None and left is not None and left.value == now.value:
                return known
        return now

    def _observe(self, task: Task, dataset: Fingerprinted) -> Observation:
        try:
            return dataset.fingerprint(self.params, self._known(task, dataset.name, "inputs"))
        except SourceError:
            if dataset.name in self.pipeline.producers:
                return ABSENT  # it will be there once its maker has run
            raise

    def _known(self, task: Task, name: str, side: str) -> Observation | None:
        completion = self.completions.get(task.name)
        stored = completion.facts.get(side, {}).get(name) if completion else None
        return Observation(*stored) if stored else None

    def _virtual(self, name: str) -> Observation:
        token = self._token(self.pipeline.producers[name]) or "absent"
        return Observation(token, token[:8])

    def _dependencies(self, task: Task) -> Sequence[str]:
        """Upstream tasks this one depends on otherwise than by reading what they make."""
        above = self.pipeline.graph.upstream(task.name)
        if not task.inputs:
            return above
        read = {*map(dataset_name, task.inputs), *task.updates}
        return [name for name in above if not read.intersection(map(dataset_name, self.pipeline.tasks[name].outputs))]

    def _token(self, name: str) -> str | None:
        completion = self.completions.get(name)
        return None if completion is None else completion.facts["token"]

    def _is_silent(self, name: str) -> bool:
        completion = self.completions.get(name)
        return completion is not None and completion.facts["token"] == completion.run_id


def _storable(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def make_plan(request: RunRequest, around: Surroundings) -> Plan:
    """Return the plan of a request: one decision per task, in the order of the graph.

    Raises:
        UsageError: A selector matches no task.
        SourceError: A dataset that no task makes cannot be read.
    """
    pipeline = around.pipeline
    selected = select(pipeline, _chosen(pipeline, request), request.skip)
    tables = around.observe_tables([pipeline.tasks[name] for name in pipeline.graph.order if name in selected])
    moving: set[str] = set()
    decisions = []
    unreadable: dict[str, SourceError] = {}
    for name in pipeline.graph.order:
        try:
            decision = _decide(name, around, tables, moving, is_selected=name in selected, force=request.force)
        except SourceError as error:
            unreadable[name] = error
            continue
        if decision.action is not Action.SKIP:
            moving.add(name)
        decisions.append(decision)
    if unreadable:
        raise _together(unreadable)
    partition = pipeline.partition(around.params)
    # However the pipeline's name was spelt: what is remembered is remembered by the one it has.
    return Plan(replace(request, pipeline=pipeline.name), around.params, partition, tuple(decisions))


def _chosen(pipeline: Pipeline, request: RunRequest) -> Sequence[str]:
    deployed = pipeline.deployment(request.deployment).tasks if request.deployment else ()
    return request.tasks or deployed or pipeline.default_tasks


def _together(errors: Mapping[str, SourceError]) -> SourceError:
    """Tell everything that is missing at once, and how to go on without it: a person fixes it in one go."""
    messages = list(dict.fromkeys(error.message for error in errors.values()))
    hints = list(dict.fromkeys(error.hint for error in errors.values() if error.hint))
    # Not when one thing, such as the folder, is what everything lacks, nor when what is there is wrong.
    if len(messages) == len(errors) and all(isinstance(error, AbsentSourceError) for error in errors.values()):
        hints.append(f"or go on without: `--skip {','.join(errors)}`")
    if len(messages) == 1:
        return SourceError(messages[0], hint="\n".join(hints))
    told = "".join(f"\n  - {message}" for message in messages)
    return SourceError(f"{len(messages)} inputs cannot be read:{told}", hint="\n".join(hints))


_NOT_SELECTED = Reason(ReasonKind.NOT_SELECTED)
_FORCED = Reason(ReasonKind.FORCED)


def _decide(
    name: str,
    around: Surroundings,
    tables: Mapping[str, Observation],
    moving: set[str],
    *,
    is_selected: bool,
    force: bool,
) -> Decision:
    if not is_selected:
        return Decision(name, Action.SKIP, _NOT_SELECTED)
    task = around.pipeline.tasks[name]
    present = around.present(task, tables)
    if force:
        return Decision(name, Action.RUN, _FORCED, present)
    completion = around.completions.get(name)
    reason = find_staleness(present, completion) or undeclared(task)
    above = [other for other in around.pipeline.graph.upstream(name) if other in moving] if moving else []
    if completion is not None and above and (reason is None or _waits_for_input(reason, around.pipeline, above)):
        listed = ", ".join(f"`{other}`" for other in above[:3]) + (" …" if len(above) > 3 else "")
        return Decision(name, Action.CHECK, Reason(ReasonKind.UPSTREAM_RUNS, {"what": listed}), present)
    if reason is not None:
        return Decision(name, Action.RUN, reason, present)
    assert completion is not None  # noqa: S101 - find_staleness returned None
    return Decision(name, Action.SKIP, fresh(completion))


def _waits_for_input(reason: Reason, pipeline: Pipeline, above: Sequence[str]) -> bool:
    """Whether what is known against the task is an input that is still to be made anew, whatever it is now."""
    if reason.kind is not ReasonKind.INPUT_CHANGED:
        return False
    makers = {pipeline.producers.get(reason.facts["what"]), *pipeline.updaters.get(reason.facts["what"], ())}
    return not makers.isdisjoint(above)
