"""A pipeline runs, is skipped when nothing changed, and says why each time."""

from pathlib import Path

import pytest

from penstock import File, Item, Param, Skip, SourceError
from penstock.engine.planning.plan import Action, read_saved_plan
from penstock.engine.planning.request import RunRequest
from penstock.errors import DefinitionError, StalePlanError, UsageError
from tests.engines import Calls, a_pipeline, a_task, an_engine, by_name, executed, run, statuses


def test_the_second_run_does_nothing_and_says_why(tmp_path):
    calls = Calls()
    pipeline = a_pipeline(
        a_task("load", calls.body("load")), a_task("refine", calls.body("refine"), depends_on=["load"])
    )
    with an_engine(tmp_path, pipeline) as engine:
        first, second = run(engine), run(engine)
    assert calls == ["load", "refine"]
    assert statuses(first) == {"load": "completed", "refine": "completed"}
    assert statuses(second) == {"load": "skipped", "refine": "skipped"}
    assert by_name(first)["load"].reason == "has not completed before"
    assert by_name(second)["refine"].reason == f"fresh since run {first.run.run_id}"


def test_force_runs_everything(tmp_path):
    calls = Calls()
    with an_engine(tmp_path, a_pipeline(a_task("a", calls.body("a")), a_task("b", calls.body("b")))) as engine:
        run(engine)
        forced = run(engine, force=True)
    assert calls == ["a", "b", "a", "b"]
    assert {task.reason for task in forced.tasks} == {"forced"}


def test_a_raised_version_makes_stale(tmp_path):
    calls = Calls()
    for version in (1, 2, 2):
        with an_engine(tmp_path, a_pipeline(a_task("a", calls.body("a"), version=version))) as engine:
            view = run(engine)
        last = by_name(view)["a"].reason
        if version == 2 and len(calls) == 2:
            assert last in {"declared version moved 1 → 2", f"fresh since run {view.run.run_id}"} or "fresh" in last
    assert calls == ["a", "a"]


def test_only_parameters_that_were_read_make_stale(tmp_path):
    calls = Calls()

    def body(ctx):
        calls.append(f"{ctx.params.used}")

    params = [Param("used"), Param("unused"), Param("place", location=True)]
    with an_engine(tmp_path, a_pipeline(a_task("a", body), params=params)) as engine:
        run(engine, params={"used": "1", "unused": "x"})
        run(engine, params={"used": "1", "unused": "y", "place": "elsewhere"})
        changed = run(engine, params={"used": "2"})
    assert calls == ["1", "2"]
    assert by_name(changed)["a"].reason == "parameter `used` changed 1 → 2"


def test_each_partition_has_a_freshness_of_its_own(tmp_path):
    calls = Calls()
    pipeline = a_pipeline(
        a_task("a", lambda ctx: calls.append(str(ctx.params.cycle))), params=[Param("cycle", int, partition=True)]
    )
    with an_engine(tmp_path, pipeline) as engine:
        for cycle in (2018, 2020, 2018, 2020):
            run(engine, params={"cycle": cycle})
    assert calls == ["2018", "2020"]


def test_a_changed_file_runs_what_reads_it_and_an_unchanged_result_stops_the_wave(tmp_path):
    source = tmp_path / "data.csv"
    source.write_text("1,2")
    calls = Calls()

    def parity(ctx):
        calls.append("parity")
        return sum(map(int, source.read_text().split(","))) % 2

    pipeline = a_pipeline(
        a_task("parity", parity, inputs=[File(str(source))]),
        a_task("report", calls.body("report"), depends_on=["parity"]),
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        run(engine)
        source.write_text("3,4")
        same_parity = run(engine)
        source.write_text("3,5")
        other_parity = run(engine)
    assert calls == ["parity", "report", "parity", "parity", "report"]
    assert by_name(same_parity)["parity"].reason.startswith(f"input `{source}` moved")
    assert statuses(same_parity)["report"] == "skipped"
    assert by_name(other_parity)["report"].reason == "`parity` returned something else"


def test_what_a_task_made_is_looked_at(tmp_path):
    made = tmp_path / "out.txt"
    calls = Calls()

    def write(ctx):
        calls.append("write")
        made.write_text("made")

    with an_engine(tmp_path / "home", a_pipeline(a_task("write", write, outputs=[File(str(made))]))) as engine:
        run(engine)
        run(engine)
        made.write_text("tampered with")
        again = run(engine)
        made.unlink()
        anew = run(engine)
    assert calls == ["write"] * 3
    assert by_name(again)["write"].reason.startswith(f"output `{made}` is not as the task left it")
    assert executed(anew) == {"write"}


def test_a_missing_input_is_an_error_before_anything_runs(tmp_path):
    calls = Calls()
    pipeline = a_pipeline(a_task("first", calls.body("first")), a_task("load", inputs=[File(str(tmp_path / "no.csv"))]))
    with an_engine(tmp_path / "home", pipeline) as engine:
        with pytest.raises(SourceError, match=r"no\.csv"):
            run(engine)
        assert engine.history() == []
    assert calls == []


def test_a_file_made_by_another_task_may_be_missing_at_first(tmp_path):
    between = File(str(tmp_path / "between.txt"))
    pipeline = a_pipeline(
        a_task("make", lambda ctx: Path(between.path).write_text("x") and None, outputs=[between]),
        a_task("read", lambda ctx: Path(between.path).read_text(), inputs=[between]),
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        assert statuses(run(engine)) == {"make": "completed", "read": "completed"}
        assert statuses(run(engine)) == {"make": "skipped", "read": "skipped"}


def test_results_travel_downstream(tmp_path):
    seen = []
    pipeline = a_pipeline(
        a_task("count", lambda ctx: {"rows": 3}),
        a_task("report", lambda ctx: seen.append(ctx.result("count")), depends_on=["count"]),
    )
    with an_engine(tmp_path, pipeline) as engine:
        view = run(engine)
    assert seen == [{"rows": 3}]
    assert by_name(view)["count"].result == {"rows": 3}


def test_a_body_that_finds_nothing_to_do_is_skipped_with_its_words(tmp_path):
    def nothing(ctx):
        raise Skip("no filings today")

    with an_engine(tmp_path, a_pipeline(a_task("look", nothing), a_task("after", depends_on=["look"]))) as engine:
        view = run(engine)
    assert by_name(view)["look"].reason == "no filings today"
    assert statuses(view) == {"look": "skipped", "after": "completed"}


def test_unselected_tasks_are_left_out_and_said_so(tmp_path):
    pipeline = a_pipeline(a_task("a"), a_task("b", depends_on=["a"]), a_task("c", depends_on=["b"]))
    with an_engine(tmp_path, pipeline) as engine:
        view = run(engine, tasks=("b+",), skip=("c",))
    assert statuses(view) == {"a": "skipped", "b": "completed", "c": "skipped"}
    assert by_name(view)["a"].reason == "not selected"


def test_a_plan_says_what_would_happen_and_changes_nothing(tmp_path):
    pipeline = a_pipeline(a_task("a"), a_task("b", depends_on=["a"]))
    with an_engine(tmp_path, pipeline) as engine:
        fresh = engine.plan(RunRequest("sample"))
        assert [(d.task, d.action) for d in fresh.decisions] == [("a", Action.RUN), ("b", Action.RUN)]
        run(engine)
        engine.reset("sample", tasks=("a",))
        plan = engine.plan(RunRequest("sample"))
        assert [(d.task, d.action) for d in plan.decisions] == [("a", Action.RUN), ("b", Action.CHECK)]
        assert plan.decisions[1].reason.sentence == "runs if `a` changes what it reads"
        assert len(engine.history()) == 1


def test_a_saved_plan_is_applied_while_it_is_true_and_refused_when_stale(tmp_path):
    source = tmp_path / "data.csv"
    source.write_text("1")
    pipeline = a_pipeline(a_task("load", inputs=[File(str(source))]))
    with an_engine(tmp_path / "home", pipeline) as engine:
        stored = engine.plan(RunRequest("sample")).as_json()
        assert executed(engine.apply(read_saved_plan(stored, "plan.json"))) == {"load"}
        with pytest.raises(StalePlanError) as refused:
            engine.apply(read_saved_plan(stored, "plan.json"))
        assert refused.value.exit_code == 5


def test_why_tells_the_newest_decision(tmp_path):
    pipeline = a_pipeline(a_task("a"), a_task("b", depends_on=["a"]))
    with an_engine(tmp_path, pipeline) as engine:
        first = run(engine)
        run(engine, tasks=("b",), force=True)
        told = {task.name: task.reason for task in engine.why("sample")}
    assert told == {"a": "has not completed before", "b": "forced"}
    assert first.status == "completed"


def test_items_listed_by_a_task_are_a_result_of_their_own(tmp_path):
    pipeline = a_pipeline(a_task("list", lambda ctx: [Item("x", {"n": 1}), Item("y")]))
    with an_engine(tmp_path, pipeline) as engine:
        assert by_name(run(engine))["list"].result == {"items": 2}


def test_all_missing_inputs_are_told_at_once(tmp_path):
    tasks = [a_task(f"load_{kind}", inputs=[File(str(tmp_path / f"{kind}.txt"))]) for kind in ("cm", "cn")]
    with an_engine(tmp_path / "home", a_pipeline(*tasks)) as engine, pytest.raises(SourceError) as refused:
        run(engine)
    assert str(refused.value).startswith("2 inputs cannot be read:")
    assert "cm.txt" in str(refused.value)
    assert "cn.txt" in str(refused.value)


def test_a_missing_intermediate_file_is_made_again_and_what_reads_it_stays_fresh(tmp_path):
    between, calls = File(str(tmp_path / "between.txt")), Calls()

    def make(ctx):
        Path(between.path).write_text("same as ever")

    pipeline = a_pipeline(a_task("make", make, outputs=[between]), a_task("use", calls.body("use"), inputs=[between]))
    with an_engine(tmp_path / "home", pipeline) as engine:
        run(engine)
        Path(between.path).unlink()
        plan = engine.plan(RunRequest("sample"))
        again = run(engine)
    assert [decision.action for decision in plan.decisions] == [Action.RUN, Action.CHECK]
    assert (calls, statuses(again)) == (["use"], {"make": "completed", "use": "skipped"})


def test_a_plan_for_other_data_is_stale_whatever_its_reasons(tmp_path):
    source = tmp_path / "data.csv"
    source.write_text("1")
    with an_engine(tmp_path / "home", a_pipeline(a_task("load", inputs=[File(str(source))]))) as engine:
        stored = engine.plan(RunRequest("sample")).as_json()
        source.write_text("2")
        with pytest.raises(StalePlanError):
            engine.apply(read_saved_plan(stored, "plan.json"))
        assert engine.history() == []


def test_why_never_mixes_partitions(tmp_path):
    pipeline = a_pipeline(a_task("a"), a_task("b"), params=[Param("cycle", int, partition=True)])
    with an_engine(tmp_path, pipeline) as engine:
        run(engine, params={"cycle": 2018})
        newest = run(engine, params={"cycle": 2020}, tasks=("a",))
        told = engine.why("sample")
    assert [(task.name, task.run_id) for task in told] == [("a", newest.run.run_id)]


def test_an_output_nobody_can_observe_counts_as_changed(tmp_path):
    calls = Calls()
    pipeline = a_pipeline(
        a_task("make", lambda ctx: {"changed": 5}, outputs=["elsewhere.thing"]),
        a_task("use", calls.body("use"), inputs=["elsewhere.thing"]),
    )
    with an_engine(tmp_path, pipeline) as engine:
        run(engine)
        engine.reset("sample", tasks=("make",))
        run(engine)
        run(engine)
    assert calls == ["use", "use"]


def test_a_path_that_names_no_parameter_is_refused_while_it_is_declared():
    with pytest.raises(DefinitionError, match="no parameter `cycel`") as refused:
        a_pipeline(a_task("load", inputs=[File("{cycel}.csv")]), params=[Param("cycle")])
    assert refused.value.hint == "did you mean `cycle`?"


def test_a_run_whose_task_was_renamed_cannot_be_resumed_and_says_so(tmp_path):
    def fail(ctx):
        raise OSError("broken")

    with an_engine(tmp_path, a_pipeline(a_task("old", fail))) as engine:
        failed = run(engine)
    with an_engine(tmp_path, a_pipeline(a_task("new"))) as engine:
        with pytest.raises(UsageError, match="has a task `old`, which pipeline `sample` no longer has"):
            engine.resume(failed.run.run_id)
        assert engine.view("last").status == "failed"


def test_the_partition_is_all_that_reset_and_why_ask_for(tmp_path):
    params = [Param("cycle", int, partition=True, required=True), Param("folder", required=True)]
    with an_engine(tmp_path, a_pipeline(a_task("a"), params=params)) as engine:
        run(engine, params={"cycle": 2020, "folder": "x"})
        assert len(engine.why("sample", params={"cycle": "2020"})) == 1
        assert engine.reset("sample", {"cycle": 2020}, data=True).forgotten == 1
        with pytest.raises(UsageError, match="parameter `cycle` is missing"):
            engine.reset("sample", {}, data=True)
        with pytest.raises(UsageError, match="needs the parameters that name the partition"):
            engine.reset("sample", data=True)
    with an_engine(tmp_path, a_pipeline(a_task("a"))) as engine:
        assert engine.reset("sample", data=True).tables == {}


def test_a_run_that_a_task_is_fresh_since_is_never_collected(tmp_path):
    with an_engine(tmp_path, a_pipeline(a_task("a")), retention_runs=2) as engine:
        first = run(engine)
        for _ in range(5):
            last = run(engine)
        assert by_name(last)["a"].reason == f"fresh since run {first.run.run_id}"
        assert engine.view(first.run.run_id).status == "completed"
