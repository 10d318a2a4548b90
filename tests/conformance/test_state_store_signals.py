"""What every state store promises of signals to runs, heartbeats and leases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from penstock.engine.state.records import Outcome, RunSignal, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.errors import LeaseLostError
from tests.factories import T0, TTL, a_failure, a_run, a_task, an_end, at, claim_one


def statuses(store: StateStore, run_id: str = "R1") -> dict[str, str]:
    return {task.task: task.status.value for task in store.list_task_runs(run_id)}


def create(store: StateStore, *tasks, **run) -> None:
    store.create_run(a_run("R1", *tasks, **run), "ann", TTL)


def finish(store: StateStore, task: str, status: TaskStatus = TaskStatus.COMPLETED, **more):
    return store.finish_task_run(claim_one(store, tasks=[task]), an_end(status, **more))


# Signals ----------------------------------------------------------------------------------------------------


def signal(store: StateStore, what: RunSignal, seconds: float = 10, owner: str = "bob"):
    return store.signal_run("R1", what, at(seconds), owner, TTL)


def test_cancelling_a_run_that_does_nothing_closes_it(store):
    create(store, a_task("a"), a_task("b", "a"))
    run = signal(store, RunSignal.CANCEL)
    assert (run.status, run.finished_at, run.cancel_signal) == (RunStatus.CANCELLED, at(10), RunSignal.CANCEL)
    assert statuses(store) == {"a": "cancelled", "b": "cancelled"}


def test_cancelling_lets_running_bodies_end_and_starts_nothing(store):
    create(store, a_task("a"), a_task("b"), a_task("c", "a"))
    claim = claim_one(store)
    assert signal(store, RunSignal.CANCEL).status is RunStatus.RUNNING
    assert statuses(store) == {"a": "running", "b": "cancelled", "c": "cancelled"}
    assert store.claim_task_runs("R1", "bob", at(9999), TTL) == []
    assert store.finish_task_run(claim, an_end()).run_closed is RunStatus.CANCELLED


def test_a_stronger_signal_replaces_a_weaker_one_and_not_the_other_way_round(store):
    create(store)
    claim_one(store)
    assert signal(store, RunSignal.CANCEL).cancel_signal is RunSignal.CANCEL
    assert signal(store, RunSignal.CANCEL_NOW).cancel_signal is RunSignal.CANCEL_NOW
    assert signal(store, RunSignal.CANCEL).cancel_signal is RunSignal.CANCEL_NOW


def test_a_retry_within_a_cancelled_run_ends_instead(store):
    create(store)
    claim = claim_one(store)
    signal(store, RunSignal.CANCEL)
    assert store.finish_task_run(claim, an_end(TaskStatus.QUEUED, retry_at=at(99))).run_closed is RunStatus.CANCELLED
    assert statuses(store) == {"fetch": "cancelled"}


def test_abandoning_closes_the_run_and_fences_those_who_still_work(store):
    create(store, a_task("a"), a_task("b", "a"))
    claim = claim_one(store)
    run = signal(store, RunSignal.ABANDON)
    assert (run.status, run.finished_at) == (RunStatus.ABANDONED, at(10))
    assert statuses(store) == {"a": "cancelled", "b": "cancelled"}
    (attempt,) = store.list_task_runs("R1", tasks=["a"])[0].attempts
    assert (attempt.outcome, attempt.finished_at) == (Outcome.ABANDONED, at(10))
    with pytest.raises(LeaseLostError):
        store.finish_task_run(claim, an_end())


def test_resuming_an_abandoned_run_goes_on_where_it_stopped(store):
    create(store, a_task("a"), a_task("b", "a"), a_task("c", "b"), a_task("d", "a", "c"))
    finish(store, "a")
    old = claim_one(store)
    signal(store, RunSignal.ABANDON)
    run = signal(store, RunSignal.RESUME, 20, owner="cat")
    assert (run.status, run.owner, run.alive_until, run.finished_at) == (RunStatus.RUNNING, "cat", at(80), None)
    assert statuses(store) == {"a": "completed", "b": "queued", "c": "pending", "d": "pending"}
    claim = claim_one(store, now=at(21))
    assert (claim.task, claim.attempt, claim.token > old.token) == ("b", 2, True)
    store.finish_task_run(claim, an_end())
    finish(store, "c")
    assert finish(store, "d").run_closed is RunStatus.COMPLETED
    outcomes = [attempt.outcome for attempt in store.list_task_runs("R1", tasks=["b"])[0].attempts]
    assert outcomes == ["abandoned", "completed"]


def test_resuming_a_failed_run_tries_again_what_failed_and_what_it_kept_from_running(store):
    create(store, a_task("a"), a_task("b", "a"), a_task("c"))
    finish(store, "a", TaskStatus.FAILED, failure=a_failure())
    assert signal(store, RunSignal.RESUME).counts == {TaskStatus.QUEUED: 2, TaskStatus.PENDING: 1}
    task = store.list_task_runs("R1", tasks=["a"])[0]
    assert (task.failure, task.finished_at, task.attempt, task.attempts[0].failure) == (None, None, 1, a_failure())
    claim = claim_one(store, tasks=["a"])
    assert claim.attempt == 2
    assert store.finish_task_run(claim, an_end()).newly_queued == 1
    assert claim_one(store, tasks=["b"]).failed_upstream == ()


def test_a_cancelled_run_can_be_resumed(store):
    create(store)
    signal(store, RunSignal.CANCEL)
    assert signal(store, RunSignal.RESUME).cancel_signal is None
    assert claim_one(store, now=at(11)).task == "fetch"


@pytest.mark.parametrize("what", list(RunSignal))
def test_a_signal_changes_nothing_in_a_completed_run(store, what):
    create(store)
    finish(store, "fetch")
    before = store.find_run("R1")
    assert signal(store, what) == before == store.find_run("R1")


def test_resuming_a_run_that_is_running_changes_nothing(store):
    create(store)
    before = store.find_run("R1")
    assert signal(store, RunSignal.RESUME) == before


# Leases -----------------------------------------------------------------------------------------------------


def test_a_heartbeat_extends_what_the_owner_holds_and_nothing_else(store):
    create(store, a_task("a"), a_task("b"))
    claim_one(store, owner="ann")
    claim_one(store, owner="bob")
    store.extend_leases("ann", at(30), TTL)
    assert [task.lease_until for task in store.list_task_runs("R1")] == [at(90), at(60)]
    assert [claim.task for claim in store.claim_task_runs("R1", "cat", at(60), TTL, limit=9)] == ["b"]


def test_a_heartbeat_vouches_for_runs_by_name(store):
    create(store)
    store.create_run(a_run("R2"), "ann", TTL)
    store.extend_leases("bob", at(30), TTL, ["R1"])
    assert (store.find_run("R1").alive_until, store.find_run("R2").alive_until) == (at(90), at(60))


def test_a_ttl_of_zero_gives_everything_up_at_once(store):
    create(store)
    claim_one(store, owner="ann")
    store.acquire_lease("warehouse", "ann", T0, TTL)
    store.extend_leases("ann", at(5), timedelta(0))
    assert claim_one(store, owner="bob", now=at(5)).attempt == 2
    assert store.acquire_lease("warehouse", "bob", at(5), TTL).owner == "bob"


def test_a_heartbeat_tells_the_signals_of_the_runs_the_owner_drives_or_works_for(store):
    for run_id in ("R1", "R2", "R3", "R4"):
        store.create_run(a_run(run_id), "ann" if run_id == "R1" else "bob", TTL)
        claim_one(store, run_id, owner="ann" if run_id == "R2" else "bob")
    for run_id in ("R1", "R2", "R3", "R4"):
        store.signal_run(run_id, RunSignal.CANCEL_NOW, at(1), "cat", TTL)
    told = store.extend_leases("ann", at(2), TTL, ["R3"]).signals
    assert told == dict.fromkeys(("R1", "R2", "R3"), RunSignal.CANCEL_NOW)


def test_a_heartbeat_tells_what_was_lost_to_another_owner(store):
    create(store, a_task("a"), a_task("b"))
    store.claim_task_runs("R1", "ann", T0, TTL, limit=2)
    assert store.extend_leases("ann", at(1), timedelta(0)).lost == frozenset()
    claim_one(store, owner="bob", now=at(2))
    assert store.extend_leases("ann", at(3), TTL).lost == {("R1", "a")}
    assert store.extend_leases("bob", at(3), TTL).lost == frozenset()


def test_what_an_owner_lost_and_holds_again_is_not_lost(store):
    create(store)
    claim_one(store, owner="ann")
    claim_one(store, owner="ann", now=at(60))
    assert store.extend_leases("ann", at(61), TTL).lost == frozenset()


def test_an_abandoned_run_is_lost_to_those_who_worked_for_it(store):
    create(store)
    claim_one(store, owner="ann")
    signal(store, RunSignal.ABANDON)
    assert store.extend_leases("ann", at(11), TTL).lost == {("R1", "fetch")}


def test_a_name_is_leased_to_one_owner_at_a_time(store):
    first = store.acquire_lease("warehouse", "ann", T0, TTL)
    assert (first.name, first.owner, first.until) == ("warehouse", "ann", at(60))
    assert store.acquire_lease("warehouse", "bob", at(59), TTL) == first
    renewed = store.acquire_lease("warehouse", "ann", at(30), TTL)
    assert (renewed.owner, renewed.until, renewed.token >= first.token) == ("ann", at(90), True)
    assert store.acquire_lease("warehouse", "bob", at(60), TTL).owner == "ann"
    taken = store.acquire_lease("warehouse", "bob", at(90), TTL)
    assert (taken.owner, taken.token > renewed.token) == ("bob", True)
    assert store.acquire_lease("other", "ann", at(90), TTL).owner == "ann"


def test_who_is_refused_a_name_is_told_the_lease_as_it_is_now(store):
    first = store.acquire_lease("warehouse", "ann", T0, TTL)
    store.extend_leases("ann", at(30), TTL)
    told = store.acquire_lease("warehouse", "bob", at(31), TTL)
    assert told == first._replace(until=at(90))
    assert store.acquire_lease("warehouse", "bob", at(31), timedelta(0)) == told
    assert store.acquire_lease("warehouse", "ann", at(32), TTL) == first._replace(until=at(92))


def test_a_heartbeat_extends_names_until_they_are_given_up_or_taken(store):
    store.acquire_lease("held", "ann", T0, TTL)
    store.acquire_lease("taken", "ann", T0, TTL)
    store.acquire_lease("taken", "bob", at(70), TTL)
    store.extend_leases("ann", at(80), TTL)  # late: both ran out at 60, but nobody took the first
    assert store.acquire_lease("held", "bob", at(139), TTL).owner == "ann"
    assert store.acquire_lease("taken", "ann", at(81), TTL).owner == "bob"
    store.extend_leases("ann", at(140), timedelta(0))
    store.extend_leases("ann", at(141), TTL)
    assert store.acquire_lease("held", "bob", at(142), TTL).owner == "bob"
