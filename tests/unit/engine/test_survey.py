"""What faces are told of runs: lists, grids, durations, items, events, workers, marks, and how two runs differ."""

from __future__ import annotations

from datetime import timedelta

import pytest

from penstock import Item, Param, Skip
from penstock.engine.engine import Engine
from penstock.engine.events import EventKind
from penstock.engine.state.records import ItemStatus, RunStatus, TaskStatus
from penstock.engine.survey.workers import Held
from penstock.errors import StateError, UsageError
from penstock.kit.clock import ManualClock
from penstock.kit.process import own_name
from tests import factories
from tests.engines import a_pipeline, a_task, an_engine, run, seconds
from tests.factories import TTL, a_run


@pytest.fixture(params=["memory://", "sqlite:///{home}/state.db"])
def open_with(request, tmp_path):
    """Open an engine over each kind of state store."""
    opened: list[Engine] = []

    def open_it(*pipelines, **settings):
        opened.append(an_engine(tmp_path, *pipelines, state_url=request.param, **settings))
        return opened[-1]

    yield open_it
    for engine in opened:
        engine.close()


def ids(page):
    return [view.run.run_id for view in page.runs]


def a_dead_run(engine, run_id="dead", pipeline="sample", *tasks):
    """A run whose process, of another machine, let its time run out."""
    now = engine.clock.now()
    new = a_run(run_id, *tasks, pipeline=pipeline, created_at=now, cause="by hand")
    engine.store.create_run(new, "far/1:77:5#1", TTL)
    engine.store.claim_task_runs(run_id, "far/1:77:5#1", now, TTL)
    engine.clock.advance(TTL + seconds(1))


# Runs -------------------------------------------------------------------------------------------------------


def test_runs_are_told_page_by_page_with_what_to_ask_for_next(open_with):
    engine = open_with(a_pipeline(a_task("a")), a_pipeline(a_task("a"), name="other"))
    made = [run(engine, force=True).run.run_id for _ in range(5)]
    run(engine, "other")
    first = engine.survey.runs(pipeline="sample", limit=2)
    assert (ids(first), first.next_before) == ([made[4], made[3]], made[3])
    second = engine.survey.runs(pipeline="sample", limit=2, before=first.next_before)
    last = engine.survey.runs(pipeline="sample", limit=2, before=second.next_before)
    assert ids(second) + ids(last) == [made[2], made[1], made[0]]
    assert last.next_before is None
    assert engine.survey.runs(pipeline="sample", limit=5).next_before is None
    with pytest.raises(UsageError, match="`nobody`"):
        engine.survey.runs(before="nobody")


def test_a_run_whose_process_is_dead_is_told_as_abandoned_and_never_as_running(open_with):
    engine = open_with(a_pipeline(a_task("fetch")))
    a_dead_run(engine)
    alive = a_run("alive", pipeline="sample", created_at=engine.clock.now())
    engine.store.create_run(alive, engine.owner, TTL)
    assert ids(engine.survey.runs(status=RunStatus.ABANDONED)) == ["dead"]
    assert ids(engine.survey.runs(status=RunStatus.RUNNING)) == ["alive"]
    assert [view.status for view in engine.survey.runs().runs] == [RunStatus.RUNNING, RunStatus.ABANDONED]


def test_runs_are_found_by_text_in_id_cause_parameters_and_partition_however_far_back(open_with):
    pipeline = a_pipeline(a_task("a"), params=[Param("cycle", int, partition=True), Param("who")])
    engine = open_with(pipeline, retention_runs=1000)
    wanted = run(engine, params={"cycle": 2020, "who": "Ann"}, cause="penstock run sample").run.run_id
    for number in range(120):
        factories_run = a_run(f"other{number:03d}", pipeline="sample", created_at=engine.clock.now())
        engine.store.create_run(factories_run, engine.owner, TTL)
    for text in ("ann", "CYCLE=2020", "penstock run", wanted.lower()):
        assert ids(engine.survey.runs(text=text)) == [wanted], text
    assert ids(engine.survey.runs(text="nothing like it")) == []
    page = engine.survey.runs(text="other", limit=2)
    assert (ids(page), page.next_before) == (["other119", "other118"], "other118")


# Grids and durations ----------------------------------------------------------------------------------------


def test_a_grid_shows_each_task_in_each_of_the_last_runs_newest_first(open_with):
    engine = open_with(a_pipeline(a_task("a", lambda ctx: 1), a_task("b", lambda ctx: 2, depends_on=["a"])))
    old = run(engine, tasks=("a",)).run.run_id
    new = run(engine).run.run_id
    grid = engine.survey.grid("sample", 10)
    assert [view.run.run_id for view in grid.runs] == [new, old]
    told = {row.task: [cell and (cell.run_id, cell.standing) for cell in row.cells] for row in grid.rows}
    assert told == {
        "a": [(new, TaskStatus.SKIPPED), (old, TaskStatus.COMPLETED)],
        "b": [(new, TaskStatus.COMPLETED), (old, TaskStatus.SKIPPED)],
    }
    assert [len(row.cells) for row in engine.survey.grid("sample", 1).rows] == [1, 1]


def test_a_grid_leaves_a_cell_empty_where_a_run_did_not_know_the_task(open_with):
    engine = open_with(a_pipeline(a_task("a"), a_task("b")))
    a_dead_run(engine, "old", "sample", factories.a_task("a"), factories.a_task("gone"))
    rows = {row.task: row.cells for row in engine.survey.grid("sample").rows}
    assert rows["b"] == (None,)
    assert rows["a"][0].standing == TaskStatus.CANCELLED
    assert set(rows) == {"a", "b"}


def test_there_is_no_grid_of_too_many_tasks(open_with):
    engine = open_with(a_pipeline(*(a_task(f"t{number}") for number in range(301))))
    run(engine)
    assert engine.survey.grid("sample") is None


def test_durations_are_those_of_attempts_that_called_the_body(open_with):
    clock = ManualClock()

    def body(ctx):
        clock.sleep(seconds(7))
        return 1

    engine = open_with(a_pipeline(a_task("a", body)), clock=clock)
    first = run(engine).run.run_id
    run(engine)
    last = run(engine, force=True).run.run_id
    times = engine.survey.durations("sample", "a")
    assert [(time.run_id, time.duration, time.standing, time.attempts) for time in times] == [
        (last, seconds(7), TaskStatus.COMPLETED, 1),
        (first, seconds(7), TaskStatus.COMPLETED, 1),
    ]
    assert len(engine.survey.durations("sample", "a", limit=1)) == 1
    with pytest.raises(UsageError, match="has no task `b`"):
        engine.survey.durations("sample", "b")


# One task ---------------------------------------------------------------------------------------------------


def test_a_task_is_told_with_when_it_began_and_every_attempt(open_with):
    def body(ctx):
        raise ValueError("not today")

    engine = open_with(a_pipeline(a_task("a", body, retries=1), a_task("b")))
    run_id = run(engine).run.run_id
    told = engine.survey.task("last", "a")
    assert (told.name, told.status, told.attempts, told.run_id) == ("a", TaskStatus.FAILED, 2, run_id)
    assert told.started_at is not None
    assert told.finished_at is not None
    attempts = engine.survey.attempts(run_id, "a")
    assert [(one.number, one.failure.message) for one in attempts] == [(1, "not today"), (2, "not today")]
    with pytest.raises(UsageError, match="has no task `c`"):
        engine.survey.attempts(run_id, "c")


def test_events_of_a_run_are_told_by_task_and_kind_and_from_the_newest(open_with):
    def body(ctx):
        for number in range(5):
            ctx.log(f"line {number}")

    engine = open_with(a_pipeline(a_task("a", body), a_task("b", body)))
    assert engine.survey.last_seq() == 0
    run_id = run(engine).run.run_id
    logged = [EventKind.MESSAGE_LOGGED]
    newest = engine.survey.events("last", "a", logged, newest=True, limit=2)
    assert [event.facts["message"] for event in newest] == ["line 3", "line 4"]
    after = engine.survey.events(run_id, "a", logged, after=newest[0].seq)
    assert after == newest[1:]
    assert len(engine.survey.events(run_id, kinds=logged)) == 10
    assert engine.survey.last_seq() == engine.survey.events(run_id)[-1].seq


# Items ------------------------------------------------------------------------------------------------------


def a_fan_out(open_with):
    def handle(ctx, item):
        if item.payload % 3 == 0:
            raise KeyError(item.key)
        if item.payload % 5 == 0:
            raise ValueError(item.key)
        if item.payload % 7 == 0:
            raise Skip("not this one")
        return item.payload

    listed = a_task("listed", lambda ctx: [Item(f"k{number:02d}", number) for number in range(30)])
    engine = open_with(a_pipeline(listed, a_task("each", handle, each="listed")))
    return engine, run(engine).run.run_id


def test_items_are_told_page_by_page_with_the_sums_of_all(open_with):
    engine, run_id = a_fan_out(open_with)
    page = engine.survey.items(run_id, "each", status=ItemStatus.FAILED, error="ValueError", limit=3)
    assert [record.key for record in page.records] == ["k05", "k10", "k20"]
    assert page.next_after == "k20"
    assert page.counts.discovered == 30
    rest = engine.survey.items(run_id, "each", error="ValueError", after=page.next_after)
    assert ([record.key for record in rest.records], rest.next_after) == (["k25"], None)
    assert dict(engine.survey.item_errors(run_id, "each")) == {"KeyError": 10, "ValueError": 4}
    with pytest.raises(UsageError, match="no fan-out `listed`"):
        engine.survey.items(run_id, "listed")


# Two runs ---------------------------------------------------------------------------------------------------


def test_two_runs_are_compared_by_parameters_tasks_and_what_each_left_behind(open_with):
    params = [Param("who"), Param("size", int, 1)]
    engine = open_with(
        a_pipeline(
            a_task("same", lambda ctx: {"rows": 3}),
            a_task("other", lambda ctx: {"who": ctx.params.who}),
            a_task("silent"),
            params=params,
        )
    )
    first = run(engine, params={"who": "ann"}).run.run_id
    second = run(engine, params={"who": "bob"}).run.run_id
    told = engine.survey.compare(first, second)
    assert [(one.name, one.first, one.second) for one in told.params] == [("who", "ann", "bob")]
    tasks = {task.name: task for task in told.tasks}
    assert list(tasks) == ["same", "other", "silent"]
    assert (tasks["same"].outputs_differ, tasks["other"].outputs_differ, tasks["silent"].outputs_differ) == (
        False,
        True,
        None,
    )
    assert tasks["same"].second.status is TaskStatus.SKIPPED
    assert tasks["other"].differs
    assert (tasks["other"].first.result, tasks["other"].second.result) == ({"who": "ann"}, {"who": "bob"})
    forced = run(engine, params={"who": "bob"}, force=True).run.run_id
    again = engine.survey.compare(first, forced)
    assert not {task.name: task for task in again.tasks}["same"].outputs_differ
    assert told.as_json()["tasks"][0]["outputs_differ"] is False


def test_a_task_that_only_one_run_knew_is_told_behind_the_others(open_with):
    engine = open_with(a_pipeline(a_task("a")))
    a_dead_run(engine, "old", "sample", factories.a_task("gone"))
    new = run(engine).run.run_id
    told = engine.survey.compare(new, "old")
    assert [(task.name, task.first is None, task.second is None) for task in told.tasks] == [
        ("a", False, True),
        ("gone", True, False),
    ]
    assert all(task.differs for task in told.tasks)


def test_runs_of_different_pipelines_are_not_compared(open_with):
    engine = open_with(a_pipeline(a_task("a")), a_pipeline(a_task("a"), name="other"))
    one, other = run(engine).run.run_id, run(engine, "other").run.run_id
    with pytest.raises(UsageError, match="is of `sample`, but run"):
        engine.survey.compare(one, other)


# Workers ----------------------------------------------------------------------------------------------------


def test_processes_are_told_with_what_they_hold_and_the_dead_ones_apart(open_with):
    engine = open_with(a_pipeline(a_task("fetch")))
    a_dead_run(engine)
    now = engine.clock.now()
    engine.store.create_run(a_run("alive", pipeline="sample", created_at=now), f"{own_name()}#1", TTL)
    engine.store.claim_task_runs("alive", f"{own_name()}#2", now, TTL)
    engine.store.acquire_lease("pipeline sample ", f"{own_name()}#1", now, TTL)
    engine.store.acquire_lease("given up", f"{own_name()}#1", now - timedelta(days=1), seconds(1))
    dead, mine = sorted(engine.survey.workers(now), key=lambda worker: not worker.is_dead)
    assert (dead.host, dead.number, dead.is_dead, dead.runs) == ("far", "77", True, ("dead",))
    assert (mine.process, mine.is_dead) == (own_name(), False)
    assert [(one.kind, one.name) for one in mine.holdings] == [
        (Held.RUN, "alive"),
        (Held.TASK, "fetch"),
        (Held.LEASE, "pipeline sample "),
    ]
    assert mine.holdings[0].since == now
    assert all(one.until == now + TTL for one in mine.holdings)


def test_a_store_nobody_works_with_has_no_workers(open_with):
    engine = open_with(a_pipeline(a_task("a")))
    run(engine)
    assert engine.survey.workers(engine.clock.now()) == ()


# Marks ------------------------------------------------------------------------------------------------------


def test_a_mark_is_set_on_a_task_that_exists_and_read_back(open_with):
    engine = open_with(a_pipeline(a_task("a"), a_task("b")))
    assert not engine.survey.is_tested("sample", "a")
    engine.set_mark("sample", "a", "tested", value=True)
    engine.set_mark("sample", "b", "tested", value=False)
    assert engine.survey.is_tested("sample", "a")
    assert not engine.survey.is_tested("sample", "b")
    assert [(mark.task, mark.name, mark.value) for mark in engine.survey.marks("sample")] == [
        ("a", "tested", True),
        ("b", "tested", False),
    ]
    with pytest.raises(UsageError, match="has no task `c`"):
        engine.set_mark("sample", "c", "tested", value=True)
    with pytest.raises(UsageError, match="there is no pipeline"):
        engine.set_mark("nobody", "a", "tested", value=True)


def test_what_is_not_there_is_refused_by_name(open_with):
    engine = open_with(a_pipeline(a_task("a")))
    for ask in (
        lambda: engine.survey.events("nobody"),
        lambda: engine.survey.task("nobody", "a"),
        lambda: engine.survey.items("nobody", "a"),
        lambda: engine.survey.item_errors("nobody", "a"),
        lambda: engine.survey.compare("nobody", "nobody"),
    ):
        with pytest.raises((UsageError, StateError), match="`nobody`"):
            ask()
