"""What every state store promises whatever the order of verbs: ledgers that add up, tasks that are done once."""

from __future__ import annotations

import itertools
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from penstock.engine.state.connect import open_state_store
from penstock.engine.state.records import Item, ItemStatus, RunSignal, RunStatus, TaskStatus
from penstock.engine.state.store import StateStore
from tests.factories import T0, TTL, a_run, a_task, an_end, an_item_end, claim_one
from tests.servers.postgres import postgres_server

_NUMBERS = itertools.count()
_SETTLED = (ItemStatus.COMPLETED, ItemStatus.FAILED, ItemStatus.SKIPPED)


class Ledger(RuleBasedStateMachine):
    """Any order of adding, claiming, finishing, waiting, abandoning and resuming."""

    def open_store(self) -> StateStore:
        return open_state_store("memory://")

    @initialize()
    def start(self) -> None:
        self.store = self.open_store()
        self.now = T0
        self.store.create_run(a_run("R1", a_task("each")), "ann", TTL)
        self.claim = claim_one(self.store)
        self.added: set[str] = set()
        self.held: dict[str, list] = {}
        self.completed: set[str] = set()

    @rule(numbers=st.lists(st.integers(0, 30), max_size=8))
    def add(self, numbers: list[int]) -> None:
        items = [Item(f"k{number}", number) for number in numbers]
        counts = self.store.add_items(self.claim, items, "b", None, self.now)
        self.added |= {item.key for item in items}
        assert counts.discovered == len(self.added)

    @rule(owner=st.sampled_from(["ann", "bob"]), limit=st.integers(1, 5))
    def take(self, owner: str, limit: int) -> None:
        for held in self.store.claim_items(self.claim, owner, self.now, TTL, limit=limit):
            assert held.item.key not in self.completed
            earlier = self.held.setdefault(held.item.key, [])
            assert all(held.token > old.token for old in earlier)
            earlier.append(held)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), status=st.sampled_from([*_SETTLED, ItemStatus.PENDING]), newest=st.booleans())
    def end(self, data: st.DataObject, status: ItemStatus, newest: bool) -> None:
        claims = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        before = self.store.list_items("R1")[0]["each"]
        counts = self.store.finish_items(self.claim, [an_item_end(claims[-1 if newest else 0], status)], self.now)
        if counts != before and status is not ItemStatus.PENDING:
            self.completed.add(claims[-1].item.key)
            del self.held[claims[-1].item.key]

    @rule(seconds=st.integers(1, 90), beats=st.booleans())
    def wait(self, seconds: int, beats: bool) -> None:
        self.now += timedelta(seconds=seconds)
        if beats:
            self.store.extend_leases("ann", self.now, TTL)

    @rule()
    def die_and_resume(self) -> None:
        self.store.signal_run("R1", RunSignal.ABANDON, self.now, "ann", TTL)
        self.store.signal_run("R1", RunSignal.RESUME, self.now, "ann", TTL)
        self.claim = claim_one(self.store, now=self.now)
        # A resumed run tries failed items again.
        pending = self.store.list_items("R1", status=ItemStatus.PENDING)[1]
        self.completed -= {record.key for record in pending}

    @invariant()
    def the_sum_is_that_of_the_items(self) -> None:
        if not hasattr(self, "store"):
            return
        sums, found = self.store.list_items("R1")
        if found:
            counts = sums["each"]
            for status in ItemStatus:
                assert getattr(counts, status.value) == sum(record.status is status for record in found)
            assert counts.discovered == len(found) == len(self.added)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()


class SqliteLedger(Ledger):
    """The same over a file."""

    def open_store(self) -> StateStore:
        self.folder = tempfile.TemporaryDirectory()
        return open_state_store(f"sqlite:///{Path(self.folder.name) / 'state.sqlite'}")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


class PostgresLedger(Ledger):
    """The same in a schema of a database."""

    def open_store(self) -> StateStore:
        server = postgres_server()
        self.schema = f"ledger_{next(_NUMBERS)}"
        return open_state_store(f"{server.url}?schema={self.schema}")

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "schema"):
            postgres_server().execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")


TestLedger = Ledger.TestCase
TestSqliteLedger = SqliteLedger.TestCase
TestPostgresLedger = PostgresLedger.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestSqliteLedger.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestPostgresLedger.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """For each task the earlier tasks it waits for."""
    size = draw(st.integers(1, 9))
    return [tuple(draw(st.sets(st.integers(0, task - 1), max_size=3))) if task else () for task in range(size)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=graphs(), data=st.data(), continues=st.booleans())
def test_any_graph_is_worked_off_in_order_each_task_once_and_the_run_closes_once(store, graph, data, continues):
    run_id = f"R{next(_NUMBERS)}"
    tasks = [a_task(f"t{task}", *(f"t{before}" for before in waits)) for task, waits in enumerate(graph)]
    store.create_run(a_run(run_id, *tasks, continue_on_failure=continues), "ann", TTL)
    done: dict[str, TaskStatus] = {}
    closed, held = [], []
    while True:
        held += store.claim_task_runs(run_id, "ann", T0, TTL, limit=data.draw(st.integers(1, 3)))
        if not held:
            break
        claim = held.pop(data.draw(st.integers(0, len(held) - 1)))
        assert claim.task not in done
        upstream = next(task.upstream for task in tasks if task.task == claim.task)
        assert all(done[name] in (TaskStatus.COMPLETED, TaskStatus.SKIPPED) for name in upstream)
        statuses = [TaskStatus.COMPLETED, TaskStatus.COMPLETED, TaskStatus.SKIPPED, TaskStatus.FAILED]
        done[claim.task] = data.draw(st.sampled_from(statuses))
        told = store.finish_task_run(claim, an_end(done[claim.task]))
        closed += [told.run_closed] if told.run_closed else []
        assert (told.run_closed is None) == bool(held or is_open(store, run_id))
    has_failed = TaskStatus.FAILED in done.values()
    assert closed == [RunStatus.FAILED if has_failed else RunStatus.COMPLETED]
    check_end({task.task: task.status for task in store.list_task_runs(run_id)}, tasks, done, continues)


def is_open(store, run_id) -> bool:
    return any(not task.status.is_final for task in store.list_task_runs(run_id))


def check_end(stored, tasks, done, continues) -> None:
    below: set[str] = set()
    for task in tasks:
        if any(done.get(name) is TaskStatus.FAILED or name in below for name in task.upstream):
            below.add(task.task)
    for name, status in stored.items():
        if name in done:
            assert status is done[name]
        else:
            assert status in (
                (TaskStatus.UPSTREAM_FAILED, TaskStatus.CANCELLED) if name in below else (TaskStatus.CANCELLED,)
            )
    if continues:
        assert set(stored) == set(done) | below
        assert {name for name, status in stored.items() if status is TaskStatus.UPSTREAM_FAILED} == below
