"""What every state store promises of runs and task runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from penstock.engine.events import EventKind
from penstock.engine.state.records import Outcome, RunSignal, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from penstock.errors import LeaseLostError, StateError, UsageError
from tests.factories import (
    T0,
    TTL,
    a_completion,
    a_failure,
    a_fresh_task,
    a_run,
    a_task,
    an_end,
    an_event,
    at,
    claim_one,
)


def statuses(store: StateStore, run_id: str = "R1") -> dict[str, str]:
    return {task.task: task.status.value for task in store.list_task_runs(run_id)}


def create(store: StateStore, *tasks, **run) -> None:
    store.create_run(a_run("R1", *tasks, **run), "ann", TTL)


def finish(store: StateStore, task: str, status: TaskStatus = TaskStatus.COMPLETED, **more):
    return store.finish_task_run(claim_one(store, tasks=[task]), an_end(status, **more))


# Creating and finding ---------------------------------------------------------------------------------------


def test_a_created_run_is_read_back_as_it_was_asked_for(store):
    asked = a_run("R1", a_task("a"), a_task("b", "a"), partition="cycle=2026", continue_on_failure=True)
    run = store.create_run(asked, "ann", TTL, [an_event()])
    assert run == store.find_run("R1")
    assert (run.pipeline, run.partition, run.params, run.cause) == ("sample", "cycle=2026", {"cycle": 2026}, "test")
    assert (run.status, run.owner, run.created_at, run.alive_until) == (RunStatus.RUNNING, "ann", T0, at(60))
    assert run.continue_on_failure
    assert run.counts == {TaskStatus.QUEUED: 1, TaskStatus.PENDING: 1}
    first, second = store.list_task_runs("R1")
    assert (first.task, first.status, first.reason, first.attempt) == ("a", "queued", {"kind": "never_ran"}, 0)
    assert (second.status, second.upstream, second.attempts) == ("pending", ("a",), ())
    assert [event.run_id for event in store.read_events()] == ["R1"]


def test_a_run_with_nothing_to_do_is_completed_at_once(store):
    run = store.create_run(a_run("R1", a_fresh_task("a"), a_fresh_task("b", "a")), "ann", TTL)
    assert (run.status, run.finished_at) == (RunStatus.COMPLETED, T0)
    assert store.claim_task_runs("R1", "ann", T0, TTL) == []


def test_a_fresh_upstream_task_is_not_waited_for(store):
    create(store, a_fresh_task("a"), a_task("b", "a"))
    assert statuses(store) == {"a": "skipped", "b": "queued"}


def test_a_run_id_is_taken_once(store):
    create(store)
    with pytest.raises(StateError, match="already"):
        create(store)
    assert len(store.list_runs()) == 1


@pytest.mark.parametrize("tasks", [(a_task("a"), a_task("a")), (a_task("a", "missing"),)])
def test_a_run_that_contradicts_itself_is_refused_whole(store, tasks):
    with pytest.raises(StateError):
        create(store, *tasks)
    assert store.find_run("R1") is None


def test_a_run_is_found_by_the_start_of_its_id_when_that_names_one(store):
    for run_id in ("AB1", "AB2", "AB2X", "C%_"):
        store.create_run(a_run(run_id), "ann", TTL)
    assert store.find_run("C").run_id == "C%_"
    assert store.find_run("AB2").run_id == "AB2"
    assert store.find_run("ab") is None
    assert store.find_run("C_") is None
    with pytest.raises(UsageError):
        store.find_run("AB")


def test_runs_are_listed_newest_first_and_filtered(store):
    store.create_run(a_run("A", created_at=at(1)), "ann", TTL)
    store.create_run(a_run("B", created_at=at(3), partition="p"), "ann", TTL)
    store.create_run(a_run("C", a_fresh_task(), created_at=at(2)), "ann", TTL)
    store.create_run(a_run("D", created_at=at(2), pipeline="other"), "ann", TTL)

    def ids(**wanted):
        return [run.run_id for run in store.list_runs(**wanted)]

    assert ids() == ["B", "D", "C", "A"]
    assert ids(pipeline="sample") == ["B", "C", "A"]
    assert ids(partition="p") == ["B"]
    assert ids(partition="", pipeline="sample") == ["C", "A"]
    assert ids(status=RunStatus.COMPLETED) == ["C"]
    assert ids(limit=2) == ["B", "D"]


def test_task_runs_are_listed_by_name_too(store):
    create(store, a_task("a"), a_task("b"), a_task("c"))
    assert [task.task for task in store.list_task_runs("R1", tasks={"c", "a"})] == ["a", "c"]
    assert store.list_task_runs("R1", tasks=["nobody"]) == store.list_task_runs("R1", tasks=[]) == []


def test_a_task_run_listed_by_name_is_the_one_listed_with_all(store):
    store.create_run(a_run("R0", a_task("b"), a_task("a")), "ann", TTL)
    create(store, a_task("a"), a_task("z", "a"), a_task("c", "z", "a"), a_task("b", "c", "a"))
    finish(store, "a", TaskStatus.QUEUED, failure=a_failure())
    finish(store, "a")
    finish(store, "z", TaskStatus.QUEUED)
    everything = {task.task: task for task in store.list_task_runs("R1")}
    assert (len(everything["a"].attempts), everything["b"].upstream) == (2, ("c", "a"))
    for names in (["a"], ["b", "c"], ["z", "b"], ["c", "a", "z"]):
        listed = store.list_task_runs("R1", tasks=names)
        assert listed == [task for name, task in everything.items() if name in names]


def test_every_verb_refuses_a_run_it_does_not_know(store):
    create(store)
    claim = claim_one(store)._replace(run_id="nobody")
    verbs = [
        lambda: store.list_task_runs("nobody"),
        lambda: store.signal_run("nobody", RunSignal.CANCEL, T0, "ann", TTL),
        lambda: store.claim_task_runs("nobody", "ann", T0, TTL),
        lambda: store.finish_task_run(claim, an_end()),
        lambda: store.extend_leases("ann", T0, TTL, ["nobody"]),
        lambda: store.add_items(claim, [], "b", None, T0),
        lambda: store.claim_items(claim, "ann", T0, TTL, limit=1),
        lambda: store.finish_items(claim, [], T0),
        lambda: store.list_items("nobody"),
    ]
    for verb in verbs:
        with pytest.raises(StateError) as caught:
            verb()
        assert not isinstance(caught.value, LeaseLostError)


# Claiming ---------------------------------------------------------------------------------------------------


def test_a_claim_carries_what_is_needed_to_do_the_work(store):
    create(store, a_task("a", action="check", reason={"kind": "forced", "by": ["x"]}))
    claim = claim_one(store, owner="bob", now=at(1))
    assert (claim.run_id, claim.task, claim.action, claim.reason) == (
        "R1",
        "a",
        "check",
        {"kind": "forced", "by": ["x"]},
    )
    assert (claim.owner, claim.attempt, claim.lease_until, claim.failed_upstream) == ("bob", 1, at(61), ())
    (task,) = store.list_task_runs("R1")
    assert (task.status, task.started_at, task.lease_until, task.attempt) == ("running", at(1), at(61), 1)
    (attempt,) = task.attempts
    assert (attempt.number, attempt.owner, attempt.started_at, attempt.outcome) == (1, "bob", at(1), None)


def test_claims_are_exclusive_and_in_the_order_of_creation(store):
    create(store, *(a_task(name) for name in "edcba"))
    taken = [claim.task for claim in store.claim_task_runs("R1", "ann", T0, TTL, limit=2)]
    taken += [claim.task for claim in store.claim_task_runs("R1", "bob", T0, TTL, limit=9)]
    assert taken == list("edcba")
    assert store.claim_task_runs("R1", "cat", T0, TTL) == []


def test_a_task_run_released_late_is_claimed_in_its_place(store):
    create(store, a_task("a"), a_task("b", "a"), a_task("c"), a_task("d"))
    finish(store, "a")
    assert [claim.task for claim in store.claim_task_runs("R1", "ann", T0, TTL, limit=9)] == ["b", "c", "d"]


def test_a_claim_may_be_limited_to_names(store):
    create(store, a_task("a"), a_task("b"), a_task("c", "a"))
    assert store.claim_task_runs("R1", "ann", T0, TTL, tasks=["c", "x"]) == []
    assert store.claim_task_runs("R1", "ann", T0, TTL, tasks=[]) == []
    assert claim_one(store, tasks={"b", "c"}).task == "b"


def test_a_lease_that_ran_out_is_taken_over_and_its_attempt_is_abandoned(store):
    create(store)
    old = claim_one(store, owner="ann")
    assert store.claim_task_runs("R1", "bob", at(59.999999), TTL) == []
    new = claim_one(store, owner="bob", now=at(60))
    assert (new.attempt, new.token > old.token) == (2, True)
    (task,) = store.list_task_runs("R1")
    first, second = task.attempts
    assert (first.owner, first.outcome, first.finished_at) == ("ann", Outcome.ABANDONED, at(60))
    assert (second.owner, second.outcome, task.started_at) == ("bob", None, at(60))


def test_an_old_token_writes_nothing(store):
    create(store)
    old = claim_one(store, owner="ann")
    new = claim_one(store, owner="bob", now=at(60))
    before = (store.list_task_runs("R1"), store.read_events(), dict(store.load_completions("sample", "")))
    with pytest.raises(LeaseLostError):
        store.finish_task_run(old, an_end(completion=a_completion()), [an_event()])
    assert (store.list_task_runs("R1"), store.read_events(), dict(store.load_completions("sample", ""))) == before
    assert before[2] == {}
    assert store.finish_task_run(new, an_end()).run_closed is RunStatus.COMPLETED


def test_a_lease_that_ran_out_but_was_not_taken_over_still_finishes(store):
    create(store)
    claim = claim_one(store)
    assert store.finish_task_run(claim, an_end(finished_at=at(3600))).run_closed is RunStatus.COMPLETED


def test_a_claim_finishes_once(store):
    create(store, a_task("a"), a_task("b"))
    claim = claim_one(store)
    store.finish_task_run(claim, an_end())
    with pytest.raises(LeaseLostError):
        store.finish_task_run(claim, an_end())


# Finishing --------------------------------------------------------------------------------------------------


def test_finishing_writes_status_result_reason_completion_and_events_together(store):
    create(store)
    claim = claim_one(store)
    end = an_end(finished_at=at(5), result={"rows": 3}, reason={"kind": "changed"}, completion=a_completion())
    store.finish_task_run(claim, end, [an_event(facts={"n": 1}), an_event(facts={"n": 2})])
    (task,) = store.list_task_runs("R1")
    assert (task.status, task.result, task.reason, task.finished_at) == (
        "completed",
        {"rows": 3},
        {"kind": "changed"},
        at(5),
    )
    assert (task.attempts[0].outcome, task.attempts[0].finished_at, task.lease_until) == ("completed", at(5), None)
    assert store.load_completions("sample", "") == {"fetch": a_completion()}
    assert [event.facts["n"] for event in store.read_events() if event.kind is EventKind.MESSAGE_LOGGED] == [1, 2]


def test_a_task_run_is_queued_by_the_finish_of_the_last_it_waits_for(store):
    create(store, a_task("a"), a_task("b"), a_task("c", "a", "b"), a_task("d", "a"))
    assert finish(store, "a").newly_queued == 1
    assert statuses(store) == {"a": "completed", "b": "queued", "c": "pending", "d": "queued"}
    assert finish(store, "b", TaskStatus.SKIPPED).newly_queued == 1
    assert statuses(store)["c"] == "queued"


def test_only_the_last_finish_closes_the_run(store):
    create(store, a_task("a"), a_task("b", "a"))
    assert finish(store, "a").run_closed is None
    assert finish(store, "b", finished_at=at(9)).run_closed is RunStatus.COMPLETED
    assert store.find_run("R1").finished_at == at(9)
    assert store.find_run("R1").counts == {TaskStatus.COMPLETED: 2}


def test_a_run_that_stops_on_failure_ends_what_waits_and_lets_the_running_end(store):
    create(
        store, a_task("a"), a_task("b"), a_task("c"), a_task("below", "a"), a_task("deep", "below"), a_task("far", "b")
    )
    running = claim_one(store, tasks=["b"])
    told = finish(store, "a", TaskStatus.FAILED, failure=a_failure(), finished_at=at(2))
    assert (told.newly_queued, told.run_closed) == (0, None)
    assert statuses(store) == {
        "a": "failed",
        "b": "running",
        "c": "cancelled",
        "below": "upstream_failed",
        "deep": "upstream_failed",
        "far": "cancelled",
    }
    assert store.list_task_runs("R1", tasks=["a"])[0].failure == a_failure()
    assert store.list_task_runs("R1", tasks=["deep"])[0].finished_at == at(2)
    assert store.finish_task_run(running, an_end()).run_closed is RunStatus.FAILED


def test_a_run_that_continues_on_failure_loses_only_the_descendants(store):
    tasks = (a_task("a"), a_task("b"), a_task("below", "a", "b"), a_task("deep", "below"), a_task("far", "b"))
    create(store, *tasks, continue_on_failure=True)
    assert finish(store, "a", TaskStatus.FAILED).run_closed is None
    assert statuses(store) == {
        "a": "failed",
        "b": "queued",
        "below": "upstream_failed",
        "deep": "upstream_failed",
        "far": "pending",
    }
    assert finish(store, "b").newly_queued == 1
    assert finish(store, "far").run_closed is RunStatus.FAILED


def test_the_failure_of_the_only_task_run_closes_the_run(store):
    create(store, a_task("a"), a_task("b", "a"))
    assert finish(store, "a", TaskStatus.FAILED).run_closed is RunStatus.FAILED


def test_a_cancelled_task_run_lets_its_dependents_go_on_and_tells_them(store):
    create(store, a_task("a"), a_task("ok"), a_task("b", "ok", "a"))
    finish(store, "ok")
    assert finish(store, "a", TaskStatus.CANCELLED).newly_queued == 1
    claim = claim_one(store)
    assert (claim.task, claim.failed_upstream) == ("b", ("a",))
    assert store.finish_task_run(claim, an_end()).run_closed is RunStatus.CANCELLED


def test_a_retry_waits_for_its_time_and_keeps_the_attempts(store):
    create(store)
    told = finish(store, "fetch", TaskStatus.QUEUED, retry_at=at(30), failure=a_failure(), finished_at=at(1))
    assert (told.newly_queued, told.run_closed) == (0, None)
    (task,) = store.list_task_runs("R1")
    assert (task.status, task.available_at, task.attempts[0].failure) == ("queued", at(30), a_failure())
    assert store.claim_task_runs("R1", "ann", at(29), TTL) == []
    claim = claim_one(store, now=at(30))
    assert claim.attempt == 2
    store.finish_task_run(claim, an_end(finished_at=at(31)))
    (task,) = store.list_task_runs("R1")
    assert [attempt.outcome for attempt in task.attempts] == ["failed", "completed"]
    assert (task.failure, task.started_at, task.finished_at) == (None, at(30), at(31))


def test_a_retry_without_a_time_may_be_claimed_at_once(store):
    create(store)
    assert finish(store, "fetch", TaskStatus.QUEUED).newly_queued == 1
    assert claim_one(store).attempt == 2


def test_a_fan_that_many_threads_work_on_is_done_once_and_closed_once(store):
    middle = [f"t{number}" for number in range(60)]
    create(store, a_task("root"), *(a_task(name, "root") for name in middle), a_task("sink", *middle))

    def work(owner: str):
        done, closed = [], []
        while store.find_run("R1").status is RunStatus.RUNNING:
            for claim in store.claim_task_runs("R1", owner, T0, TTL, limit=3):
                told = store.finish_task_run(claim, an_end())
                done.append(claim.task)
                closed += [told.run_closed] * (told.run_closed is not None)
        return done, closed

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(work, [f"owner{number}" for number in range(6)]))
    done = [task for tasks, _ in results for task in tasks]
    assert sorted(done) == sorted(["root", *middle, "sink"])
    assert [closed for _, told in results for closed in told] == [RunStatus.COMPLETED]
