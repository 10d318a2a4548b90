"""Runs that follow runs: one for each, about the same slice of data, when what they come after completed or changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock import After, Cron, Deployment, File, Param
from penstock.errors import UsageError
from tests.engines import Calls, a_pipeline, a_task, run
from tests.unit.triggers.scheduling import DAY, HOUR, a_world, in_cycles, told

BULK = Deployment("bulk", Cron("daily 06:00 UTC"), tasks=("load",))


def after(*upstream, name="gold", **declared):
    return Deployment(name, After(*upstream), tasks=("gold",), **declared)


def test_every_run_of_the_deployment_named_is_followed_by_one_run(tmp_path):
    with a_world(tmp_path, in_cycles(BULK, after("bulk"))) as world:
        world.deploy()
        world.pass_time(world.scheduler(), 3 * DAY)
        upstream, downstream = world.runs("bulk"), world.runs("gold")
        assert [firing.key for firing in world.firings("gold")] == [one.run_id for one in upstream]
        assert len(downstream) == 3
        assert f"after bulk in run {upstream[0].run_id}" in downstream[0].cause


def test_layers_ask_for_each_other_down_to_the_last(tmp_path):
    layers = (BULK, after("bulk", name="silver"), after("silver"))
    with a_world(tmp_path, in_cycles(*layers)) as world:
        world.deploy()
        happened = world.pass_time(world.scheduler(), DAY)
        started = [one.deployment.partition("/")[2] for one in happened if one.what == "started"]
        assert started == ["bulk[cycle=2026]", "silver[cycle=2026]", "gold[cycle=2026]"]


def test_only_the_same_slice_of_data_is_followed(tmp_path):
    with a_world(tmp_path, in_cycles(BULK, after("bulk"))) as world:
        for cycle in (2024, 2026):
            world.deploy(cycle=cycle)
        world.pass_time(world.scheduler(), DAY)
        assert sorted(one.partition for one in world.runs("gold")) == ["cycle=2024", "cycle=2026"]


def test_runs_before_the_deployment_and_those_that_failed_are_not_followed(tmp_path):
    is_broken = [True]

    def load(*_):
        if is_broken:
            raise ValueError("broken")

    pipeline = in_cycles(after("sample"), tasks=(a_task("load", load), a_task("gold")))
    with a_world(tmp_path, pipeline) as world:
        run(world.engine, tasks=("gold",))
        world.deploy()
        failed = run(world.engine)
        assert told(world.scheduler().tick()) == []
        is_broken.clear()
        world.engine.resume(failed.run.run_id)
        assert told(world.scheduler().tick()) == ["asked", "started", "completed"]
        assert [firing.key for firing in world.firings()] == [failed.run.run_id]


def test_a_deployment_never_follows_its_own_runs(tmp_path):
    with a_world(tmp_path, in_cycles(after("sample"))) as world:
        world.deploy()
        run(world.engine)
        happened = world.pass_time(world.scheduler(), 5 * HOUR)
        assert told(happened) == ["asked", "started", "completed"]


def test_a_task_is_followed_when_it_completed_and_not_when_it_was_skipped(tmp_path):
    text = tmp_path / "in.txt"
    text.write_text("one")
    load = a_task("load", inputs=[File(str(text))])
    pipeline = in_cycles(after("sample.load"), tasks=(load, a_task("gold"), a_task("other")))
    with a_world(tmp_path, pipeline) as world:
        world.deploy()
        scheduler = world.scheduler()
        first = run(world.engine, tasks=("load",))
        assert "asked" in told(scheduler.tick())
        run(world.engine, tasks=("load",))
        run(world.engine, tasks=("other",))
        assert "asked" not in told(scheduler.tick())
        text.write_text("two")
        second = run(world.engine, tasks=("load",))
        assert "asked" in told(scheduler.tick())
        assert {firing.key for firing in world.firings()} == {first.run.run_id, second.run.run_id}


def test_a_task_is_followed_though_its_run_failed_later(tmp_path):
    def fail(*_):
        raise ValueError("broken")

    tasks = (a_task("load"), a_task("gold"), a_task("late", fail, depends_on=["load"]))
    with a_world(tmp_path, in_cycles(after("sample.load"), tasks=tasks)) as world:
        world.deploy()
        run(world.engine, tasks=("load", "late"))
        assert told(world.scheduler().tick()) == ["asked", "started", "completed"]
        assert world.scheduler().tick() == []


def a_maker(folder: Path, calls: Calls, name="maker"):
    """A pipeline that copies a file: its output changes only when the file's content does."""

    def copy(*_):
        calls.append("copy")
        (folder / "out.txt").write_text((folder / "in.txt").read_text().strip())

    made = File(str(folder / "out.txt"))
    return a_pipeline(a_task("copy", copy, inputs=[File(str(folder / "in.txt"))], outputs=[made]), name=name)


def test_a_dataset_is_followed_when_it_changed_and_not_when_it_was_made_equal(tmp_path):
    calls, text = Calls(), tmp_path / "in.txt"
    text.write_text("one")
    with a_world(tmp_path, a_maker(tmp_path, calls), in_cycles(after(str(tmp_path / "out.txt")))) as world:
        run(world.engine, "maker")
        world.deploy()
        scheduler = world.scheduler()
        text.write_text("one ")
        run(world.engine, "maker")
        assert calls.take() == ["copy", "copy"]
        assert told(scheduler.tick()) == []
        text.write_text("two")
        changed = run(world.engine, "maker")
        assert told(scheduler.tick()) == ["asked", "started", "completed"]
        assert [firing.key for firing in world.firings()] == [changed.run.run_id]
        assert world.pass_time(scheduler, 3 * HOUR) == []


def test_a_scheduler_that_was_away_follows_every_run_it_missed(tmp_path):
    other = a_pipeline(a_task("load"), name="other", params=[Param("cycle", int, default=2026, partition=True)])
    with a_world(tmp_path, other, in_cycles(after("other"))) as world:
        world.deploy()
        runs = [run(world.engine, "other", force=True).run.run_id for _ in range(5)]
        run(world.engine, "other", params={"cycle": 2024})
        for _ in range(2):
            world.scheduler().tick()
        assert sorted(firing.key for firing in world.firings()) == sorted(runs)


@pytest.mark.parametrize("name", ["bluk", "sample.laod", "silver.transactons"])
def test_a_name_that_stands_for_nothing_is_refused_when_it_is_deployed(tmp_path, name):
    with a_world(tmp_path, in_cycles(BULK, after(name))) as world, pytest.raises(UsageError) as caught:
        world.deploy()
    assert f'deployment `gold` of pipeline `sample`: `After("{name}")`' in caught.value.message


def test_deployments_that_ask_for_each_other_without_end_are_refused(tmp_path):
    circle = (after("silver"), after("gold", name="silver"))
    with a_world(tmp_path, in_cycles(*circle)) as world:
        with pytest.raises(UsageError, match="ask for each other without end"):
            world.deploy()
        assert world.deployments.list_all() == []


def test_circles_through_pipelines_and_tasks_are_refused(tmp_path):
    one = in_cycles(after("two.gold"), name="one")
    two = in_cycles(after("one"), name="two")
    with a_world(tmp_path, one, two) as world:
        world.deploy("one")
        with pytest.raises(UsageError, match=r"`one/gold` after `two/gold`|`two/gold` after `one/gold`"):
            world.deploy("two")
