"""What the PostgreSQL state store promises beyond the contract: of processes, kills of either side, and order."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from penstock.engine.events import EventKind
from penstock.engine.state.connect import open_state_store
from penstock.engine.state.records import Claim, ItemCounts, ItemStatus, Retention, RunSignal, RunStatus, TaskStatus
from penstock.engine.state.schedules import Firing, StoredDeployment
from penstock.engine.state.store import StateStore
from penstock.errors import LeaseLostError, StateError
from penstock.kit.pace import Window
from tests.factories import (
    T0,
    TTL,
    a_completion,
    a_failure,
    a_fan_out,
    a_fresh_task,
    a_run,
    a_task,
    an_end,
    an_event,
    an_item_end,
    at,
    claim_one,
    some_items,
)
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(postgres_state_url: str) -> str:
    """The URL of a store that is not there yet."""
    return postgres_state_url


@pytest.fixture
def own_server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that a test may kill; there is one when there is the shared one."""
    server = PostgresServer()
    yield server
    server.stop()


def started(url: str, verb: str, owner: str = "ann") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.conformance.state_store_worker", verb, url, owner]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def told_by_four(url: str, verb: str) -> list[list[str]]:
    processes = [started(url, verb, f"owner{number}") for number in range(4)]
    ended = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], ended
    return [told.splitlines() for told, _ in ended]


def done_by(told: list[list[str]]) -> list[str]:
    return sorted(line.removeprefix("done ") for lines in told for line in lines if line.startswith("done"))


def on_server(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement in the schema of a store, behind the store's back."""
    database, _, schema = url.partition("?schema=")
    with psycopg.connect(database, autocommit=True) as raw:
        raw.execute(f"SET search_path TO {schema}".encode())
        cursor = raw.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


# Processes --------------------------------------------------------------------------------------------------


def test_four_processes_do_every_task_once_and_one_of_them_closes_the_run(url):
    middle = [f"t{number:03d}" for number in range(100)]
    with closing(open_state_store(url)) as store:
        tasks = [a_task("root"), *(a_task(name, "root") for name in middle), a_task("sink", *middle)]
        store.create_run(a_run("R1", *tasks), "ann", TTL)
        told = told_by_four(url, "work_on_tasks")
        assert done_by(told) == sorted(["root", *middle, "sink"])
        assert [line for lines in told for line in lines if line.startswith("closed")] == ["closed completed"]
        assert store.find_run("R1").status is RunStatus.COMPLETED
        assert all(task.attempt == 1 for task in store.list_task_runs("R1"))
        events = store.read_events(run_id="R1")
        assert len(events) == 2 * 102 + 1
        started_in_order = [event.task for event in events if event.kind is EventKind.TASK_STARTED]
        assert sorted(started_in_order) == sorted(task.task for task in tasks)
        assert (started_in_order[0], started_in_order[-1]) == ("root", "sink")
        assert [event.kind for event in events if event.task is None] == [events[-1].kind] == ["run_finished"]


def test_four_processes_that_open_a_new_schema_at_once_share_it(url):
    assert done_by(told_by_four(url, "take_names")) == sorted(str(number) for number in range(200))


@pytest.mark.parametrize("confirmed", [1, 40])
def test_a_kill_loses_no_verb_that_returned_and_leaves_none_half_done(url, confirmed):
    with closing(open_state_store(url)) as store:
        process = started(url, "append_for_ever")
        last = last_confirmed(process, process.kill, confirmed)
        check_whole_appends(store, last)


def test_a_kill_of_the_server_loses_no_verb_that_returned_and_leaves_none_half_done(own_server):
    process = started(own_server.url, "append_for_ever")
    last = last_confirmed(process, own_server.kill, 40)
    assert process.returncode == 1
    own_server.start()
    with closing(open_state_store(own_server.url)) as store:
        check_whole_appends(store, last)


def last_confirmed(process: subprocess.Popen[str], kill: Callable[[], object], confirmed: int) -> int:
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(confirmed)]
    kill()
    lines += process.communicate(timeout=60)[0].splitlines(keepends=True)
    return int([line for line in lines if line.endswith("\n")][-1].removeprefix("done "))


def check_whole_appends(store: StateStore, last: int) -> None:
    found = [(event.facts["n"], event.facts["part"]) for event in store.read_events(limit=10**6)]
    assert len(found) >= 3 * last > 0
    assert found == [(number, part) for number in range(1, len(found) // 3 + 1) for part in (1, 2, 3)]
    store.append_events([an_event()])


def test_a_kill_in_the_middle_of_a_ledger_loses_no_item_and_repeats_none_that_was_done(url):
    with closing(open_state_store(url)) as store:
        a_fan_out(store, 1000)
        reopen(store)
        process = started(url, "work_on_items")
        assert process.stdout is not None
        before = [process.stdout.readline() for _ in range(100)]
        process.kill()
        before += [line for line in process.communicate(timeout=60)[0].splitlines(keepends=True) if line.endswith("\n")]
        reopen(store)
        counts = store.list_items("R1")[0]["each"]
        assert counts.completed >= len(before) >= 100
        assert counts == ItemCounts(pending=1000 - counts.completed, completed=counts.completed)
        after, _ = started(url, "work_on_items").communicate(timeout=60)
        assert len(after.splitlines()) == 1000 - counts.completed
        assert set(after.splitlines()).isdisjoint(line.strip() for line in before)
        assert store.list_items("R1")[0] == {"each": ItemCounts(completed=1000)}


def reopen(store: StateStore) -> None:
    store.signal_run("R1", RunSignal.ABANDON, T0, "ann", TTL)
    store.signal_run("R1", RunSignal.RESUME, T0, "ann", TTL)


# Order ------------------------------------------------------------------------------------------------------


def test_who_has_read_up_to_an_event_never_misses_one_that_was_slower_to_commit(url):
    with closing(open_state_store(url)) as store, ThreadPoolExecutor(2) as writers:
        on_server(
            url,
            """
            CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
            CREATE TRIGGER linger AFTER INSERT ON events FOR EACH ROW WHEN (new.task = 'slow') EXECUTE FUNCTION linger()
            """,
        )
        begun = [writers.submit(store.append_events, [an_event(task="slow")])]
        while not on_server(url, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
            pass
        begun.append(writers.submit(store.append_events, [an_event(task="fast")]))
        read: list[str | None] = []
        last = 0
        while len(read) < 2 and not all(future.done() for future in begun):
            found = store.read_events(after=last)
            read += [event.task for event in found]
            last = found[-1].seq if found else last
        read += [event.task for event in store.read_events(after=last)]
        assert read == ["slow", "fast"]


def test_a_follower_of_many_writers_reads_every_event_once_and_in_order(url):
    with closing(open_state_store(url)) as store, ThreadPoolExecutor(4) as writers:
        begun = [
            writers.submit(store.append_events, [an_event(facts={"n": number, "part": part}) for part in (1, 2)])
            for number in range(200)
        ]
        followed: list[object] = []
        while len(followed) < 400 and not all(future.done() for future in begun):
            followed += store.read_events(after=followed[-1].seq if followed else 0, limit=7)
        followed += store.read_events(after=followed[-1].seq if followed else 0)
        assert followed == store.read_events()
        assert sorted(event.facts["n"] for event in followed[::2]) == list(range(200))
        assert all(one.facts["n"] == two.facts["n"] for one, two in zip(followed[::2], followed[1::2], strict=True))


def test_verbs_of_many_threads_on_the_same_runs_never_wait_in_a_circle(url):
    with closing(open_state_store(url)) as store:
        for run in range(3):
            tasks = [a_task("root"), *(a_task(f"t{number}", "root") for number in range(30))]
            store.create_run(a_run(f"R{run}", *tasks, continue_on_failure=True), "ann", TTL)
        with ThreadPoolExecutor(6) as workers:
            done = [workers.submit(do_anything, store, seed) for seed in range(6)]
        assert [future.result() for future in done] == [None] * 6
        for run in range(3):
            store.signal_run(f"R{run}", RunSignal.ABANDON, T0, "ann", TTL)
            assert sum(store.find_run(f"R{run}").counts.values()) == 31


def do_anything(store: StateStore, seed: int) -> None:
    chance = random.Random(seed)
    owner = f"owner{seed % 3}"
    for step in range(40):
        run = f"R{chance.randrange(3)}"
        signal = chance.choice([RunSignal.ABANDON, RunSignal.RESUME, RunSignal.RESUME])
        try:
            for claim in store.claim_task_runs(run, owner, at(step), TTL, limit=chance.randrange(1, 4)):
                store.add_items(claim, some_items(5), "b1", None, T0)
                store.claim_items(claim, owner, at(step), TTL, limit=3)
                status = chance.choice([TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.QUEUED])
                completion = a_completion(claim.task) if status is TaskStatus.COMPLETED else None
                store.finish_task_run(claim, an_end(status, completion=completion), [an_event(run)], next_ttl=TTL)
        except LeaseLostError:
            pass
        store.extend_leases(owner, at(step), TTL, ["R0", "R1", "R2"])
        if chance.random() < 0.2:
            store.signal_run(run, signal, at(step), owner, TTL)
        if chance.random() < 0.2:
            store.forget("sample", None, None)
            store.create_run(a_run(f"X{seed}-{step}", a_fresh_task(), pipeline="other"), owner, TTL)
            store.gc(Retention(runs_per_pipeline=3), at(step))


def test_of_many_who_ask_at_once_as_many_may_call_as_there_is_room_for(url):
    windows = (Window(5, timedelta(seconds=60)),)
    with closing(open_state_store(url)) as store, ThreadPoolExecutor(8) as callers:
        asked = [callers.submit(store.claim_call, "openfec", windows, T0, at(1)) for _ in range(40)]
        grants = [future.result() for future in asked]
        assert len({grant.number for grant in grants if grant.number is not None}) == 5
        assert sum(grant.number is None for grant in grants) == 35
        assert store.list_budgets()[0].counted == (at(1),) * 5


def test_of_many_who_look_for_firings_at_once_each_gets_another_one(url):
    with closing(open_state_store(url)) as store, ThreadPoolExecutor(8) as schedulers:
        store.save_deployment(StoredDeployment("p/d", "p", "d", "cron", {}, T0))
        firings = [Firing("p/d", f"{number:02d}", f"R{number}", at(number), {}, "cron") for number in range(20)]
        assert store.add_firings("p/d", firings, 1, None) == 20
        claimed = [schedulers.submit(store.claim_firing, "ann", at(100), TTL) for _ in range(40)]
        found = [future.result() for future in claimed]
        assert sorted(firing.key for firing in found if firing) == [firing.key for firing in firings]


# Transactions and connections -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "verb"),
    [
        ("run_finished", lambda store: store.create_run(a_run("R2", a_fresh_task()), "ann", TTL)),
        ("run_finished", lambda store: store.signal_run("R1", RunSignal.ABANDON, T0, "ann", TTL)),
        ("run_finished", lambda store: store.finish_task_run(HELD, an_end(TaskStatus.FAILED))),
        ("task_started", lambda store: store.claim_task_runs("R1", "bob", T0, TTL)),
        ("task_started", lambda store: store.finish_task_run(HELD, an_end(completion=a_completion("a")), next_ttl=TTL)),
    ],
)
def test_what_a_verb_does_and_what_it_notes_are_one_transaction(url, kind, verb):
    with closing(open_state_store(url)) as store:
        store.create_run(a_run("R1", a_task("a"), a_task("b")), "ann", TTL)
        assert claim_one(store) == HELD
        before = everything_in(store)
        on_server(url, f"ALTER TABLE events ADD CONSTRAINT no_{kind}_here CHECK (kind <> '{kind}') NOT VALID")
        with pytest.raises(StateError, match=f"no_{kind}_here"):
            verb(store)
        assert everything_in(store) == before


HELD = Claim("R1", "a", "run", {"kind": "never_ran"}, attempt=1, token=1, owner="ann", lease_until=at(60))


def everything_in(store: StateStore) -> tuple[object, ...]:
    runs = store.list_runs()
    tasks = [store.list_task_runs(run.run_id) for run in runs]
    return runs, tasks, store.read_events(), dict(store.load_completions("sample", ""))


def test_a_writer_that_fails_leaves_nothing_and_the_store_usable(url):
    with closing(open_state_store(url)) as store:
        with pytest.raises(TypeError):
            store.create_run(a_run("R1", a_task("a"), a_task("b", reason={"no": object()})), "ann", TTL)
        assert store.list_runs() == []
        store.create_run(a_run("R1"), "ann", TTL)


def test_items_may_be_made_by_other_verbs_while_they_are_added(url):
    with closing(open_state_store(url)) as store:
        claim = a_fan_out(store, 0)

        def nested():
            for item in some_items(3):
                store.append_events([an_event(task=item.key)])
                yield item

        assert store.add_items(claim, nested(), "b1", None, T0) == ItemCounts(pending=3)
        assert [event.task for event in store.read_events()][1:] == ["k0000", "k0001", "k0002"]


def test_threads_that_ended_leave_no_connection_behind(url):
    with closing(open_state_store(url)) as store:
        for _ in range(20):
            thread = threading.Thread(target=store.append_events, args=([an_event()],))
            thread.start()
            thread.join()
        assert len(store.read_events()) == 20
        open_connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'penstock'"
        assert on_server(url, open_connections)[0][0] <= 4


def test_a_closed_store_says_so(url):
    store = open_state_store(url)
    store.close()
    store.close()
    with pytest.raises(StateError, match="closed"):
        store.read_events()


def test_everything_is_there_after_reopening(url):
    with closing(open_state_store(url)) as store:
        store.create_run(a_run("R1", a_task("a"), a_task("b", "a")), "ann", TTL, [an_event()])
        store.finish_task_run(claim_one(store), an_end(completion=a_completion("a")))
        written = everything_in(store)
    with closing(open_state_store(url, durability="power")) as store:
        assert everything_in(store) == written
        assert claim_one(store).task == "b"


def test_failures_of_a_schema_of_the_first_version_are_found_by_their_class(url):
    failure = a_failure(message="half a page, then \0")
    with closing(open_state_store(url)) as store:
        claim = a_fan_out(store, 2)
        (item,) = store.claim_items(claim, "ann", T0, TTL, limit=1)
        store.finish_items(claim, [an_item_end(item, ItemStatus.FAILED, failure=failure)], T0)
    on_server(url, "ALTER TABLE items DROP COLUMN error")
    on_server(url, "UPDATE schema_version SET version = 1")
    with closing(open_state_store(url)) as store:
        assert dict(store.count_item_errors("R1", "each")) == {failure.error: 1}
        (found,) = store.list_items("R1", error=failure.error)[1]
        assert found.failure == failure


def test_a_verb_after_the_server_was_restarted_finds_it_again(own_server):
    with closing(open_state_store(own_server.url)) as store:
        store.append_events([an_event()])
        own_server.restart_hard()
        store.append_events([an_event()])
        own_server.kill()
        for _ in range(2):
            with pytest.raises(StateError, match="cannot be reached") as caught:
                store.append_events([an_event()])
            assert caught.value.hint
        own_server.start()
        assert len(store.read_events()) == 2
