"""Which tasks a run is about: the default choice, a deployment's, and what a project sets for a pipeline."""

from __future__ import annotations

import pytest

from penstock import Cron, Deployment, Feed, Param
from penstock.errors import DefinitionError, UsageError
from penstock.kit.jsonable import to_json
from tests.engines import a_pipeline, a_task, an_engine, executed, run


def layered(**declared):
    tasks = [a_task("fetch", tags=["daily"]), a_task("load", tags=["bulk"]), a_task("refine", depends_on=["load"])]
    daily = Deployment("daily", Cron("daily 01:00 UTC"), tasks=("tag:daily",))
    everything = Deployment("everything", Cron("daily 02:00 UTC"))
    return a_pipeline(*tasks, default_tasks=["tag:bulk+"], deployments=[daily, everything], **declared)


def test_a_run_that_chooses_no_tasks_is_about_the_default_choice(tmp_path):
    with an_engine(tmp_path, layered()) as engine:
        assert executed(run(engine)) == {"load", "refine"}


def test_a_run_of_a_deployment_is_about_its_tasks_and_remembers_it(tmp_path):
    with an_engine(tmp_path, layered()) as engine:
        view = run(engine, deployment="daily")
        assert executed(view) == {"fetch"}
        assert view.run.deployment == "daily"
        assert executed(run(engine, deployment="everything")) == {"load", "refine"}


def test_tasks_chosen_by_name_go_before_a_deployments(tmp_path):
    with an_engine(tmp_path, layered()) as engine:
        assert executed(run(engine, deployment="daily", tasks=("refine",))) == {"refine"}


def test_an_unknown_deployment_is_told_with_a_suggestion(tmp_path):
    with an_engine(tmp_path, layered()) as engine, pytest.raises(UsageError, match="no deployment `daly`") as caught:
        run(engine, deployment="daly")
    assert "daily" in caught.value.hint


def test_two_deployments_of_one_name_are_refused():
    twice = [Deployment("daily", Cron("daily 01:00 UTC"))] * 2
    with pytest.raises(DefinitionError, match="two of deployment `daily`"):
        a_pipeline(a_task("a"), deployments=twice)


def test_a_run_gets_the_id_it_was_promised(tmp_path):
    with an_engine(tmp_path, a_pipeline(a_task("a"))) as engine:
        assert run(engine, run_id="PROMISED").run.run_id == "PROMISED"


def test_a_task_that_reads_a_feed_runs_whenever_it_is_asked_to(tmp_path):
    pipeline = a_pipeline(a_task("fetch", inputs=[Feed("openfec")]), a_task("other"))
    with an_engine(tmp_path, pipeline) as engine:
        run(engine)
        second = run(engine)
        assert executed(second) == {"fetch"}
        assert "openfec feed" in second.tasks[0].reason


def test_a_plan_that_reads_a_feed_can_be_applied_once(tmp_path):
    from penstock.engine.planning.plan import read_saved_plan
    from penstock.engine.planning.request import RunRequest
    from penstock.errors import StalePlanError

    with an_engine(tmp_path, a_pipeline(a_task("fetch", inputs=[Feed("openfec")]))) as engine:
        run(engine)
        saved = read_saved_plan(engine.plan(RunRequest("sample")).as_json(), "plan.json")
        assert executed(engine.apply(saved)) == {"fetch"}
        with pytest.raises(StalePlanError):
            engine.apply(saved)


def test_a_project_sets_other_defaults_for_parameters(tmp_path):
    seen = []
    pipeline = a_pipeline(
        a_task("a", lambda ctx: seen.append((ctx.params.cycle, ctx.params.share))),
        params=[Param("cycle", int, required=True), Param("share", float, default=0.5)],
    )
    with an_engine(tmp_path, pipeline, params={"sample": {"cycle": 2026, "share": "0.3"}}) as engine:
        run(engine)
        run(engine, params={"share": 0.2})
    assert seen == [(2026, 0.3), (2026, 0.2)]


@pytest.mark.parametrize(("values", "word"), [({"cicle": 1}, "cicle"), ({"cycle": "soon"}, "soon")])
def test_a_project_that_sets_what_does_not_fit_is_told_where(tmp_path, values, word):
    pipeline = a_pipeline(a_task("a"), params=[Param("cycle", int, default=2026)])
    with pytest.raises(UsageError, match=r"setting `params\.sample`") as caught:
        an_engine(tmp_path, pipeline, params={"sample": values})
    assert word in caught.value.message


def test_settings_travel_to_child_processes_whole(tmp_path):
    from penstock.bootstrap import environment_of
    from penstock.settings import Settings, load_settings

    given = Settings(
        home=tmp_path,
        sources={"openfec": "http://127.0.0.1:1/v1"},
        params={"sample": {"cycle": 2026}},
        contact="me@x.org",
    )
    read = load_settings(environment_of(given), tmp_path).settings
    assert (read.sources, read.params, read.contact) == (given.sources, given.params, given.contact)
    assert to_json(read.params) == '{"sample":{"cycle":2026}}'


def test_defaults_for_a_misspelt_pipeline_are_told(tmp_path):
    pipeline = a_pipeline(a_task("a"), name="campaign", params=[Param("cycle", int, default=2026)])
    with pytest.raises(UsageError, match=r"setting `params\.campain` names no pipeline"):
        an_engine(tmp_path, pipeline, params={"campain": {"cycle": 2024}})
    an_engine(tmp_path, pipeline, params={"weather": {"cycle": 2024}}).close()
