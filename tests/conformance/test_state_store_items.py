"""What every state store promises of the item ledger of a fan-out."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from penstock.engine.state.records import Item, ItemCounts, ItemOutcome, ItemStatus, RunSignal, TaskStatus
from penstock.errors import LeaseLostError, StateError
from tests.factories import T0, TTL, a_failure, a_fan_out, a_run, a_task, an_end, an_item_end, at, claim_one, some_items


def keys(claims):
    return [claim.item.key for claim in claims]


def records(store, **wanted):
    return {record.key: record for record in store.list_items("R1", **wanted)[1]}


def test_items_are_discovered_once_per_key(store):
    claim = a_fan_out(store, 0)
    assert store.add_items(claim, iter(some_items(3)), "b1", None, T0) == ItemCounts(pending=3)
    again = [Item("k0001", {"number": "other"}), Item("new", None), Item("new", 1)]
    assert store.add_items(claim, again, "b2", None, T0) == ItemCounts(pending=4)
    assert records(store)["k0001"].payload == {"number": 1}
    assert records(store)["new"].payload is None


def test_items_are_claimed_once_and_in_the_order_they_were_added(store):
    claim = a_fan_out(store, 0)
    store.add_items(claim, [Item(key) for key in "zaqxsw"], "b1", None, T0)
    assert keys(store.claim_items(claim, "ann", T0, TTL, limit=2)) == ["z", "a"]
    assert keys(store.claim_items(claim, "bob", T0, TTL, limit=9)) == ["q", "x", "s", "w"]
    assert store.claim_items(claim, "cat", T0, TTL, limit=9) == []


def test_items_that_failed_come_again_behind_those_never_tried(store):
    claim = a_fan_out(store, 5)
    first, second = store.claim_items(claim, "ann", T0, TTL, limit=2)
    again = an_item_end(first, ItemStatus.PENDING, failure=a_failure(), retry_at=at(1))
    store.finish_items(claim, [again, an_item_end(second)], T0)
    order = [store.claim_items(claim, "ann", at(2), TTL, limit=2) for _ in range(3)]
    assert [keys(claims) for claims in order] == [["k0002", "k0003"], ["k0004"], ["k0000"]]


def test_finishing_items_records_how_each_ended_and_returns_the_sum(store):
    claim = a_fan_out(store, 5)
    a, b, c, d = store.claim_items(claim, "ann", T0, TTL, limit=4)
    ends = [
        an_item_end(a, result={"rows": 1}),
        an_item_end(b, ItemStatus.FAILED, failure=a_failure()),
        an_item_end(c, ItemStatus.SKIPPED),
    ]
    counts = store.finish_items(claim, ends, at(5))
    assert counts == ItemCounts(pending=1, running=1, completed=1, failed=1, skipped=1)
    assert (counts.discovered, counts.is_settled) == (5, False)
    found = records(store)
    assert (found["k0000"].status, found["k0000"].result, found["k0000"].finished_at) == (
        "completed",
        {"rows": 1},
        at(5),
    )
    assert (found["k0001"].status, found["k0001"].failure) == ("failed", a_failure())
    assert (found["k0003"].status, found["k0003"].attempt, found["k0003"].finished_at) == ("running", 1, None)
    assert store.claim_items(claim, "bob", at(9999), TTL, limit=9)[0].item == d.item


def test_a_settled_item_is_never_handed_out_again(store):
    claim = a_fan_out(store, 3)
    claims = store.claim_items(claim, "ann", T0, TTL, limit=3)
    endings = (ItemStatus.COMPLETED, ItemStatus.FAILED, ItemStatus.SKIPPED)
    ends = [an_item_end(item, status) for item, status in zip(claims, endings, strict=True)]
    assert store.finish_items(claim, ends, T0).is_settled
    store.add_items(claim, some_items(3), "b1", None, T0)
    assert store.claim_items(claim, "bob", at(9999), TTL, limit=9) == []


def test_an_item_whose_lease_ran_out_is_handed_out_with_a_greater_token_in_its_place(store):
    claim = a_fan_out(store, 4)
    first, old = store.claim_items(claim, "ann", T0, TTL, limit=2)
    store.finish_items(claim, [an_item_end(first)], T0)
    assert keys(store.claim_items(claim, "bob", at(59), TTL, limit=1)) == ["k0002"]
    new = store.claim_items(claim, "bob", at(60), TTL, limit=9)
    assert keys(new) == ["k0001", "k0003"]
    assert (new[0].attempt, new[0].token > old.token) == (2, True)
    assert store.finish_items(claim, [an_item_end(old, result="old")], T0).completed == 1
    assert store.finish_items(claim, [an_item_end(new[0], result="new")], T0).completed == 2
    assert records(store)["k0001"].result == "new"


@pytest.mark.parametrize(
    "end", [ItemOutcome("nobody", 1, ItemStatus.COMPLETED), ItemOutcome("k0001", 1, ItemStatus.FAILED)]
)
def test_an_outcome_for_an_item_that_is_not_held_is_left_out(store, end):
    claim = a_fan_out(store, 2)
    store.claim_items(claim, "ann", T0, TTL, limit=1)
    assert store.finish_items(claim, [end], T0) == ItemCounts(pending=1, running=1)


def test_outcomes_that_cannot_be_written_are_left_out_together(store):
    claim = a_fan_out(store, 2)
    good, bad = store.claim_items(claim, "ann", T0, TTL, limit=2)
    with pytest.raises(TypeError):
        store.finish_items(claim, [an_item_end(good), an_item_end(bad, result=object())], T0)
    assert store.list_items("R1")[0] == {"each": ItemCounts(running=2)}


def test_one_outcome_of_several_for_the_same_item_counts(store):
    claim = a_fan_out(store, 1)
    (held,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
    counts = store.finish_items(claim, [an_item_end(held), an_item_end(held)], T0)
    assert counts == ItemCounts(completed=1)


def test_an_item_put_back_waits_for_its_time(store):
    claim = a_fan_out(store, 2)
    first, second = store.claim_items(claim, "ann", T0, TTL, limit=2)
    ends = [an_item_end(first, ItemStatus.PENDING, retry_at=at(30)), an_item_end(second, ItemStatus.PENDING)]
    assert store.finish_items(claim, ends, T0) == ItemCounts(pending=2)
    assert keys(store.claim_items(claim, "ann", at(29), TTL, limit=9)) == ["k0001"]
    again = store.claim_items(claim, "ann", at(30), TTL, limit=9)
    assert (keys(again), again[0].attempt, again[0].token > first.token) == (["k0000"], 2, True)


def test_a_heartbeat_extends_the_items_an_owner_holds(store):
    claim = a_fan_out(store, 2)
    store.claim_items(claim, "ann", T0, TTL, limit=1)
    store.claim_items(claim, "bob", T0, TTL, limit=1)
    store.extend_leases("ann", at(30), TTL)
    assert keys(store.claim_items(claim, "cat", at(60), TTL, limit=9)) == ["k0001"]
    store.extend_leases("ann", at(61), timedelta(0))
    assert keys(store.claim_items(claim, "cat", at(61), TTL, limit=9)) == ["k0000"]


def test_who_lost_the_task_run_gets_no_items_and_adds_none(store):
    old = a_fan_out(store, 2)
    claim_one(store, owner="bob", now=at(60))
    with pytest.raises(LeaseLostError):
        store.claim_items(old, "ann", at(60), TTL, limit=1)
    with pytest.raises(LeaseLostError):
        store.add_items(old, [Item("late")], "b1", None, at(60))
    assert store.list_items("R1")[0] == {"each": ItemCounts(pending=2)}


def test_the_ledger_survives_a_takeover_of_its_task_run(store):
    old = a_fan_out(store, 3)
    (held,) = store.claim_items(old, "ann", T0, TTL, limit=1)
    store.finish_items(old, [an_item_end(held)], T0)
    new = claim_one(store, owner="bob", now=at(60))
    assert store.add_items(new, some_items(3), "b1", None, at(60)) == ItemCounts(pending=2, completed=1)
    assert keys(store.claim_items(new, "bob", at(60), TTL, limit=9)) == ["k0001", "k0002"]


def test_items_of_a_failed_batch_are_not_half_added(store):
    claim = a_fan_out(store, 1)

    def broken():
        yield Item("good")
        raise RuntimeError("the listing broke off")

    with pytest.raises(RuntimeError):
        store.add_items(claim, broken(), "b1", None, T0)
    assert store.list_items("R1")[0] == {"each": ItemCounts(pending=1)}


# Carrying over ----------------------------------------------------------------------------------------------


def settle(store, claim, **statuses):
    held = store.claim_items(claim, "ann", T0, TTL, limit=99)
    ends = [
        an_item_end(item, ItemStatus(statuses.get(item.item.key, "completed")), result={"from": item.item.key})
        for item in held
    ]
    store.finish_items(claim, ends, T0)


def test_settled_items_of_an_earlier_run_are_carried_over(store):
    settle(store, a_fan_out(store, 4, "R0"), k0001="failed", k0002="skipped")
    claim = a_fan_out(store, 0)
    items = [*some_items(3), Item("k0003", {"number": "changed"}), Item("unknown")]
    assert store.add_items(claim, items, "b1", "R0", at(9)) == ItemCounts(pending=3, skipped=2)
    found = records(store)
    assert {key: record.status.value for key, record in found.items()} == {
        "k0000": "skipped",
        "k0001": "pending",
        "k0002": "skipped",
        "k0003": "pending",
        "unknown": "pending",
    }
    assert (found["k0000"].result, found["k0000"].finished_at, found["k0000"].attempt) == ({"from": "k0000"}, at(9), 0)
    assert found["k0001"].result is None


def test_carried_items_are_carried_on(store):
    settle(store, a_fan_out(store, 1, "R0"))
    second = a_fan_out(store, 0, "R1")
    store.add_items(second, some_items(1), "b1", "R0", T0)
    third = a_fan_out(store, 0, "R2")
    assert store.add_items(third, some_items(1), "b1", "R1", T0) == ItemCounts(skipped=1)
    assert store.list_items("R2")[1][0].result == {"from": "k0000"}


def test_nothing_is_carried_over_from_another_basis(store):
    settle(store, a_fan_out(store, 2, "R0", basis="b0"))
    claim = a_fan_out(store, 0)
    assert store.add_items(claim, some_items(2), "b1", "R0", T0) == ItemCounts(pending=2)


def test_carrying_over_leaves_a_key_that_is_already_there(store):
    settle(store, a_fan_out(store, 2, "R0"))
    claim = a_fan_out(store, 1)
    assert store.add_items(claim, some_items(2), "b1", "R0", T0) == ItemCounts(pending=1, skipped=1)


def test_nothing_is_carried_over_from_a_run_without_the_ledger(store):
    store.create_run(a_run("R0", a_task("else")), "ann", TTL)
    claim = a_fan_out(store, 0)
    assert store.add_items(claim, some_items(2), "b1", "R0", T0) == ItemCounts(pending=2)


# Signals and listing ----------------------------------------------------------------------------------------


def test_a_cancelled_run_hands_out_no_items_and_takes_what_ends(store):
    claim = a_fan_out(store, 3)
    (held,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
    store.signal_run("R1", RunSignal.CANCEL, at(1), "ann", TTL)
    assert store.claim_items(claim, "ann", at(1), TTL, limit=9) == []
    assert store.finish_items(claim, [an_item_end(held)], at(2)) == ItemCounts(pending=2, completed=1)


def test_abandoning_puts_running_items_back_and_fences_their_outcomes(store):
    claim = a_fan_out(store, 3)
    done, held = store.claim_items(claim, "ann", T0, TTL, limit=2)
    store.finish_items(claim, [an_item_end(done)], T0)
    store.signal_run("R1", RunSignal.ABANDON, at(1), "ann", TTL)
    assert store.list_items("R1")[0] == {"each": ItemCounts(pending=2, completed=1)}
    assert store.finish_items(claim, [an_item_end(held)], at(2)) == ItemCounts(pending=2, completed=1)


def test_resuming_hands_out_what_was_running_or_failed_and_nothing_that_was_done(store):
    claim = a_fan_out(store, 4)
    a, b, _, d = store.claim_items(claim, "ann", T0, TTL, limit=4)
    store.finish_items(
        claim, [an_item_end(a), an_item_end(b, ItemStatus.FAILED), an_item_end(d, ItemStatus.SKIPPED)], T0
    )
    store.finish_task_run(claim, an_end(TaskStatus.FAILED))
    store.signal_run("R1", RunSignal.RESUME, at(5), "bob", TTL)
    assert store.list_items("R1")[0] == {"each": ItemCounts(pending=2, completed=1, skipped=1)}
    again = store.claim_items(claim_one(store, now=at(5)), "bob", at(5), TTL, limit=9)
    assert keys(again) == ["k0001", "k0002"]
    assert again[0].token > b.token


def test_an_item_reopened_by_resuming_is_as_open_as_any_other(store):
    claim = a_fan_out(store, 2)
    failed, held = store.claim_items(claim, "ann", T0, TTL, limit=2)
    store.finish_items(claim, [an_item_end(failed, ItemStatus.FAILED, failure=a_failure())], at(1))
    store.finish_task_run(claim, an_end(TaskStatus.FAILED))
    store.signal_run("R1", RunSignal.RESUME, at(5), "bob", TTL)
    assert [(record.status, record.finished_at, record.attempt) for record in records(store).values()] == [
        (ItemStatus.PENDING, None, 1)
    ] * 2
    late = [an_item_end(failed), an_item_end(held)]
    assert store.finish_items(claim, late, at(6)) == ItemCounts(pending=2)


def test_the_items_of_a_completed_fan_out_stay_when_the_run_is_resumed(store):
    store.create_run(a_run("R1", a_task("each"), a_task("next", "each")), "ann", TTL)
    claim = claim_one(store)
    store.add_items(claim, some_items(1), "b1", None, T0)
    settle(store, claim, k0000="failed")
    store.finish_task_run(claim, an_end())
    store.finish_task_run(claim_one(store), an_end(TaskStatus.FAILED))
    store.signal_run("R1", RunSignal.RESUME, at(5), "bob", TTL)
    assert store.list_items("R1")[0] == {"each": ItemCounts(failed=1)}


def test_items_are_listed_by_task_and_key_from_behind_a_key(store):
    store.create_run(a_run("R1", a_task("z"), a_task("a"), a_task("none")), "ann", TTL)
    for task, added in (("z", ["k2", "k1", ""]), ("a", ["k9", "k3"])):
        store.add_items(claim_one(store, tasks=[task]), [Item(key) for key in added], "b1", None, T0)
    counts, found = store.list_items("R1")
    assert counts == {"z": ItemCounts(pending=3), "a": ItemCounts(pending=2)}
    assert [(record.task, record.key) for record in found] == [
        ("a", "k3"),
        ("a", "k9"),
        ("z", ""),
        ("z", "k1"),
        ("z", "k2"),
    ]
    assert list(store.list_items("R1", task="z")[0]) == ["z"]
    assert [record.key for record in store.list_items("R1", task="z", limit=2)[1]] == ["", "k1"]
    assert [record.key for record in store.list_items("R1", task="z", after="k1")[1]] == ["k2"]
    assert [record.key for record in store.list_items("R1", task="z", after="")[1]] == ["k1", "k2"]
    assert store.list_items("R1", status=ItemStatus.FAILED)[1] == []
    with pytest.raises(StateError):
        store.list_items("R9")


def test_threads_that_share_a_ledger_handle_every_item_once_and_always_see_a_true_sum(store):
    claim = a_fan_out(store, 300)

    def work(owner: str):
        handled = []
        while held := store.claim_items(claim, owner, T0, TTL, limit=7):
            counts = store.finish_items(claim, [an_item_end(item) for item in held], T0)
            assert counts.discovered == 300
            handled += keys(held)
        return handled

    with ThreadPoolExecutor(6) as pool:
        handled = Counter(key for done in pool.map(work, "abcdef") for key in done)
    assert (len(handled), max(handled.values())) == (300, 1)
    assert store.list_items("R1")[0] == {"each": ItemCounts(completed=300)}
