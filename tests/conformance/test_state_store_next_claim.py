"""What every state store promises of a finish that claims the next task run in the same transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from penstock.engine.state.records import Claim, Outcome, RunSignal, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.errors import LeaseLostError
from tests.factories import T0, TTL, a_completion, a_failure, a_run, a_task, an_end, an_event, at, claim_one

HOUR = timedelta(hours=1)


def create(store: StateStore, *tasks, **run) -> None:
    store.create_run(a_run("R1", *tasks, **run), "ann", TTL)


def go_on(store: StateStore, claim: Claim, status: TaskStatus = TaskStatus.COMPLETED, **more) -> Claim | None:
    return store.finish_task_run(claim, an_end(status, **more), next_ttl=TTL).next_claim


def statuses(store: StateStore) -> dict[str, str]:
    return {task.task: task.status.value for task in store.list_task_runs("R1")}


def test_the_next_claim_is_the_one_a_claim_would_have_given_a_moment_later(store):
    for run_id in ("R1", "R2"):
        tasks = [a_task("a"), a_task("b", action="check", reason={"kind": "forced"}), a_task("c")]
        store.create_run(a_run(run_id, *tasks), "ann", TTL)
    end = an_end(finished_at=at(9))
    told = store.finish_task_run(claim_one(store, owner="bob"), end, next_ttl=HOUR)
    store.finish_task_run(claim_one(store, "R2", owner="bob"), end)
    (claim,) = store.claim_task_runs("R2", "bob", at(9), HOUR)
    assert told.next_claim == claim._replace(run_id="R1")
    assert (claim.task, claim.action, claim.owner, claim.lease_until) == ("b", "check", "bob", at(9) + HOUR)
    listed = [task._replace(run_id="R1") for task in store.list_task_runs("R2")]
    assert store.list_task_runs("R1") == listed
    assert [claim.task for claim in store.claim_task_runs("R1", "cat", at(9), TTL, limit=9)] == ["c"]


def test_without_a_ttl_nothing_is_claimed(store):
    create(store, a_task("a"), a_task("b"))
    assert store.finish_task_run(claim_one(store), an_end()).next_claim is None
    assert statuses(store) == {"a": "completed", "b": "queued"}


def test_a_chain_is_walked_by_finishes_alone(store):
    create(store, a_task("a"), a_task("b", "a"), a_task("c", "b"))
    told = store.finish_task_run(claim_one(store), an_end(), next_ttl=TTL)
    assert (told.newly_queued, told.next_claim.task) == (1, "b")
    told = store.finish_task_run(told.next_claim, an_end(), next_ttl=TTL)
    assert (told.newly_queued, told.next_claim.task) == (1, "c")
    told = store.finish_task_run(told.next_claim, an_end(), next_ttl=TTL)
    assert (told.newly_queued, told.run_closed, told.next_claim) == (0, RunStatus.COMPLETED, None)


def test_the_start_of_the_next_claim_is_noted_behind_the_events_of_the_finish(store):
    create(store, a_task("a"), a_task("b"))
    store.finish_task_run(claim_one(store), an_end(finished_at=at(2)), [an_event()], next_ttl=TTL)
    first, message, second = store.read_events()
    assert (first.kind, first.task, first.at) == ("task_started", "a", T0)
    assert message.kind == "message_logged"
    assert (second.kind, second.task, second.at, second.facts) == ("task_started", "b", at(2), {"attempt": 1})


def test_a_task_run_that_goes_back_to_the_queue_at_once_may_be_the_next(store):
    create(store, a_task("a"), a_task("b"))
    again = go_on(store, claim_one(store), TaskStatus.QUEUED, failure=a_failure())
    assert (again.task, again.attempt, again.token > 1) == ("a", 2, True)
    (task,) = store.list_task_runs("R1", tasks=["a"])
    assert [attempt.outcome for attempt in task.attempts] == [Outcome.FAILED, None]


def test_a_task_run_that_goes_back_for_later_is_not_the_next(store):
    create(store, a_task("a"), a_task("b"))
    claim = go_on(store, claim_one(store), TaskStatus.QUEUED, retry_at=at(30))
    assert claim.task == "b"
    assert go_on(store, claim, finished_at=at(29)) is None
    assert statuses(store) == {"a": "queued", "b": "completed"}


def test_a_lease_that_ran_out_is_taken_over_by_a_finish(store):
    create(store, a_task("a"), a_task("b"))
    lost = claim_one(store, owner="ann")
    claim = claim_one(store, owner="bob", now=at(1))
    taken = go_on(store, claim, finished_at=at(60))
    assert (taken.task, taken.owner, taken.attempt, taken.token > lost.token) == ("a", "bob", 2, True)
    (task,) = store.list_task_runs("R1", tasks=["a"])
    assert [(attempt.owner, attempt.outcome) for attempt in task.attempts] == [("ann", "abandoned"), ("bob", None)]
    with pytest.raises(LeaseLostError):
        store.finish_task_run(lost, an_end())


def test_what_another_owner_holds_is_not_the_next(store):
    create(store, a_task("a"), a_task("b"))
    claim_one(store, owner="bob")
    assert go_on(store, claim_one(store), finished_at=at(59)) is None
    assert statuses(store) == {"a": "running", "b": "completed"}


def test_the_next_claim_is_of_the_same_run(store):
    create(store, a_task("a"), a_task("b"))
    store.create_run(a_run("R2", a_task("other")), "ann", TTL)
    claim_one(store, owner="bob")
    assert go_on(store, claim_one(store)) is None
    assert claim_one(store, "R2").task == "other"


@pytest.mark.parametrize("signal", [RunSignal.CANCEL, RunSignal.CANCEL_NOW])
def test_a_cancelled_run_gives_no_next_claim(store, signal):
    create(store, a_task("a"), a_task("b"), a_task("c"))
    first, second = store.claim_task_runs("R1", "ann", T0, TTL, limit=2)
    store.signal_run("R1", signal, at(1), "bob", TTL)
    assert go_on(store, first, finished_at=at(9999)) is None
    assert statuses(store) == {"a": "completed", "b": "running", "c": "cancelled"}
    told = store.finish_task_run(second, an_end(TaskStatus.QUEUED), next_ttl=TTL)
    assert (told.run_closed, told.next_claim) == (RunStatus.CANCELLED, None)


def test_a_failure_goes_on_with_what_it_leaves(store):
    tasks = (a_task("a"), a_task("below", "a"), a_task("apart"))
    create(store, *tasks, continue_on_failure=True)
    assert go_on(store, claim_one(store), TaskStatus.FAILED).task == "apart"
    store.create_run(a_run("R2", *tasks), "ann", TTL)
    told = store.finish_task_run(claim_one(store, "R2"), an_end(TaskStatus.FAILED), next_ttl=TTL)
    assert (told.run_closed, told.next_claim) == (RunStatus.FAILED, None)


def test_the_next_claim_tells_which_upstream_task_ended_badly(store):
    create(store, a_task("a"), a_task("b", "a"))
    assert go_on(store, claim_one(store), TaskStatus.CANCELLED).failed_upstream == ("a",)


def test_who_lost_the_task_run_is_given_no_next_claim(store):
    create(store, a_task("a"), a_task("b"))
    old = claim_one(store, owner="ann")
    claim_one(store, owner="bob", now=at(60))
    before = (store.list_task_runs("R1"), store.read_events())
    with pytest.raises(LeaseLostError):
        store.finish_task_run(old, an_end(), [an_event()], next_ttl=TTL)
    assert (store.list_task_runs("R1"), store.read_events()) == before


@pytest.mark.parametrize(
    ("more", "facts"),
    [
        ({"result": object()}, {}),
        ({"reason": {"no": object()}}, {}),
        ({"completion": a_completion("a", result=object())}, {}),
        ({"completion": a_completion("a")}, {"no": object()}),
    ],
)
def test_a_finish_that_cannot_be_written_leaves_nothing(store, more, facts):
    create(store, a_task("a"), a_task("b", "a"))
    claim = claim_one(store)
    before = (store.list_task_runs("R1"), store.read_events())
    with pytest.raises(TypeError):
        store.finish_task_run(claim, an_end(**more), [an_event(), an_event(facts=facts)] if facts else [], next_ttl=TTL)
    assert (store.list_task_runs("R1"), store.read_events()) == before
    assert dict(store.load_completions("sample", "")) == {}
    assert go_on(store, claim).task == "b"


def test_threads_that_go_from_finish_to_finish_do_every_task_run_once(store):
    middle = [f"t{number}" for number in range(60)]
    create(store, a_task("root"), *(a_task(name, "root") for name in middle), a_task("sink", *middle))

    def work(owner: str) -> list[str]:
        done: list[str] = []
        while store.find_run("R1").status is RunStatus.RUNNING:
            claims = store.claim_task_runs("R1", owner, T0, TTL)
            claim = claims[0] if claims else None
            while claim is not None:
                done.append(claim.task)
                claim = go_on(store, claim)
        return done

    with ThreadPoolExecutor(6) as pool:
        done = [task for tasks in pool.map(work, [f"owner{number}" for number in range(6)]) for task in tasks]
    assert sorted(done) == sorted(["root", *middle, "sink"])
    assert all(task.attempt == 1 for task in store.list_task_runs("R1"))
