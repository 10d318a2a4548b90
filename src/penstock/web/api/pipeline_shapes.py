"""The shapes of pipelines, plans and datasets, named as `--json` of the command line names them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from penstock.engine.planning.plan import Action
from penstock.engine.state.records import TaskStatus
from penstock.web.api.run_shapes import RunSummary
from penstock.web.api.shape import Name, ParamValue, Request, Shape


class ParamAnswer(Shape):
    """One parameter."""

    name: str
    flag: str
    type: str
    default: Any = None
    required: bool
    choices: list[Any]
    partition: bool
    doc: str


class StepAnswer(Shape):
    """One task, and where it stands."""

    name: str
    title: str
    doc: str
    upstream: list[str]
    tags: list[str]
    each: str | None
    inputs: list[str]
    outputs: list[str]
    status: TaskStatus | None = Field(description="as last decided; null for a task no run has decided about")
    reason: str | None
    run_id: str | None = Field(description="the run that decided")
    tested: bool = Field(description="whether a person marked it as tested")


class DeclaredDeployment(Shape):
    """A deployment that a pipeline declares."""

    name: str
    trigger: str
    doc: str


class PipelineFacts(Shape):
    """One pipeline in a list."""

    name: str
    title: str
    doc: str
    tasks: int
    newest_run: RunSummary | None = None


class PipelineAnswer(Shape):
    """One pipeline with its tasks."""

    pipeline: str
    title: str
    doc: str
    params: list[ParamAnswer]
    tasks: list[StepAnswer]
    datasets: list[str]
    deployments: list[DeclaredDeployment]


class BrokenFile(Shape):
    """A file that could not be read as a pipeline."""

    file: str
    error: str
    hint: str | None = None


class PipelineList(Shape):
    """Every pipeline, and every file that could not be read as one."""

    pipelines: list[PipelineFacts]
    broken: list[BrokenFile]


class DecisionAnswer(Shape):
    """What is to become of one task, and why."""

    task: str
    action: Action
    reason: dict[str, Any]


class CallsAnswer(Shape):
    """The calls a plan is going to make to one source."""

    source: str
    calls: int
    seconds: float = Field(description="how long they take at least within the source's limits")
    tasks: list[str]
    silent: list[str] = Field(description="tasks that cannot tell how many calls they make")


class PlanAnswer(Shape):
    """What a run would do."""

    format: int
    identity: str
    pipeline: str
    params: dict[str, Any]
    tasks: list[str]
    skip: list[str]
    force: bool
    continue_on_failure: bool
    deployment: str
    partition: str
    decisions: list[DecisionAnswer]
    calls: list[CallsAnswer]


class Tested(Request):
    """Whether a person has tested a task."""

    tested: bool


class TestedAnswer(Shape):
    """A task and its mark."""

    pipeline: str
    task: str
    tested: bool


class ResetOrder(Request):
    """What to forget."""

    tasks: list[Name] = Field([], description="empty for all")
    params: dict[Name, ParamValue] = Field({}, description="those that name the partition; empty for every partition")
    data: bool = Field(False, description="remove the rows they made too")


class ResetAnswer(Shape):
    """What was forgotten."""

    pipeline: str
    forgotten: int
    tables: dict[str, int]


class DatasetAnswer(Shape):
    """A dataset as a task last left it."""

    dataset: str
    pipeline: str
    task: str
    partition: str
    fingerprint: str | None = None
    label: str | None = None
    run_id: str | None = None
    made_at: datetime | None = None


class DatasetList(Shape):
    """What the tasks of all pipelines make, in the partition of each pipeline's newest run."""

    datasets: list[DatasetAnswer]
