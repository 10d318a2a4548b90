"""The shapes of runs, tasks, items and events, named as `--json` of the command line names them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from penstock.engine.events import EventKind
from penstock.engine.state.records import ItemStatus, Outcome, RunStatus, TaskStatus
from penstock.web.api.shape import Failing, Name, ParamValue, Request, Shape


class ItemSums(Shape):
    """The sums of a fan-out's items."""

    discovered: int
    completed: int
    failed: int
    skipped: int
    pending: int
    running: int


class TaskAnswer(Shape):
    """One task of one run."""

    name: str
    status: TaskStatus
    reason: str = Field(description="why it ran or was skipped")
    attempts: int
    duration_s: float | None
    result: Any = None
    error: Failing | None = None
    passed_over: bool = Field(False, description="whether it failed and stopped nothing: its status is `skipped` then")
    items: ItemSums | None = None


class RunFacts(Shape):
    """What is told of every run."""

    run_id: str
    pipeline: str
    partition: str
    params: dict[str, Any] = Field(description="secret ones are stars")
    status: RunStatus
    started_at: datetime | None
    finished_at: datetime | None


class RunSummary(RunFacts):
    """One run in a list."""

    cause: str
    deployment: str = ""
    tasks: dict[TaskStatus, int] = Field(description="how many tasks are in each status")


class RunAnswer(RunFacts):
    """One run with its tasks."""

    tasks: list[TaskAnswer]


class RunList(Shape):
    """Runs, newest first."""

    runs: list[RunSummary]
    next_before: str | None = Field(None, description="what to ask for `before` to get the page behind this one")


class RunningList(Shape):
    """What is under way."""

    runs: list[RunSummary]
    starting: list[str] = Field(description="ids of runs this server started that have not written themselves yet")


class TaskList(Shape):
    """The tasks of a run, in the order of the graph."""

    run_id: str
    tasks: list[TaskAnswer]


class AttemptAnswer(Shape):
    """One try of a task."""

    number: int
    owner: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    error: Failing | None = None


class AttemptList(Shape):
    """The tries of a task, oldest first."""

    run_id: str
    task: str
    attempts: list[AttemptAnswer]


class LineAnswer(Shape):
    """One line of a log."""

    seq: int = Field(description="position of its fact in the event log")
    at: datetime
    task: str
    source: str = Field(description="`stdout`, `stderr`, or `message` for what a task reported by itself")
    line: int | None = Field(None, description="number of a script's line within its attempt")
    attempt: int | None = None
    item: str = ""
    text: str


class LineList(Shape):
    """Lines of a run's log, in order."""

    run_id: str
    lines: list[LineAnswer]
    next_after: int = Field(description="what to ask for `after` to get what comes later")


class EventAnswer(Shape):
    """One fact."""

    seq: int
    at: datetime
    kind: EventKind
    task: str | None = None
    facts: dict[str, Any]


class EventList(Shape):
    """Facts about a run, in order."""

    run_id: str
    events: list[EventAnswer]
    next_after: int = Field(description="what to ask for `after` to get what comes later")


class ItemAnswer(Shape):
    """One item of a fan-out."""

    task: str
    key: str
    status: ItemStatus
    attempts: int
    payload: Any = None
    result: Any = None
    finished_at: datetime | None = None
    error: Failing | None = None


class ItemList(Shape):
    """Items of a fan-out by key."""

    run_id: str
    task: str
    counts: ItemSums
    errors: dict[str, int] = Field(description="how many items hold a failure, by its class name")
    items: list[ItemAnswer]
    next_after: str | None = Field(None, description="what to ask for `after` to get the page behind this one")


class ParamDifference(Shape):
    """A parameter that had another value in each run."""

    name: str
    first: Any = None
    second: Any = None


class TaskComparison(Shape):
    """One task in both runs."""

    name: str
    first: TaskAnswer | None
    second: TaskAnswer | None
    outputs_differ: bool | None = Field(description="null where that cannot be told")
    differs: bool


class ComparisonAnswer(Shape):
    """Two runs side by side."""

    first: RunFacts
    second: RunFacts
    params: list[ParamDifference]
    tasks: list[TaskComparison]


class RunOrder(Request):
    """A request for a run."""

    pipeline: Name
    params: dict[Name, ParamValue] = Field({})
    tasks: list[Name] = Field([], description="`name`, `+name`, `name+`, `glob*`, `tag:x`; empty for all")
    skip: list[Name] = Field([])
    force: bool = False
    continue_on_failure: bool = False
    deployment: str = Field("", max_length=300, pattern=r"^[^\x00]*$")


class Started(Shape):
    """A run that was told to start, go on or end."""

    run_id: str = Field(description="of a completed run that is tried again: its own; a new run does the work")


class CancelOrder(Request):
    """How to end a run."""

    now: bool = Field(False, description="stop running tasks too, instead of letting them finish")


class Cancelled(Shape):
    """Runs that were told to end."""

    run_ids: list[str]
