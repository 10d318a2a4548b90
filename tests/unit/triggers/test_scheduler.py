"""From ticks to runs: once each, whatever the clock, other schedulers and other runs do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penstock import Cron, Deployment
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.schedules import FiringStatus
from penstock.engine.triggers.launch import Ending
from tests.engines import Calls, a_pipeline, a_task
from tests.unit.triggers.scheduling import DAY, HOUR, START, a_daily, a_world, in_cycles, told

MINUTE = timedelta(minutes=1)


def test_every_tick_becomes_one_run_that_knows_its_deployment_and_cause(tmp_path):
    calls = Calls()
    with a_world(tmp_path, a_daily(calls)) as world:
        world.deploy()
        world.pass_time(world.scheduler(), 3 * DAY)
        runs = world.runs()
        assert [run.deployment for run in runs] == ["daily"] * 3
        assert [run.run_id for run in runs] == [firing.run_id for firing in world.firings()]
        assert [firing.key for firing in world.firings()] == [f"2026-11-0{day}T06:00:00Z" for day in (1, 2, 3)]
        assert "tick 2026-11-01 06:00 UTC" in runs[0].cause


def test_the_tick_is_filled_into_parameters_by_the_clock_of_its_zone(tmp_path):
    declared = Deployment("daily", Cron("daily 23:00 America/New_York"), params={"day": "{tick:%Y-%m-%d}"})
    with a_world(tmp_path, in_cycles(declared)) as world:
        world.deploy(cycle=2024)
        world.pass_time(world.scheduler(), 2 * DAY)
        assert [run.params for run in world.runs()] == [
            {"cycle": 2024, "day": "2026-10-31"},
            {"cycle": 2024, "day": "2026-11-01"},
        ]


def test_ticks_before_the_deployment_ask_for_nothing(tmp_path):
    with a_world(tmp_path, a_daily(), start=START + 7 * HOUR) as world:
        world.deploy()
        assert told(world.scheduler().tick()) == []


@pytest.mark.parametrize(
    ("misfire", "fired"),
    [
        ("skip", []),
        ("latest", ["2026-11-04T06:00:00Z"]),
        ("all", [f"2026-11-0{day}T06:00:00Z" for day in (1, 2, 3, 4)]),
    ],
)
def test_ticks_nobody_was_there_for_are_treated_as_the_policy_says(tmp_path, misfire, fired):
    with a_world(tmp_path, a_daily(misfire=misfire)) as world:
        world.deploy()
        world.clock.advance(3 * DAY + 7 * HOUR)
        scheduler = world.scheduler()
        for _ in range(4):
            scheduler.tick()
        firings = world.firings()
        assert [one.key for one in firings if one.status is FiringStatus.COMPLETED] == fired
        assert len(firings) == 4
        assert {one.message for one in firings if one.status is FiringStatus.SKIPPED} <= {
            f"missed, and let go (misfire {misfire})"
        }
        assert len(world.runs()) == len(fired)


@pytest.mark.parametrize("misfire", ["skip", "latest", "all"])
def test_a_tick_seen_within_the_grace_is_on_time(tmp_path, misfire):
    with a_world(tmp_path, a_daily(misfire=misfire)) as world:
        world.deploy()
        world.clock.advance(6 * HOUR + MINUTE)
        world.scheduler().tick()
        assert [one.status for one in world.firings()] == [FiringStatus.COMPLETED]


def test_a_year_of_missed_minutes_is_told_without_writing_each(tmp_path):
    with a_world(tmp_path, a_daily(rule="every 10m UTC")) as world:
        world.deploy()
        world.clock.advance(365 * DAY + 5 * MINUTE)
        world.scheduler().tick()
        firings = world.firings()
        assert [one.status for one in firings].count(FiringStatus.COMPLETED) == 1
        assert len(firings) == 100
        assert firings[0].message == f"missed, and let go (misfire latest); so were {365 * 144 - 100:,} ticks before it"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(-300, 300), max_size=30))
def test_a_clock_that_jumps_loses_no_tick_and_fires_none_twice(tmp_path_factory, jumps):
    with a_world(tmp_path_factory.mktemp("jumps"), a_daily(misfire="all", rule="hourly :30 UTC")) as world:
        world.deploy()
        scheduler, latest = world.scheduler(), START
        for jump in jumps:
            world.clock.advance(jump * MINUTE)
            latest = max(latest, world.clock.now())
            scheduler.tick()
        expected = int((latest - START - timedelta(minutes=30)) / HOUR) + 1 if latest - START >= 30 * MINUTE else 0
        assert len(world.firings()) == expected
        world.clock.advance(latest - world.clock.now())
        for _ in range(3):
            scheduler.tick()
        assert len(world.runs()) == expected


def test_two_schedulers_taking_turns_start_nothing_twice(tmp_path):
    calls = Calls()
    with a_world(tmp_path, a_daily(calls, rule="every 1h UTC")) as world:
        world.deploy()
        one, other = world.scheduler(), world.scheduler()
        for _ in range(24):
            world.clock.advance(HOUR)
            one.tick()
            other.tick()
        assert len(world.firings()) == len(world.runs()) == 24


def test_a_paused_deployment_asks_for_nothing_and_what_passed_stays_passed(tmp_path):
    with a_world(tmp_path, a_daily(misfire="all")) as world:
        world.deploy()
        scheduler = world.scheduler()
        world.deployments.pause("daily")
        assert world.pass_time(scheduler, 2 * DAY) == []
        world.deployments.resume("daily")
        world.pass_time(scheduler, DAY)
        assert [firing.key for firing in world.firings()] == ["2026-11-03T06:00:00Z"]


def test_a_run_of_the_pipeline_in_the_way_is_waited_for(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        scheduler = world.scheduler()
        world.clock.advance(6 * HOUR)
        lease = world.engine.store.acquire_lease("pipeline sample ", "somebody else", world.clock.now(), HOUR)
        assert lease.owner == "somebody else"
        assert told(scheduler.tick()) == ["asked", "started", "waits"]
        assert told(scheduler.tick()) == []
        world.clock.advance(HOUR)
        assert told(scheduler.tick()) == ["started", "completed"]
        assert len(world.runs()) == 1


def test_a_run_that_fails_is_a_firing_that_failed_and_says_why(tmp_path):
    def fail(*_):
        raise ValueError("no such page")

    pipeline = a_pipeline(a_task("load", fail), deployments=[Deployment("daily", Cron("daily 06:00 UTC"))])
    with a_world(tmp_path, pipeline) as world:
        world.deploy()
        happened = world.pass_time(world.scheduler(), DAY)
        assert told(happened) == ["asked", "started", "failed"]
        (firing,) = world.firings()
        assert firing.status is FiringStatus.FAILED
        assert "task `load`: no such page" in (firing.message or "")


def test_a_firing_of_a_pipeline_that_is_gone_fails_with_the_reason(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
    with a_world(tmp_path) as world:
        happened = world.pass_time(world.scheduler(), DAY)
        assert told(happened) == ["asked", "started", "failed"]
        assert happened[-1].message.startswith("there is no pipeline `sample`")


class Crashing:
    """Launches whose process dies at once, with or without having begun the run."""

    def __init__(self, world, *, begins):
        self.world, self.begins, self.orders = world, begins, []

    def __call__(self, order):
        self.orders.append(order)
        if self.begins and order.request:
            engine = self.world.engine
            request = RunRequest("sample", run_id=order.request.run_id, deployment=order.request.deployment)
            plan = engine.plan(request)
            around = engine._surroundings(engine.pipeline("sample"), {})
            engine._runner.start(plan, around, "gone/0:1:1")
        return self

    def poll(self):
        return Ending("its process was ended by SIGKILL", is_crash=True)

    def stop(self, *, now):
        """Nothing is left to be stopped."""


def test_a_process_that_dies_before_its_run_begins_is_started_anew_under_the_same_id(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        crashing = Crashing(world, begins=False)
        world.clock.advance(6 * HOUR)
        assert told(world.scheduler(crashing).tick()) == ["asked", "started", "waits"]
        world.clock.advance(MINUTE)
        assert told(world.scheduler().tick()) == ["started", "completed"]
        assert [run.run_id for run in world.runs()] == [crashing.orders[0].request.run_id]


def test_a_process_that_always_dies_is_given_up_after_some_tries(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        happened = world.pass_time(world.scheduler(Crashing(world, begins=False)), 8 * HOUR, MINUTE)
        assert told(happened) == ["asked", "started", "waits", "started", "started", "started", "failed"]
        assert happened[-1].message == "its process was ended by SIGKILL"


def test_a_run_whose_process_died_is_gone_on_with_and_a_hopeless_one_is_given_up(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        world.clock.advance(6 * HOUR)
        world.scheduler(Crashing(world, begins=True)).tick()
        happened = world.pass_time(world.scheduler(), 5 * MINUTE, MINUTE)
        assert told(happened) == ["resumed", "completed"]
        (run,) = world.runs()
        assert run.run_id == world.firings()[0].run_id


def test_a_scheduler_that_died_after_the_claim_is_followed_by_one_that_starts_the_same_run(tmp_path):
    with a_world(tmp_path, a_daily()) as world:
        world.deploy()
        world.clock.advance(6 * HOUR)
        dead = world.scheduler()
        list(dead._ask(None))
        firing = world.engine.store.claim_firing("gone/0:1:1", world.clock.now(), 5 * MINUTE)
        assert world.scheduler().tick() == []
        world.clock.advance(5 * MINUTE)
        assert told(world.scheduler().tick()) == ["started", "completed"]
        assert [run.run_id for run in world.runs()] == [firing.run_id]


def test_a_run_that_is_already_there_is_accepted_not_started_again(tmp_path):
    calls = Calls()
    with a_world(tmp_path, a_daily(calls)) as world:
        world.deploy()
        world.clock.advance(6 * HOUR)
        list(world.scheduler()._ask(None))
        (firing,) = world.firings()
        world.engine.run(RunRequest("sample", run_id=firing.run_id, deployment="daily"))
        assert told(world.scheduler().tick()) == ["completed"]
        assert calls == ["load"]
        assert len(world.runs()) == 1


def test_trouble_with_one_deployment_is_told_once_and_stops_no_other(tmp_path):
    pipeline = a_pipeline(
        a_task("load"),
        deployments=[Deployment("daily", Cron("daily 06:00 UTC")), Deployment("odd", Cron("daily 06:00 UTC"))],
    )
    with a_world(tmp_path, pipeline) as world:
        _, odd = world.deploy()
        world.engine.store.save_deployment(odd._replace(trigger="daily 06:00 Nowhere/Land; misfire latest"))
        happened = world.pass_time(world.scheduler(), DAY)
        assert told(happened) == ["trouble", "asked", "started", "completed"]
        assert "no time zone `Nowhere/Land`" in happened[0].message
