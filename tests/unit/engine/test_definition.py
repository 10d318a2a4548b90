"""What can be declared, and what is refused while it is being declared."""

from datetime import timedelta

import pytest

from penstock import Context, Param, Pipeline, task
from penstock.errors import DefinitionError, UsageError
from tests.engines import a_pipeline, a_task


def test_a_task_is_still_the_function_it_was():
    @task(retries=2)
    def double(number):
        return number * 2

    assert double(21) == 42


def test_a_task_is_declared_with_and_without_arguments():
    @task
    def bare(ctx: Context) -> None:
        """Do it."""

    @task(name="other", timeout="1m30s", tags=["x"])
    def dressed(ctx: Context) -> None: ...

    assert (bare.name, bare.doc) == ("bare", "Do it.")
    assert (dressed.name, dressed.timeout, dressed.tags) == ("other", timedelta(seconds=90), frozenset({"x"}))


def test_a_constant_retry_delay_and_the_default_backoff():
    patient = a_task("patient", retries=3, retry_delay="30s")
    plain = a_task("plain", retries=3)
    assert [patient.backoff(n) for n in (1, 2, 3)] == [timedelta(seconds=30)] * 3
    assert [plain.backoff(n).total_seconds() for n in (1, 2, 3, 20)] == [1, 2, 4, 300]


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"retries": -1}, "negative number of retries"),
        ({"failure_tolerance": 0.1}, "tolerates failed items but handles none"),
        ({"executor": "spaceship"}, "executor `spaceship`"),
        ({"name": "two words"}, "has a name with a blank"),
    ],
)
def test_a_task_that_cannot_be_is_refused(declared, told):
    with pytest.raises(DefinitionError, match=told):
        task(**{"name": "t", **declared})(lambda ctx: None)


def test_the_order_is_that_of_declaration_wherever_dependencies_leave_a_choice():
    pipeline = a_pipeline(a_task("c"), a_task("b", depends_on=["c"]), a_task("a"), a_task("z", depends_on=["b", "a"]))
    assert pipeline.graph.order == ("c", "b", "a", "z")


def test_a_cycle_is_shown_as_a_path():
    with pytest.raises(DefinitionError) as refused:
        a_pipeline(
            a_task("a", depends_on=["c"]), a_task("b", depends_on=["a"]), a_task("c", depends_on=["b"]), a_task("free")
        )
    assert "in a circle" in str(refused.value)
    path = str(refused.value).partition(": ")[2].split(" → ")
    assert path[0] == path[-1]
    assert set(path) == {"a", "b", "c"}


def test_an_unknown_dependency_comes_with_the_nearest_name():
    with pytest.raises(DefinitionError, match="`fetch_comittees`, which does not") as refused:
        a_pipeline(a_task("fetch_committees"), a_task("refine", depends_on=["fetch_comittees"]))
    assert refused.value.hint == "did you mean `fetch_committees`?"


def test_two_tasks_may_not_make_the_same_dataset():
    with pytest.raises(DefinitionError, match=r"`one` and `two` of pipeline `sample` both make `silver\.x`"):
        a_pipeline(a_task("one", outputs=["silver.x"]), a_task("two", outputs=["silver.x"]))


def test_two_tasks_may_not_share_a_name():
    with pytest.raises(DefinitionError, match="two of task `one`"):
        a_pipeline(a_task("one"), a_task("one"))


def test_an_input_that_nothing_makes_and_nobody_declares_is_refused():
    with pytest.raises(DefinitionError, match=r"reads `bronze\.cm`, which no task makes") as refused:
        a_pipeline(a_task("load", outputs=["bronze.cms"]), a_task("refine", inputs=["bronze.cm"]))
    assert refused.value.hint == "did you mean `bronze.cms`?"


def test_reading_what_another_task_makes_is_depending_on_it():
    pipeline = a_pipeline(a_task("refine", inputs=["bronze.x"]), a_task("load", outputs=["bronze.x"]))
    assert pipeline.graph.order == ("load", "refine")


def test_parameters_are_parsed_checked_and_given_defaults():
    pipeline = a_pipeline(
        a_task("t"),
        params=[
            Param("cycle", int, minimum=1980, required=True, partition=True),
            Param("mode", choices=("a", "b"), default="a"),
        ],
    )
    values = pipeline.resolve({"cycle": "2020"})
    assert values == {"cycle": 2020, "mode": "a"}
    assert pipeline.partition(values) == "cycle=2020"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "parameter `cycle` is missing"),
        ({"cycle": "soon"}, "`--cycle` takes a value of type int, not `soon`"),
        ({"cycle": 1800}, "must be at least 1980"),
        ({"cycle": 2020, "mode": "c"}, "takes one of `a`, `b`"),
        ({"cycel": 2020}, "there is no parameter `cycel`"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(given, told):
    params = [Param("cycle", int, minimum=1980, required=True), Param("mode", choices=("a", "b"), default="a")]
    with pytest.raises(UsageError, match=told):
        Pipeline("sample", tasks=[a_task("t")], params=params).resolve(given)
