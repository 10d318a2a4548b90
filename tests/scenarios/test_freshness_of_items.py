"""When items that are done stay done, and when they have to be done again."""

import threading

from penstock import File, Item, Param
from penstock.engine.state.records import Retention
from tests.engines import Calls, a_pipeline, a_task, an_engine, by_name, run, statuses


def over(keys, handle, **declared):
    """A fan-out over keys that can be changed between runs, behind a task that lists them anew each time."""
    listing = a_task("list", lambda ctx: [Item(key) for key in keys], inputs=[File("{keys}")])
    return a_pipeline(listing, a_task("handle", handle, each="list", **declared), params=[Param("keys"), Param("mood")])


def test_a_reset_does_every_item_again(tmp_path):
    done = []
    (tmp_path / "keys").write_text("1")
    params = {"keys": str(tmp_path / "keys")}
    with an_engine(tmp_path / "home", over(["a", "b"], lambda ctx, item: done.append(item.key))) as engine:
        run(engine, params=params)
        engine.reset("sample")
        again = run(engine, params=params)
    assert done == ["a", "b", "a", "b"]
    assert by_name(again)["handle"].result["skipped"] == 0


def test_a_changed_input_reaches_every_item(tmp_path):
    done = []
    (tmp_path / "keys").write_text("1")
    rates = tmp_path / "rates"
    rates.write_text("1")
    pipeline = over(["a", "b"], lambda ctx, item: done.append(item.key + rates.read_text()), inputs=[File(str(rates))])
    with an_engine(tmp_path / "home", pipeline) as engine:
        run(engine, params={"keys": str(tmp_path / "keys")})
        rates.write_text("2")
        run(engine, params={"keys": str(tmp_path / "keys")})
    assert done == ["a1", "b1", "a2", "b2"]


def test_a_parameter_counts_even_when_the_last_run_carried_every_item_over(tmp_path):
    done, keys = [], ["a", "b"]
    (tmp_path / "keys").write_text("1")
    given = {"keys": str(tmp_path / "keys"), "mood": "dear"}
    with an_engine(tmp_path / "home", over(keys, lambda ctx, item: done.append(ctx.params.mood + item.key))) as engine:
        run(engine, params=given)
        keys.pop()
        (tmp_path / "keys").write_text("2")
        carried = run(engine, params=given)
        changed = run(engine, params={**given, "mood": "hi"})
    assert by_name(carried)["handle"].result["skipped"] == 1
    assert done == ["deara", "dearb", "hia"]
    assert by_name(changed)["handle"].reason == "parameter `mood` changed dear → hi"


def test_items_stay_done_however_many_runs_found_everything_fresh(tmp_path):
    done, keys = [], ["a"]
    source = tmp_path / "keys"
    source.write_text("1")
    with an_engine(tmp_path / "home", over(keys, lambda ctx, item: done.append(item.key))) as engine:
        for _ in range(60):
            run(engine, params={"keys": str(source)})
        keys.append("b")
        source.write_text("2")
        run(engine, params={"keys": str(source)})
    assert done == ["a", "b"]


def test_items_whose_output_is_gone_are_done_again(tmp_path):
    done, made = [], tmp_path / "made"
    (tmp_path / "keys").write_text("1")

    def handle(ctx, item):
        done.append(item.key)
        made.write_text("there")

    with an_engine(tmp_path / "home", over(["a", "b"], handle, outputs=[File(str(made))])) as engine:
        run(engine, params={"keys": str(tmp_path / "keys")})
        made.unlink()
        run(engine, params={"keys": str(tmp_path / "keys")})
    assert done == ["a", "b", "a", "b"]
    assert made.exists()


def test_a_second_stop_leaves_a_true_ledger(tmp_path):
    def handle(ctx, item):
        if item.key == "k2":
            engine.request_stop()
            engine.request_stop()

    (tmp_path / "keys").write_text("1")
    with an_engine(tmp_path / "home", over([f"k{n}" for n in range(9)], handle)) as engine:
        view = run(engine, params={"keys": str(tmp_path / "keys")})
        sums, _ = engine.store.list_items(view.run.run_id)
    assert view.status == "cancelled"
    assert (sums["handle"].completed, sums["handle"].pending, sums["handle"].running) == (2, 7, 0)


def test_dependents_never_see_an_upstream_result_of_an_earlier_run(tmp_path):
    value, seen, gate = ["old"], Calls(), threading.Barrier(2, timeout=20)

    def read(ctx):
        gate.wait()  # both dependents start together, the moment the upstream task lets them go
        seen.append(ctx.result("a"))

    pipeline = a_pipeline(
        a_task("a", lambda ctx: value[0]), a_task("b", read, depends_on=["a"]), a_task("c", read, depends_on=["a"])
    )
    with an_engine(tmp_path, pipeline) as engine:
        run(engine, executor="threads", workers=2)
        value[0] = "new"
        run(engine, executor="threads", workers=2, force=True)
    assert seen == ["old", "old", "new", "new"]


def test_runs_that_find_everything_fresh_are_collected_too(tmp_path):
    with an_engine(tmp_path, a_pipeline(a_task("a")), retention_runs=3) as engine:
        for _ in range(9):
            run(engine)
        assert len(engine.history(limit=50)) <= 4
        assert engine.gc(Retention(runs_per_pipeline=1)).runs >= 1
        assert statuses(run(engine)) == {"a": "skipped"}
