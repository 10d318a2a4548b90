"""What every state store promises to those who read: pages, filters, the newest facts, who holds what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.engine.events import EventKind
from penstock.engine.state.backends.memory import MemoryStateStore
from penstock.engine.state.backends.sqlite.store import SqliteStateStore
from penstock.engine.state.records import Failure, Item, ItemStatus, Outcome, RunSignal, RunStatus, TaskStatus
from penstock.errors import StateError
from tests.factories import T0, TTL, a_failure, a_fan_out, a_run, a_task, an_end, an_event, an_item_end, at, claim_one

# Runs -------------------------------------------------------------------------------------------------------


def ids(runs):
    return [run.run_id for run in runs]


def some_runs(store, *names, **overrides):
    for number, name in enumerate(names):
        store.create_run(a_run(name, **{"created_at": at(number)} | overrides), "ann", TTL)


def test_runs_are_read_page_by_page_from_behind_a_run(store):
    some_runs(store, "A", "B", "C", "D", "E")
    assert ids(store.list_runs(limit=2)) == ["E", "D"]
    assert ids(store.list_runs(before="D", limit=2)) == ["C", "B"]
    assert ids(store.list_runs(before="B", limit=2)) == ["A"]
    assert store.list_runs(before="A") == []


def test_runs_of_one_instant_are_each_on_one_page(store):
    some_runs(store, "A", "B", "C", created_at=T0)
    assert ids(store.list_runs()) == ["C", "B", "A"]
    assert ids(store.list_runs(before="C")) == ["B", "A"]
    assert ids(store.list_runs(before="B")) == ["A"]


def test_a_page_of_runs_behind_an_unknown_run_is_refused(store):
    some_runs(store, "A")
    with pytest.raises(StateError, match="`nobody` is not in the state store"):
        store.list_runs(before="nobody")


def test_runs_are_found_by_deployment_together_with_the_other_filters(store):
    some_runs(store, "A", "B", deployment="nightly")
    some_runs(store, "C", deployment="", created_at=at(5))
    some_runs(store, "D", deployment="nightly", pipeline="other", created_at=at(6))
    store.signal_run("B", RunSignal.CANCEL, at(7), "ann", TTL)
    assert ids(store.list_runs(deployment="nightly")) == ["D", "B", "A"]
    assert ids(store.list_runs(deployment="")) == ["C"]
    assert ids(store.list_runs(deployment="nightly", pipeline="sample", status=RunStatus.RUNNING)) == ["A"]
    assert ids(store.list_runs(deployment="nightly", before="D", limit=1)) == ["B"]


def test_a_failure_that_is_passed_over_is_counted_apart_from_what_was_skipped(store):
    failed = {"outcome": Outcome.FAILED, "failure": a_failure()}
    store.create_run(a_run(tasks=(a_task("bad"), a_task("idle"), a_task("good"))), "ann", TTL)
    store.finish_task_run(claim_one(store), an_end(TaskStatus.SKIPPED, **failed))
    store.finish_task_run(claim_one(store), an_end(TaskStatus.SKIPPED))
    (run,) = store.list_runs()
    assert (run.passed_over, run.counts[TaskStatus.SKIPPED]) == (1, 2)
    assert run.standings == {"queued": 1, "skipped": 1, "passed_over": 1}
    assert [task.standing for task in store.list_task_runs("R1")] == ["passed_over", "skipped", "queued"]


# Leases -----------------------------------------------------------------------------------------------------


def test_leases_that_are_held_are_listed_by_name(store):
    for name, owner in (("b", "ann"), ("a", "bob"), ("c", "cat")):
        store.acquire_lease(name, owner, T0, TTL)
    store.acquire_lease("a", "bob", at(10), TTL)
    store.extend_leases("cat", at(10), at(0) - at(0))
    held = store.list_leases(at(20))
    assert [(lease.name, lease.owner, lease.token, lease.until) for lease in held] == [
        ("a", "bob", 1, at(10) + TTL),
        ("b", "ann", 1, T0 + TTL),
    ]
    assert [lease.name for lease in store.list_leases(T0 + TTL)] == ["a"]
    assert store.list_leases(at(10) + TTL) == []


# Items ------------------------------------------------------------------------------------------------------


def fail(store, claim, errors):
    """Finish the next items: by the class of a failure, or `None` for one that went well."""
    claims = store.claim_items(claim, "ann", T0, TTL, limit=len(errors))
    ends = [
        an_item_end(item)
        if error is None
        else an_item_end(item, ItemStatus.FAILED, failure=Failure(error, f"no luck with `{item.item.key}`"))
        for item, error in zip(claims, errors, strict=True)
    ]
    store.finish_items(claim, ends, T0)


def keys(store, **wanted):
    return [item.key for item in store.list_items("R1", **wanted)[1]]


def test_items_are_found_by_the_class_of_their_failure(store):
    fail(store, a_fan_out(store, 8), ["SourceError", None, "DataError", "SourceError", None, "SourceError"])
    assert keys(store, task="each", error="SourceError") == ["k0000", "k0003", "k0005"]
    assert keys(store, error="SourceError", status=ItemStatus.FAILED, after="k0000", limit=1) == ["k0003"]
    assert keys(store, error="SourceError", after="k0003") == ["k0005"]
    assert keys(store, error="SourceError", status=ItemStatus.COMPLETED) == []
    assert keys(store, error="SourceErro") == []
    assert keys(store, status=ItemStatus.FAILED) == ["k0000", "k0002", "k0003", "k0005"]
    assert keys(store, status=ItemStatus.FAILED, task="another") == []
    counts, _ = store.list_items("R1", error="SourceError", limit=0)
    assert (counts["each"].discovered, counts["each"].failed) == (8, 4)


def test_an_item_that_failed_without_a_word_is_found_by_its_status(store):
    claim = a_fan_out(store, 2)
    (item,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
    store.finish_items(claim, [an_item_end(item, ItemStatus.FAILED)], T0)
    assert keys(store, status=ItemStatus.FAILED) == ["k0000"]
    assert dict(store.count_item_errors("R1", "each")) == {}


def test_errors_of_items_are_counted_the_most_frequent_first(store):
    fail(store, a_fan_out(store, 8), ["DataError", "SourceError", None, "SourceError", "Awful", "DataError"])
    counts = store.count_item_errors("R1", "each")
    assert list(counts.items()) == [("DataError", 2), ("SourceError", 2), ("Awful", 1)]
    assert dict(store.count_item_errors("R1", "another")) == {}
    with pytest.raises(StateError):
        store.count_item_errors("nobody", "each")


def test_an_item_that_waits_to_be_retried_holds_its_failure_until_it_goes_well(store):
    claim = a_fan_out(store, 1)
    (item,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
    store.finish_items(claim, [an_item_end(item, ItemStatus.PENDING, failure=a_failure())], T0)
    assert keys(store, error=a_failure().error, status=ItemStatus.PENDING) == ["k0000"]
    (again,) = store.claim_items(claim, "ann", at(1), TTL, limit=1)
    assert dict(store.count_item_errors("R1", "each")) == {a_failure().error: 1}
    store.finish_items(claim, [an_item_end(again)], at(2))
    assert dict(store.count_item_errors("R1", "each")) == {}
    assert keys(store, error=a_failure().error) == []


def test_the_line_of_a_failure_is_kept_for_task_runs_and_items(store):
    failure = Failure("ScriptError", "the script ended with 1", line=42)
    claim = a_fan_out(store, 1)
    (item,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
    store.finish_items(claim, [an_item_end(item, ItemStatus.FAILED, failure=failure)], T0)
    store.finish_task_run(claim, an_end(TaskStatus.FAILED, failure=failure))
    assert store.list_items("R1")[1][0].failure == failure
    (task_run,) = store.list_task_runs("R1")
    assert (task_run.failure, task_run.attempts[0].failure) == (failure, failure)


def test_words_that_are_no_text_are_kept_as_they_are(store):
    claim = a_fan_out(store, 1)
    failure = Failure("ValueError", "Ärger mit `b\udc80d`")
    store.append_events([an_event(facts={"message": failure.message})])
    store.finish_task_run(claim, an_end(TaskStatus.FAILED, failure=failure))
    assert store.list_task_runs("R1")[0].failure == failure
    assert store.read_events(kinds=[EventKind.MESSAGE_LOGGED])[0].facts == {"message": failure.message}


STATUSES = st.sampled_from([ItemStatus.COMPLETED, ItemStatus.FAILED, ItemStatus.SKIPPED, ItemStatus.PENDING])
ENDS = st.lists(st.tuples(STATUSES, st.sampled_from(["A", "B", "Ä", ""])), max_size=12)


@settings(max_examples=40, deadline=None)
@given(ends=ENDS, status=st.none() | STATUSES, error=st.sampled_from([None, "A", "Ä"]), limit=st.integers(1, 5))
def test_pages_of_items_join_to_what_the_filters_say(tmp_path_factory, ends, status, error, limit):
    path = tmp_path_factory.mktemp("state") / "state.sqlite"
    for store in (MemoryStateStore(), SqliteStateStore(path)):
        claim = a_fan_out(store, 0)
        store.add_items(claim, [Item(f"k{(number * 7) % 12:02d}") for number in range(12)], "b", None, T0)
        claims = store.claim_items(claim, "ann", T0, TTL, limit=len(ends)) if ends else []
        outcomes = [
            an_item_end(item, how, failure=Failure(why, "no luck") if why else None)
            for item, (how, why) in zip(claims, ends, strict=True)
        ]
        store.finish_items(claim, outcomes, T0)
        wanted = [
            item.key
            for item in store.list_items("R1")[1]
            if status in (None, item.status) and error in (None, item.failure and item.failure.error)
        ]
        pages, after = [], None
        while page := store.list_items("R1", task="each", status=status, error=error, after=after, limit=limit)[1]:
            assert len(page) <= limit
            pages += page
            after = page[-1].key
        assert [item.key for item in pages] == wanted
        store.close()


# Events -----------------------------------------------------------------------------------------------------


def numbers(events):
    return [event.facts["n"] for event in events]


def some_events(store):
    for number in range(12):
        kind = (EventKind.MESSAGE_LOGGED, EventKind.OUTPUT_WRITTEN, EventKind.PROGRESS_REPORTED)[number % 3]
        store.append_events([an_event(f"R{number % 2}", kind=kind, task="ab"[number // 6], facts={"n": number})])


def test_the_newest_events_come_in_rising_order(store):
    some_events(store)
    assert numbers(store.read_events(newest=True, limit=3)) == [9, 10, 11]
    assert numbers(store.read_events(newest=True, run_id="R1", limit=2)) == [9, 11]
    assert numbers(store.read_events(newest=True)) == list(range(12))
    ninth = store.read_events(newest=True, limit=4)[0].seq
    assert numbers(store.read_events(newest=True, after=ninth, limit=9)) == [9, 10, 11]
    assert store.read_events(newest=True, run_id="nobody") == []


def test_events_are_read_backwards_page_by_page(store):
    some_events(store)
    ninth = store.read_events(newest=True, limit=4)[0].seq
    assert numbers(store.read_events(newest=True, before=ninth, limit=3)) == [5, 6, 7]
    assert numbers(store.read_events(newest=True, before=ninth, run_id="R1", limit=2)) == [5, 7]
    assert numbers(store.read_events(after=ninth - 3, before=ninth)) == [6, 7]
    assert store.read_events(before=1) == []


def test_events_are_found_by_task_and_kind(store):
    some_events(store)
    assert numbers(store.read_events(task="a", run_id="R0")) == [0, 2, 4]
    assert numbers(store.read_events(kinds=[EventKind.OUTPUT_WRITTEN])) == [1, 4, 7, 10]
    kinds = {EventKind.OUTPUT_WRITTEN, EventKind.MESSAGE_LOGGED}
    assert numbers(store.read_events(run_id="R1", task="b", kinds=kinds)) == [7, 9]
    assert numbers(store.read_events(run_id="R1", kinds=kinds, newest=True, limit=2)) == [7, 9]
    assert store.read_events(kinds=[EventKind.RUN_RESUMED]) == []


def test_the_newest_events_of_a_closed_run_are_its_last_ones(store):
    store.create_run(a_run("R1", a_task("a")), "ann", TTL)
    store.finish_task_run(claim_one(store), an_end(), [an_event(facts={"n": 1})])
    store.append_events([an_event("R2", facts={"n": number}) for number in range(9)])
    found = store.read_events(run_id="R1", newest=True, limit=2)
    assert [event.kind for event in found] == [EventKind.MESSAGE_LOGGED, EventKind.RUN_FINISHED]
