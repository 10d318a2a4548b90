"""What every state store promises of deployments and firings: one firing per key, one scheduler per firing."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

from penstock.engine.state.schedules import Firing, FiringStatus, StoredDeployment
from tests.factories import T0, TTL, a_run, at

DAILY = StoredDeployment("p/daily[cycle=2026]", "p", "daily", "daily 01:00 UTC; misfire latest", {"cycle": 2026}, T0)


def a_firing(key="k1", due=0.0, **overrides):
    return Firing(DAILY.name, key, f"R-{key}", at(due), {"cycle": 2026}, "daily")._replace(**overrides)


def deployed(store, **overrides):
    store.save_deployment(DAILY._replace(**overrides))
    return store


def status_of(store, key="k1"):
    return next(firing for firing in store.list_firings() if firing.key == key).status


# Deployments ------------------------------------------------------------------------------------------------


def test_a_deployment_is_given_back_as_it_was_saved(store):
    assert deployed(store, watermark={"seq": 7}).list_deployments() == [DAILY._replace(watermark={"seq": 7})]


def test_saving_again_keeps_watermark_pause_and_date_while_the_trigger_stays(store):
    deployed(store, watermark="w1")
    store.pause_deployment(DAILY.name, is_paused=True)
    deployed(store, params={"cycle": 2028}, deployed_at=at(99))
    expected = DAILY._replace(params={"cycle": 2028}, watermark="w1", is_paused=True)
    assert store.list_deployments() == [expected]
    deployed(store, trigger="daily 02:00 UTC; misfire latest", deployed_at=at(99), watermark="w2")
    changed = expected._replace(
        trigger="daily 02:00 UTC; misfire latest",
        deployed_at=at(99),
        watermark="w2",
        is_paused=False,
        params={"cycle": 2026},
    )
    assert store.list_deployments() == [changed]


def test_deployments_are_listed_by_name_and_removed_with_what_waits(store):
    deployed(store)
    store.save_deployment(DAILY._replace(name="a/daily"))
    store.add_firings(DAILY.name, [a_firing("k1"), a_firing("k2")], "w", None)
    store.finish_firing(store.claim_firing("ann", T0, TTL), FiringStatus.COMPLETED, at(1))
    assert [one.name for one in store.list_deployments()] == ["a/daily", DAILY.name]
    assert store.remove_deployment(DAILY.name)
    assert not store.remove_deployment(DAILY.name)
    assert [firing.key for firing in store.list_firings()] == ["k1"]


def test_pausing_what_does_not_exist_says_so(store):
    assert not store.pause_deployment("nobody", is_paused=True)


# Firings ----------------------------------------------------------------------------------------------------


def test_a_firing_is_written_once_per_key_and_the_watermark_moves_with_it(store):
    deployed(store)
    assert store.add_firings(DAILY.name, [a_firing("k1"), a_firing("k2")], "w1", None) == 2
    assert store.add_firings(DAILY.name, [a_firing("k2", run_id="other"), a_firing("k3")], "w2", "w1") == 1
    assert store.list_deployments()[0].watermark == "w2"
    assert sorted(firing.run_id for firing in store.list_firings()) == ["R-k1", "R-k2", "R-k3"]


def test_nothing_is_written_when_another_scheduler_moved_the_watermark_or_the_deployment_is_gone(store):
    deployed(store, watermark="w9")
    assert store.add_firings(DAILY.name, [a_firing()], "w2", "w1") == 0
    assert store.add_firings("nobody", [a_firing(deployment="nobody")], "w2", None) == 0
    assert store.list_firings() == []
    assert store.list_deployments()[0].watermark == "w9"


def test_one_key_twice_in_one_call_is_one_firing(store):
    assert deployed(store).add_firings(DAILY.name, [a_firing(), a_firing()], "w", None) == 1


def test_firings_are_claimed_in_the_order_they_are_due_and_not_before(store):
    deployed(store)
    store.add_firings(DAILY.name, [a_firing("late", 50), a_firing("early", 10), a_firing("now", 20)], "w", None)
    assert store.claim_firing("ann", at(9), TTL) is None
    claimed = [store.claim_firing("ann", at(30), TTL), store.claim_firing("ann", at(30), TTL)]
    assert [firing.key for firing in claimed] == ["early", "now"]
    assert claimed[0].status is FiringStatus.RUNNING
    assert (claimed[0].owner, claimed[0].token, claimed[0].lease_until) == ("ann", 1, at(30) + TTL)
    assert store.claim_firing("bob", at(30), TTL) is None


def test_a_firing_whose_scheduler_died_is_taken_over_and_the_dead_ones_word_counts_no_more(store):
    deployed(store).add_firings(DAILY.name, [a_firing()], "w", None)
    dead = store.claim_firing("ann", T0, TTL)
    assert store.extend_firing(dead, at(30), TTL)
    assert store.claim_firing("bob", at(61), TTL) is None
    taken = store.claim_firing("bob", at(90), TTL)
    assert (taken.owner, taken.token, taken.run_id) == ("bob", 2, dead.run_id)
    assert not store.extend_firing(dead, at(91), TTL)
    assert not store.finish_firing(dead, FiringStatus.FAILED, at(91))
    assert store.finish_firing(taken, FiringStatus.COMPLETED, at(92), message="done")
    assert not store.finish_firing(taken, FiringStatus.FAILED, at(93))
    (kept,) = store.list_firings()
    assert (kept.status, kept.finished_at, kept.message) == (FiringStatus.COMPLETED, at(92), "done")


def test_a_firing_put_back_waits_until_its_time(store):
    deployed(store).add_firings(DAILY.name, [a_firing()], "w", None)
    claimed = store.claim_firing("ann", T0, TTL)
    store.finish_firing(claimed, FiringStatus.PENDING, T0, message="busy", retry_at=at(30))
    assert status_of(store) is FiringStatus.PENDING
    assert store.claim_firing("ann", at(29), TTL) is None
    assert store.claim_firing("ann", at(30), TTL).token == 2


def test_a_firing_that_was_let_go_is_history_and_never_claimed(store):
    skipped = a_firing(status=FiringStatus.SKIPPED, finished_at=at(5), message="missed")
    deployed(store).add_firings(DAILY.name, [skipped], "w", None)
    assert store.claim_firing("ann", at(1000), TTL) is None
    (kept,) = store.list_firings()
    assert (kept.status, kept.finished_at, kept.message) == (FiringStatus.SKIPPED, at(5), "missed")


def test_firings_are_listed_latest_due_first_by_deployment_and_status(store):
    deployed(store)
    store.save_deployment(DAILY._replace(name="other"))
    store.add_firings(DAILY.name, [a_firing("a", 1), a_firing("b", 3), a_firing("c", 2)], "w", None)
    store.add_firings("other", [a_firing("d", 4, deployment="other")], "w", None)
    store.claim_firing("ann", at(9), TTL)
    assert [firing.key for firing in store.list_firings()] == ["d", "b", "c", "a"]
    assert [firing.key for firing in store.list_firings(DAILY.name, status=FiringStatus.PENDING)] == ["b", "c"]
    assert [firing.key for firing in store.list_firings(limit=1)] == ["d"]


def test_many_schedulers_claim_every_firing_once(store):
    deployed(store)
    store.add_firings(DAILY.name, [a_firing(f"k{number:03d}") for number in range(60)], "w", None)
    claimed = []

    def work(owner):
        while firing := store.claim_firing(owner, at(1), timedelta(hours=1)):
            claimed.append(firing.key)

    threads = [Thread(target=work, args=(f"owner{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [f"k{number:03d}" for number in range(60)]


def test_a_run_remembers_its_deployment(store):
    store.create_run(a_run(deployment="p/daily"), "ann", TTL)
    store.create_run(a_run("R2"), "ann", TTL)
    assert store.find_run("R1").deployment == "p/daily"
    assert [run.deployment for run in store.list_runs()] == ["", "p/daily"]
