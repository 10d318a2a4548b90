"""What is told: failures, recoveries, dead runs, late ticks; each once, and nothing of what was before."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from penstock import Cron, Deployment, Pipeline
from penstock.engine.planning.request import RunRequest
from penstock.engine.state.records import RunSignal
from penstock.engine.triggers.deployments import Deployments
from penstock.engine.triggers.launch import Ending, InProcess
from penstock.engine.triggers.scheduler import Scheduler
from penstock.notify.outbox import MOST_A_MINUTE
from tests.engines import a_pipeline, a_task, run
from tests.factories import a_run
from tests.factories import a_task as a_task_run
from tests.unit.notify.telling import DAY, HOUR, MINUTE, Mood, World, a_world


def test_a_failure_is_told_with_its_first_failed_task_and_the_way_to_look_closer(tmp_path: Path) -> None:
    with a_world(tmp_path, Mood().pipeline()) as world:
        notifier = world.notifier(ops=world.to_file(), console_url="https://pipes.example.org")
        notifier.look()
        view = run(world.engine, cause="by hand")
        notifier.look()
        [message] = world.told()
        assert message["schema"] == "penstock.notification/1"
        assert message["channel"] == "ops"
        assert message["event"] == "failure"
        assert message["run_id"] == view.run.run_id
        assert (message["pipeline"], message["status"], message["cause"]) == ("sample", "failed", "by hand")
        assert message["task"] == {"name": "load", "error": "ValueError", "message": "the well is dry", "hint": None}
        assert message["command"] == f"penstock status {view.run.run_id}"
        assert message["url"] == f"https://pipes.example.org/runs/{view.run.run_id}"
        assert "the well is dry" in message["headline"]


def test_what_was_before_the_first_look_is_not_told_but_its_recovery_is(tmp_path: Path) -> None:
    mood = Mood()
    with a_world(tmp_path, mood.pipeline()) as world:
        first = run(world.engine)
        world.clock.advance(HOUR)
        run(world.engine)
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        mood.is_bad = False
        world.clock.advance(HOUR)
        run(world.engine)
        notifier.look()
        [message] = world.told()
        assert message["event"] == "recovery"
        assert message["failing"]["since_run"] == first.run.run_id
        assert message["failing"]["failures"] == 2
        assert message["failing"]["duration_s"] == 7200


def test_a_recovery_is_told_once_and_belongs_to_its_own_pipeline(tmp_path: Path) -> None:
    mood, good = Mood(), a_pipeline(a_task("load"), name="good")
    with a_world(tmp_path, mood.pipeline(), good) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        run(world.engine)
        run(world.engine, "good")
        mood.is_bad = False
        run(world.engine)
        run(world.engine, force=True)
        notifier.look()
        assert [(one["event"], one["pipeline"]) for one in world.told()] == [
            ("failure", "sample"),
            ("recovery", "sample"),
        ]


def test_a_resumed_run_that_completes_is_a_recovery_of_itself(tmp_path: Path) -> None:
    mood = Mood()
    with a_world(tmp_path, mood.pipeline()) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        failed = run(world.engine).run.run_id
        world.engine.resume(failed, executor="inline")
        mood.is_bad = False
        world.engine.resume(failed, executor="inline")
        notifier.look()
        told = world.told()
        assert [one["event"] for one in told] == ["failure", "failure", "recovery"]
        assert {one["run_id"] for one in told} == {failed}
        assert len({one["key"] for one in told}) == 3


def test_a_cancelled_run_is_neither_failure_nor_recovery(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        store, now = world.engine.store, world.clock.now()
        store.create_run(a_run("R1", a_task_run(), created_at=now), "me", MINUTE)
        store.signal_run("R1", RunSignal.CANCEL, now, "me", MINUTE)
        notifier.look()
        assert world.told() == []


def test_a_channel_is_told_only_of_its_occasions_and_pipelines(tmp_path: Path) -> None:
    mood = Mood()
    with a_world(tmp_path, mood.pipeline("campaign-a"), mood.pipeline("other")) as world:
        notifier = world.notifier(
            some=world.to_file("some", pipelines=["campaign-*"]), good=world.to_file("good", on=["recovery"])
        )
        notifier.look()
        run(world.engine, "campaign-a")
        run(world.engine, "other")
        mood.is_bad = False
        run(world.engine, "other")
        notifier.look()
        assert [(one["event"], one["pipeline"]) for one in world.told("some")] == [("failure", "campaign-a")]
        assert [(one["event"], one["pipeline"]) for one in world.told("good")] == [("recovery", "other")]


def test_a_run_whose_process_died_is_told_after_a_while_though_nobody_reads_it(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        store, now = world.engine.store, world.clock.now()
        store.create_run(a_run("R1", a_task_run(), created_at=now), "elsewhere", MINUTE)
        notifier.look()
        world.clock.advance(2 * MINUTE)
        notifier.look()
        assert world.told() == []
        world.clock.advance(MINUTE)
        notifier.look()
        [message] = world.told()
        assert (message["event"], message["status"], message["run_id"]) == ("failure", "abandoned", "R1")
        store.signal_run("R1", RunSignal.ABANDON, world.clock.now(), "me", MINUTE)
        notifier.look()
        assert len(world.told()) == 1


def test_a_run_that_looked_dead_for_a_moment_and_went_on_is_not_told(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        store, now = world.engine.store, world.clock.now()
        store.create_run(a_run("R1", a_task_run(), created_at=now), "asleep", MINUTE)
        world.clock.advance(HOUR)
        notifier.look()
        store.extend_leases("asleep", world.clock.now(), HOUR, ["R1"])
        notifier.look()
        world.clock.advance(MINUTE / 2)
        notifier.look()
        assert world.told() == []


def test_a_run_taken_over_from_the_dead_that_dies_again_is_told_again(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        store = world.engine.store
        store.create_run(a_run("R1", a_task_run(), created_at=world.clock.now()), "first", MINUTE)
        for owner in ("second", "third"):
            world.clock.advance(HOUR)
            notifier.look()
            world.clock.advance(2 * MINUTE)
            notifier.look()
            store.signal_run("R1", RunSignal.ABANDON, world.clock.now(), owner, MINUTE)
            store.signal_run("R1", RunSignal.RESUME, world.clock.now(), owner, MINUTE)
            notifier.look()
        told = world.told()
        assert [one["status"] for one in told] == ["abandoned", "abandoned"]
        assert len({one["key"] for one in told}) == 2


# Lateness -------------------------------------------------------------------------------------------------------------


def a_daily(mood: Mood, rule: str = "daily 06:00 UTC") -> Pipeline:
    return mood.pipeline(deployments=[Deployment("daily", Cron(rule))])


def test_a_tick_no_scheduler_saw_is_told_once_when_it_is_late(tmp_path: Path) -> None:
    with a_world(tmp_path, a_daily(Mood())) as world:
        notifier = world.notifier(ops=world.to_file(late_after="1h"))
        notifier.look()
        pipeline = world.engine.pipeline("sample")
        Deployments(world.engine).record(pipeline, list(pipeline.deployments.values()), {})
        world.clock.advance(6 * HOUR + 59 * MINUTE)
        notifier.look()
        assert world.told() == []
        world.clock.advance(MINUTE)
        for _ in range(3):
            notifier.look()
            world.clock.advance(HOUR)
        [message] = world.told()
        assert (message["event"], message["deployment"], message["run_id"]) == ("late", "daily", None)
        assert datetime.fromisoformat(message["due_at"]) == datetime.fromisoformat("2026-01-01T06:00:00Z")
        assert "has not been started" in message["headline"]
        world.clock.advance(DAY)
        notifier.look()
        assert world.events() == ["late", "late"]


def test_ticks_missed_by_everybody_for_days_are_one_message(tmp_path: Path) -> None:
    with a_world(tmp_path, a_daily(Mood(), "hourly :00 UTC")) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        pipeline = world.engine.pipeline("sample")
        Deployments(world.engine).record(pipeline, list(pipeline.deployments.values()), {})
        world.clock.advance(2 * DAY)
        notifier.look()
        [message] = world.told()
        assert message["further"] == 46
        assert message["late_s"] == 47 * 3600


def test_a_deployment_that_runs_in_time_or_is_paused_is_not_late(tmp_path: Path) -> None:
    mood = Mood()
    mood.is_bad = False
    with a_world(tmp_path, a_daily(mood)) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        pipeline = world.engine.pipeline("sample")
        deployments = Deployments(world.engine)
        deployments.record(pipeline, list(pipeline.deployments.values()), {})
        world.clock.advance(6 * HOUR)
        Scheduler(world.engine, InProcess(world.engine)).run(MINUTE, lambda _: None, once=True)
        world.clock.advance(2 * HOUR)
        notifier.look()
        deployments.pause("daily")
        world.clock.advance(3 * DAY)
        notifier.look()
        assert world.told() == []


class _Slow:
    """Something launched that does not end."""

    def __call__(self, order: object) -> _Slow:
        return self

    def poll(self) -> Ending | None:
        return None

    def stop(self, *, now: bool) -> None:
        """Nothing."""


def test_a_firing_that_is_not_over_is_late_and_one_that_waits_keeps_its_tick(tmp_path: Path) -> None:
    with a_world(tmp_path, a_daily(Mood())) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        pipeline = world.engine.pipeline("sample")
        Deployments(world.engine).record(pipeline, list(pipeline.deployments.values()), {})
        world.clock.advance(6 * HOUR)
        scheduler = Scheduler(world.engine, _Slow())
        scheduler.tick()
        world.clock.advance(HOUR)
        scheduler.tick()
        notifier.look()
        [message] = world.told()
        assert message["event"] == "late"
        assert message["late_s"] == 3600


def test_a_firing_that_ends_without_a_run_is_told_as_a_failure_once(tmp_path: Path) -> None:
    class Broken(_Slow):
        def poll(self) -> Ending | None:
            return Ending("parameter `cycle` is unknown")

    with a_world(tmp_path, a_daily(Mood())) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        pipeline = world.engine.pipeline("sample")
        Deployments(world.engine).record(pipeline, list(pipeline.deployments.values()), {})
        world.clock.advance(6 * HOUR)
        Scheduler(world.engine, Broken()).tick()
        notifier.look()
        notifier.look()
        [message] = world.told()
        assert message["event"] == "failure"
        assert message["task"]["message"] == "parameter `cycle` is unknown"
        assert message["run_id"] is None


# Floods ---------------------------------------------------------------------------------------------------------------


def test_two_hundred_failures_in_a_minute_are_one_summary(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file(), second=world.to_file("second"))
        notifier.look()
        fail_runs(world, 200)
        notifier.look()
        for name in ("told", "second"):
            [message] = world.told(name)
            assert message["event"] == "summary"
            assert message["counts"] == {"failure": 200}
            assert message["pipelines"] == {"sample": 200}
            assert len(message["first"]) == 20


def test_what_follows_a_flood_waits_for_a_quiet_minute_and_nothing_is_lost(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        for burst in range(20):
            fail_runs(world, 10, f"B{burst}")
            notifier.look()
            world.clock.advance(timedelta(seconds=3))
        world.clock.advance(MINUTE)
        notifier.look()
        told = world.told()
        assert [one["event"] for one in told] == ["summary", "summary"]
        assert sum(one["counts"]["failure"] for one in told) == 200


def test_a_few_failures_are_told_one_by_one(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        fail_runs(world, MOST_A_MINUTE)
        notifier.look()
        assert world.events() == ["failure"] * MOST_A_MINUTE


def fail_runs(world: World, count: int, prefix: str = "R") -> None:
    store, now = world.engine.store, world.clock.now()
    for number in range(count):
        name = f"{prefix}-{number:03}"
        store.create_run(a_run(name, a_task_run(), pipeline="sample", created_at=now), "me", MINUTE)
        store.signal_run(name, RunSignal.ABANDON, now, "me", MINUTE)


def test_a_look_at_nothing_new_writes_nothing(tmp_path: Path) -> None:
    with a_world(tmp_path, Mood().pipeline()) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        before = world.engine.store.list_marks(":notify")
        world.clock.advance(HOUR)
        notifier.look()
        assert world.engine.store.list_marks(":notify") == before
        assert world.engine.store.list_leases(world.clock.now()) == []


def test_a_run_asked_for_by_nobody_known_is_told_by_its_pipeline(tmp_path: Path) -> None:
    with a_world(tmp_path, Mood().pipeline(deployments=[Deployment("daily", Cron("daily 06:00 UTC"))])) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        world.engine.run(RunRequest("sample", deployment="daily"), executor="inline")
        notifier.look()
        assert world.told()[0]["deployment"] == "daily"
