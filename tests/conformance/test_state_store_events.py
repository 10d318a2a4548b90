"""What every state store notes by itself: every start of a task run, and every close of a run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from penstock.engine.events import Event, EventKind
from penstock.engine.state.records import RunSignal, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from tests.factories import (
    T0,
    TTL,
    a_fresh_task,
    a_run,
    a_task,
    an_end,
    an_event,
    at,
    claim_one,
)


def create(store: StateStore, *tasks, **run) -> None:
    store.create_run(a_run("R1", *tasks, **run), "ann", TTL)


def noted(store: StateStore, kind: EventKind) -> list[Event]:
    return [event._replace(seq=0) for event in store.read_events() if event.kind is kind]


def started(task: str, attempt: int, seconds: float = 0) -> Event:
    return Event(EventKind.TASK_STARTED, at(seconds), "R1", task, {"attempt": attempt})


def closed(status: RunStatus, seconds: float = 0) -> Event:
    return Event(EventKind.RUN_FINISHED, at(seconds), "R1", None, {"status": status.value})


# Starts -----------------------------------------------------------------------------------------------------


def test_every_claim_is_noted_in_the_order_of_the_claims(store):
    create(store, a_task("b"), a_task("a"), a_task("c"), a_task("later", "c"))
    store.claim_task_runs("R1", "ann", at(1), TTL, limit=2)
    store.claim_task_runs("R1", "bob", at(2), TTL, limit=9)
    assert noted(store, EventKind.TASK_STARTED) == [started("b", 1, 1), started("a", 1, 1), started("c", 1, 2)]


def test_a_claim_of_nothing_is_not_noted(store):
    create(store, a_task("a"))
    assert store.claim_task_runs("R1", "ann", T0, TTL, tasks=["b"]) == []
    assert store.read_events() == []


def test_a_retry_and_a_takeover_are_noted_with_the_number_of_the_attempt(store):
    create(store, a_task("a"))
    store.finish_task_run(claim_one(store), an_end(TaskStatus.QUEUED))
    claim_one(store, owner="bob", now=at(1))
    claim_one(store, owner="cat", now=at(61))
    expected = [started("a", 1), started("a", 2, 1), started("a", 3, 61)]
    assert noted(store, EventKind.TASK_STARTED) == expected


# Closes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED])
def test_the_finish_that_closes_a_run_notes_it_behind_the_events_it_was_given(store, status):
    create(store, a_task("a"))
    store.finish_task_run(claim_one(store), an_end(status, finished_at=at(7)), [an_event(), an_event(task=None)])
    kinds = ["task_started", "message_logged", "message_logged", "run_finished"]
    assert [event.kind for event in store.read_events(run_id="R1")] == kinds
    assert noted(store, EventKind.RUN_FINISHED) == [closed(RunStatus(status.value), 7)]


def test_a_finish_that_leaves_work_notes_no_close(store):
    create(store, a_task("a"), a_task("b", "a"))
    store.finish_task_run(claim_one(store), an_end())
    assert noted(store, EventKind.RUN_FINISHED) == []


def test_a_run_with_nothing_to_do_is_noted_as_closed_behind_the_events_it_was_given(store):
    store.create_run(a_run("R1", a_fresh_task("a")), "ann", TTL, [an_event()])
    assert [event.kind for event in store.read_events(run_id="R1")] == ["message_logged", "run_finished"]
    assert noted(store, EventKind.RUN_FINISHED) == [closed(RunStatus.COMPLETED)]


def test_a_run_with_something_to_do_is_not_noted_as_closed(store):
    create(store, a_fresh_task("a"), a_task("b"))
    assert store.read_events() == []


@pytest.mark.parametrize("signal", [RunSignal.CANCEL, RunSignal.CANCEL_NOW])
def test_cancelling_is_noted_as_a_close_when_nothing_runs_any_more(store, signal):
    create(store, a_task("a"), a_task("b"))
    claim = claim_one(store)
    store.signal_run("R1", signal, at(3), "bob", TTL)
    assert noted(store, EventKind.RUN_FINISHED) == []
    store.finish_task_run(claim, an_end(finished_at=at(4)))
    assert noted(store, EventKind.RUN_FINISHED) == [closed(RunStatus.CANCELLED, 4)]


@pytest.mark.parametrize(
    ("signal", "status"), [(RunSignal.CANCEL, RunStatus.CANCELLED), (RunSignal.ABANDON, RunStatus.ABANDONED)]
)
def test_a_signal_that_closes_a_run_is_noted_once(store, signal, status):
    create(store, a_task("a"))
    for seconds in (5, 6):
        store.signal_run("R1", signal, at(seconds), "bob", TTL)
    assert noted(store, EventKind.RUN_FINISHED) == [closed(status, 5)]
    assert store.read_events(run_id="R1") == store.read_events()


def test_a_resumed_run_is_noted_again_when_it_closes_again(store):
    create(store, a_task("a"))
    store.finish_task_run(claim_one(store), an_end(TaskStatus.FAILED, finished_at=at(1)))
    store.signal_run("R1", RunSignal.RESUME, at(2), "bob", TTL)
    assert noted(store, EventKind.RUN_FINISHED) == [closed(RunStatus.FAILED, 1)]
    store.finish_task_run(claim_one(store, now=at(3)), an_end(finished_at=at(4)))
    assert noted(store, EventKind.RUN_FINISHED) == [closed(RunStatus.FAILED, 1), closed(RunStatus.COMPLETED, 4)]
    assert store.read_events(run_id="R1") == store.read_events()


def test_threads_that_share_a_run_note_one_start_per_task_run_and_one_close(store):
    create(store, *(a_task(f"t{number}") for number in range(60)))

    def work(owner: str) -> None:
        while claims := store.claim_task_runs("R1", owner, T0, TTL, limit=2):
            for claim in claims:
                store.finish_task_run(claim, an_end())

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, "abcdef"))
    starts = [event.task for event in noted(store, EventKind.TASK_STARTED)]
    assert starts == [f"t{number}" for number in range(60)]
    assert [event.kind for event in store.read_events()][60:][-1] is EventKind.RUN_FINISHED
    assert noted(store, EventKind.RUN_FINISHED) == [closed(RunStatus.COMPLETED)]
