"""Recording what a pipeline declares, and making up for ticks of the past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from penstock import After, Cron, Deployment
from penstock.engine.state.schedules import FiringStatus
from penstock.engine.triggers.backfill import backfill
from penstock.errors import UsageError
from tests.engines import Calls, a_pipeline, a_task
from tests.unit.triggers.scheduling import DAY, HOUR, START, a_daily, a_world, in_cycles, told

DAILY = Deployment("daily", Cron("daily 06:00 UTC"), tasks=("load",), params={"day": "{tick:%d}"})


def test_a_deployment_is_recorded_once_for_each_slice_of_data(tmp_path):
    with a_world(tmp_path, in_cycles(DAILY)) as world:
        for cycle in (2024, 2026, 2024):
            world.deploy(cycle=cycle)
        recorded = world.deployments.list_all()
        assert [one.name for one in recorded] == ["sample/daily[cycle=2024]", "sample/daily[cycle=2026]"]
        assert recorded[0].trigger == "daily 06:00 UTC; misfire latest"
        assert recorded[0].params == {"cycle": 2024, "day": "{tick:%d}"}


def test_recording_again_loses_no_tick(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        world.clock.advance(7 * HOUR)
        world.deploy()
        assert told(world.scheduler().tick()) == ["asked", "started", "completed"]


@pytest.mark.parametrize(
    ("deployment", "message"),
    [
        (Deployment("daily", Cron("weekdyas 06:00 UTC")), "`weekdyas`"),
        (Deployment("daily", Cron("daily 06:00 UTC"), tasks=("laod",)), "`laod` matches no task"),
        (Deployment("daily", Cron("daily 06:00 UTC"), params={"dya": 1}), "there is no parameter `dya`"),
        (
            Deployment("daily", After("sample"), params={"day": "{tick:%d}"}),
            "names a tick, but `after sample` has none",
        ),
    ],
)
def test_what_is_declared_wrongly_is_refused_with_its_place_and_nothing_is_recorded(tmp_path, deployment, message):
    with a_world(tmp_path, in_cycles(deployment)) as world:
        with pytest.raises(UsageError) as caught:
            world.deploy()
        assert caught.value.message.startswith("deployment `daily` of pipeline `sample`: ")
        assert message in caught.value.message
        assert world.deployments.list_all() == []


def test_a_parameter_that_does_not_fit_is_refused(tmp_path):
    with a_world(tmp_path, in_cycles(DAILY)) as world, pytest.raises(UsageError, match="`--cycle`"):
        world.deploy(cycle="many")


def test_a_recorded_deployment_is_found_by_what_makes_it_unique(tmp_path):
    with a_world(tmp_path, in_cycles(DAILY)) as world:
        world.deploy(cycle=2024)
        assert world.deployments.get("daily").name == "sample/daily[cycle=2024]"
        world.deploy(cycle=2026)
        with pytest.raises(UsageError, match="several deployments are called `sample/daily`"):
            world.deployments.get("sample/daily")
        with pytest.raises(UsageError, match="no deployment `weekly`"):
            world.deployments.get("weekly")


def test_a_removed_deployment_asks_for_nothing_more(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        world.deployments.remove("daily")
        assert world.pass_time(world.scheduler(), DAY) == []


def test_the_next_ticks_are_those_it_will_fire(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        (one,) = world.deploy()
        assert [tick.at for tick in world.deployments.next_ticks(one, 2)] == [START + 6 * HOUR, START + 30 * HOUR]
        assert world.deployments.next_ticks(world.deployments.pause("daily")) == []


def test_a_backfill_asks_once_for_each_tick_that_never_became_a_run(tmp_path):
    with a_world(tmp_path, in_cycles(DAILY), start=START + 10 * DAY) as world:
        world.deploy()
        assert len(backfill(world.engine, "daily", START, START + 5 * DAY)) == 5
        assert backfill(world.engine, "daily", START, START + 5 * DAY) == []
        assert len(backfill(world.engine, "daily", START, START + 100 * DAY)) == 5
        world.scheduler().tick()
        world.pass_time(world.scheduler(), HOUR, HOUR)
        assert [run.params["day"] for run in world.runs()] == [f"{day:02d}" for day in range(1, 11)]


def test_a_backfill_makes_up_for_ticks_that_were_let_go_and_for_no_others(tmp_path):
    calls = Calls()
    with a_world(tmp_path, a_daily(calls, misfire="latest")) as world:
        world.deploy()
        world.clock.advance(3 * DAY)
        scheduler = world.scheduler()
        scheduler.tick()
        keys = [one.key for one in backfill(world.engine, "daily", START, START + 3 * DAY)]
        assert keys == ["2026-11-01T06:00:00Z/backfill", "2026-11-02T06:00:00Z/backfill"]
        assert backfill(world.engine, "daily", START, START + 3 * DAY) == []
        world.pass_time(scheduler, timedelta(minutes=5), timedelta(minutes=1))
        assert [one.status for one in world.firings()].count(FiringStatus.COMPLETED) == 3
        assert len(world.runs()) == 3


def test_a_deployment_that_follows_runs_has_nothing_to_make_up_for(tmp_path):
    other = a_pipeline(a_task("load"), name="other")
    with a_world(tmp_path, other, in_cycles(Deployment("gold", After("other")))) as world:
        world.deploy()
        with pytest.raises(UsageError, match="not a calendar"):
            backfill(world.engine, "gold", START, START + DAY)
