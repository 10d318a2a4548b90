"""Values of the state store for tests: sensible defaults, one thing overridden at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import (
    Claim,
    Completion,
    Failure,
    Item,
    ItemClaim,
    ItemOutcome,
    ItemStatus,
    NewRun,
    NewTaskRun,
    Outcome,
    TaskOutcome,
    TaskStatus,
)
from penstock.engine.state.store import StateStore

#: The instant tests start at.
T0 = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
#: How long claims live unless a test says otherwise.
TTL = timedelta(seconds=60)


def at(seconds: float) -> datetime:
    """The instant so many seconds after the start."""
    return T0 + timedelta(seconds=seconds)


def a_task(task: str = "fetch", *upstream: str, **overrides: Any) -> NewTaskRun:
    """A task run to be done, after these."""
    return NewTaskRun(task, TaskStatus.PENDING, "run", {"kind": "never_ran"}, upstream)._replace(**overrides)


def a_fresh_task(task: str = "fetch", *upstream: str) -> NewTaskRun:
    """A task run that was found fresh."""
    return a_task(task, *upstream, status=TaskStatus.SKIPPED, action="skip", reason={"kind": "fresh"})


def a_run(run_id: str = "R1", *tasks: NewTaskRun, **overrides: Any) -> NewRun:
    """A run of these task runs, or of one."""
    asked = tasks or (a_task(),)
    new = NewRun(run_id, "sample", "", {"cycle": 2026}, "test", T0, continue_on_failure=False, tasks=asked)
    return new._replace(**overrides)


def a_failure(**overrides: Any) -> Failure:
    """Why something failed."""
    return replace(Failure("SourceError", "the publisher sent half a page", hint="try again later"), **overrides)


def an_event(run_id: str = "R1", **overrides: Any) -> Event:
    """Something that happened."""
    return Event(EventKind.MESSAGE_LOGGED, T0, run_id, "fetch", {"text": "hello"})._replace(**overrides)


def a_completion(task: str = "fetch", **overrides: Any) -> Completion:
    """What a task had seen and made."""
    done = Completion("sample", "", task, "R1", T0, {"code": "c1", "inputs": {"x": 1}}, {"rows": 3})
    return done._replace(**overrides)


def an_end(status: TaskStatus = TaskStatus.COMPLETED, **overrides: Any) -> TaskOutcome:
    """How a claimed task run ended; the outcome follows the status."""
    outcome = Outcome.FAILED if status is TaskStatus.QUEUED else Outcome(status.value)
    return TaskOutcome(status, outcome, T0)._replace(**overrides)


def an_item_end(claim: ItemClaim, status: ItemStatus = ItemStatus.COMPLETED, **overrides: Any) -> ItemOutcome:
    """How a claimed item ended."""
    return ItemOutcome(claim.item.key, claim.token, status)._replace(**overrides)


def some_items(count: int) -> list[Item]:
    """Items with rising keys."""
    return [Item(f"k{number:04d}", {"number": number}) for number in range(count)]


def claim_one(store: StateStore, run_id: str = "R1", *, owner: str = "ann", now: datetime = T0, **more: Any) -> Claim:
    """Claim the one task run that may be claimed next."""
    (claim,) = store.claim_task_runs(run_id, owner, now, TTL, **more)
    return claim


def a_fan_out(store: StateStore, count: int = 5, run_id: str = "R1", basis: str = "b1", **run: Any) -> Claim:
    """Create a run of one fan-out, claim it and add so many items."""
    store.create_run(a_run(run_id, a_task("each"), **run), "ann", TTL)
    claim = claim_one(store, run_id)
    store.add_items(claim, some_items(count), basis, None, T0)
    return claim
