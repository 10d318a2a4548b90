"""What a plan tells beforehand about calls: how many, how long they take, and who cannot tell."""

from __future__ import annotations

from datetime import timedelta

from penstock.engine.execution.budget import SharedBudget
from penstock.engine.planning.request import RunRequest
from penstock.kit.clock import ManualClock
from penstock.kit.pace import Window
from penstock.sources.source import Source
from tests.engines import a_pipeline, a_task, an_engine, run

TIGHT = Source("tight", "https://example.org", windows=(Window(2, timedelta(minutes=1)),))
LOOSE = Source("loose", "https://example.org")


def forecast_of(engine):
    return {one.source: one for one in engine.forecast(engine.plan(RunRequest("sample")))}


def test_calls_are_summed_over_the_tasks_that_will_run_and_timed_by_the_windows(tmp_path):
    pipeline = a_pipeline(
        a_task("a", sources=[TIGHT], forecast=lambda glance: {"tight": 3}),
        a_task("b", sources=[TIGHT, LOOSE], forecast=lambda glance: {"tight": 2}),
    )
    with an_engine(tmp_path, pipeline) as engine:
        told = forecast_of(engine)
        assert (told["tight"].calls, told["tight"].duration) == (5, timedelta(minutes=2))
        assert (told["tight"].tasks, told["tight"].silent) == (("a", "b"), ())
        assert (told["loose"].calls, told["loose"].silent) == (0, ("b",))
        run(engine)
        assert forecast_of(engine) == {}


def test_calls_made_before_and_pauses_asked_for_make_a_forecast_longer(tmp_path):
    clock = ManualClock()
    pipeline = a_pipeline(a_task("a", sources=[TIGHT], forecast=lambda glance: {"tight": 1}))
    with an_engine(tmp_path, pipeline, clock=clock) as engine:
        budget = SharedBudget(engine.store, TIGHT, clock, timedelta(seconds=10))
        for _ in range(2):
            budget.settle(budget.acquire(lambda: None))
        assert forecast_of(engine)["tight"].duration == timedelta(minutes=1)
        clock.advance(timedelta(minutes=5))
        assert forecast_of(engine)["tight"].duration == timedelta(0)
        budget.settle(budget.acquire(lambda: None), pause=timedelta(minutes=7))
        assert forecast_of(engine)["tight"].duration == timedelta(minutes=7)


def test_a_forecast_may_look_at_parameters_and_at_rows_that_are_not_there_yet(tmp_path):
    def count(glance):
        return {"tight": len(glance.query("select * from bronze.nothing")) + len(glance.params)}

    with an_engine(tmp_path, a_pipeline(a_task("a", sources=[TIGHT], forecast=count))) as engine:
        assert forecast_of(engine)["tight"].calls == 0


def test_a_shared_budget_waits_for_its_turn_on_the_clock_and_ends_when_told(tmp_path):
    clock, looked = ManualClock(), []
    with an_engine(tmp_path, a_pipeline(a_task("a")), clock=clock) as engine:
        budget = SharedBudget(engine.store, TIGHT, clock, timedelta(seconds=10))
        began = clock.now()
        for _ in range(3):
            budget.settle(budget.acquire(lambda: looked.append(clock.now())))
        assert clock.now() - began == timedelta(minutes=1)
        assert len(looked) > 10
