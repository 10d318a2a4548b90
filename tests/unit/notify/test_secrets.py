"""What is told holds no secret parameter, however a run was asked for and whatever its scripts say."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock import Context, Param, task
from penstock.engine.state.records import RunStatus
from penstock.engine.state.schedules import Firing, FiringStatus
from penstock.notify.telling import Telling
from tests.engines import a_pipeline, run
from tests.factories import T0
from tests.scripts import a_step
from tests.unit.notify.telling import World, a_world

SECRET = "sk-first-0001"
CAUSES = (f"penstock run sample --api-token {SECRET}", f"penstock run sample --api-token={SECRET} --days 3", SECRET)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_failing_script_that_prints_a_secret_parameter_tells_it_to_nobody(tmp_path: Path, cause: str) -> None:
    text = "import sys\nsys.exit('refused: ' + 'x' * 1900 + sys.argv[1])\n"
    step = a_step(tmp_path, "load", text, args=("{api_token}",))
    with a_world(tmp_path / "home", a_pipeline(step, params=[Param("api_token"), Param("days", int, 3)])) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        run(world.engine, params={"api_token": SECRET}, cause=cause)
        notifier.look()
        [message] = world.told()
        assert message["event"] == "failure"
        assert "***" in message["cause"]
        assert not holds_secret(world)


def test_a_body_that_says_a_secret_parameter_tells_it_to_nobody(tmp_path: Path) -> None:
    @task
    def load(ctx: Context) -> None:
        raise ValueError("refused: " + ctx.params.api_token)

    with a_world(tmp_path, a_pipeline(load, params=[Param("api_token")])) as world:
        notifier = world.notifier(ops=world.to_file())
        notifier.look()
        run(world.engine, params={"api_token": SECRET})
        notifier.look()
        [message] = world.told()
        assert message["task"]["message"] == "refused: ***"
        assert "refused: ***" in message["headline"]
        assert not holds_secret(world)


def test_a_cause_that_an_older_version_wrote_is_told_without_its_secrets(tmp_path: Path) -> None:
    with a_world(tmp_path, a_pipeline(a_step(tmp_path, "load", ""), params=[Param("api_token")])) as world:
        stored = run(world.engine, params={"api_token": SECRET}).run
        for cause in CAUSES:
            message = Telling(world.engine).failure(stored._replace(cause=cause), RunStatus.FAILED, T0, "1")
            assert "***" in message.facts["cause"]
            assert SECRET not in repr(message)


def test_why_a_run_could_not_be_started_is_told_without_its_secrets(tmp_path: Path) -> None:
    with a_world(tmp_path, a_pipeline(a_step(tmp_path, "load", ""))) as world:
        params = {"api_token": SECRET}
        firing = Firing("sample/often", "k", "R1", T0, params, "cause", FiringStatus.FAILED, finished_at=T0)
        told = firing._replace(message=f"no entry with {SECRET}")
        message = Telling(world.engine).unstarted(None, told, T0)
        assert message.headline == "`sample/often` could not start a run: no entry with ***"
        assert SECRET not in repr(message)


def holds_secret(world: World) -> bool:
    """Whether any piece of the secret is in what was told."""
    return "sk-" in repr(world.told()) or SECRET in repr(world.notices)
