"""Secret parameters reach the bodies that need them, count for freshness, and are written down nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock import Context, Item, Param, Skip, Task, task
from penstock.engine.engine import Engine
from penstock.engine.planning.freshness import Present, find_staleness
from penstock.engine.view import RunView
from penstock.errors import DefinitionError
from penstock.kit.veil import sealed
from tests.engines import a_pipeline, an_engine, by_name, executed, run, statuses
from tests.factories import a_completion
from tests.scripts import a_step, failure_of, messages_of, output_of

FIRST, SECOND = "sk-first-0001", "sk-second-0002"
TOKEN = Param("api_token")


def written(engine: Engine, view: RunView) -> str:
    """Everything kept of a run but its own parameters."""
    run_id = view.run.run_id
    items = engine.store.list_items(run_id)
    kept = (engine.store.read_events(run_id=run_id), engine.store.list_task_runs(run_id), items, view.run.cause)
    return repr(kept) + repr(engine.store.load_completions("sample", ""))


def test_a_script_that_shows_a_secret_parameter_shows_stars_whichever_way_it_was_handed_it(tmp_path: Path) -> None:
    text = """
    import json, os, sys
    token = sys.argv[1] if len(sys.argv) > 1 else os.environ["PENSTOCK_PARAM_API_TOKEN"]
    assert token == "sk-first-0001"
    print("calling with", token, flush=True)
    print("::penstock", json.dumps({"log": "log " + token, "facts": {"token": token}}))
    sys.exit("refused " + token)
    """
    by_argument = a_step(tmp_path, "by_argument", text, args=("{api_token}",), params=())
    by_variable = a_step(tmp_path, "by_variable", text)
    pipeline = a_pipeline(by_argument, by_variable, params=[TOKEN])
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine, params={"api_token": FIRST}, continue_on_failure=True)
        for name in ("by_argument", "by_variable"):
            assert output_of(engine, view, name) == "calling with ***\nrefused ***"
            assert messages_of(engine, view, name) == ["log ***"]
            assert failure_of(view, name).message.endswith("exit code 1: refused ***")
        assert FIRST not in written(engine, view)


@task
def log(ctx: Context) -> None:
    ctx.log("log " + ctx.params.api_token, token=ctx.params.api_token)


@task
def skip(ctx: Context) -> None:
    raise Skip("nothing for " + ctx.params.api_token)


def fail(ctx: Context) -> None:
    raise ValueError("passed over " + ctx.params.api_token)


@task
def listing(ctx: Context) -> Any:
    return [Item("good"), Item("bad"), Item("none")]


@task(each=listing, failure_tolerance=0.5)
def each(ctx: Context, item: Item) -> None:
    if item.key == "none":
        raise Skip("no " + ctx.params.api_token)
    if item.key == "bad":
        raise ValueError("bad " + ctx.params.api_token)


@pytest.mark.parametrize("executor", ["inline", "threads"])
def test_what_a_body_says_of_a_secret_parameter_is_written_down_as_stars(tmp_path: Path, executor: str) -> None:
    pipeline = a_pipeline(log, skip, Task("pass_over", fail, may_fail=True), listing, each, params=[TOKEN])
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine, params={"api_token": FIRST}, executor=executor)
        tasks = by_name(view)
        assert messages_of(engine, view) == ["log ***"]
        assert tasks["skip"].reason == "nothing for ***"
        assert tasks["pass_over"].reason == "failed and is passed over: passed over ***"
        assert tasks["each"].items is not None
        assert FIRST not in written(engine, view)


def test_another_secret_runs_what_reads_it_and_the_same_one_does_not(tmp_path: Path) -> None:
    reading = task(name="reading", depends_on=[])(lambda ctx: len(ctx.params.api_token))
    with an_engine(tmp_path / "home", a_pipeline(reading, params=[TOKEN])) as engine:
        assert executed(run(engine, params={"api_token": FIRST})) == {"reading"}
        assert executed(run(engine, params={"api_token": FIRST})) == set()
        again = run(engine, params={"api_token": SECOND})
        assert executed(again) == {"reading"}
        facts = by_name(again)["reading"].reason_facts
        assert {name: facts[name] for name in ("before", "after", "sentence")} == {
            "before": "***",
            "after": "***",
            "sentence": "parameter `api_token` changed *** → ***",
        }
        assert FIRST not in repr(engine.store.load_completions("sample", ""))
        assert FIRST not in written(engine, again)


def test_a_run_goes_on_with_its_own_secret_which_only_the_run_itself_holds(tmp_path: Path) -> None:
    used: list[str] = []

    @task
    def call(ctx: Context) -> None:
        used.append(ctx.params.api_token)
        if len(used) == 1:
            raise ValueError("not yet")

    with an_engine(tmp_path / "home", a_pipeline(call, params=[TOKEN])) as engine:
        cause = f"penstock run sample --api-token {FIRST}"
        failed = run(engine, params={"api_token": FIRST}, cause=cause)
        assert failed.run.cause == "penstock run sample --api-token ***"
        resumed = engine.resume(failed.run.run_id)
        assert statuses(resumed) == {"call": "completed"}
        assert used == [FIRST, FIRST]
        assert resumed.as_json()["params"] == {"api_token": "***"}
        assert resumed.run.params == {"api_token": FIRST}


@pytest.mark.parametrize(("remembered", "is_stale"), [(FIRST, False), (SECOND, True)])
def test_what_an_older_version_remembers_of_a_secret_counts_and_is_not_told(remembered: str, *, is_stale: bool) -> None:
    present = Present({}, "", {"api_token": sealed("api_token", FIRST)}, {}, {}, {})
    past = {"code": {}, "version": "", "params": {"api_token": remembered}, "inputs": {}, "results": {}, "outputs": {}}
    reason = find_staleness(present, a_completion(facts=past))
    assert (reason is not None) == is_stale
    assert "sk-" not in repr(reason)


def test_no_secret_may_name_a_partition() -> None:
    with pytest.raises(DefinitionError, match="`api_key` names the partition"):
        Param("api_key", partition=True)
