"""Selectors choose tasks."""

import pytest

from penstock.engine.planning.selection import select
from penstock.errors import UsageError
from tests.engines import a_pipeline, a_task

PIPELINE = a_pipeline(
    a_task("load_a", tags=["bronze"]),
    a_task("load_b", tags=["bronze"]),
    a_task("refine_a", depends_on=["load_a"]),
    a_task("join", depends_on=["refine_a", "load_b"]),
    a_task("report", depends_on=["join"]),
)


@pytest.mark.parametrize(
    ("tasks", "skip", "chosen"),
    [
        ((), (), "load_a load_b refine_a join report"),
        (("join",), (), "join"),
        (("+join",), (), "load_a load_b refine_a join"),
        (("refine_a+",), (), "refine_a join report"),
        (("+refine_a+",), (), "load_a refine_a join report"),
        (("load_*",), (), "load_a load_b"),
        (("tag:bronze",), (), "load_a load_b"),
        (("tag:bronze+",), ("report",), "load_a load_b refine_a join"),
        ((), ("join+",), "load_a load_b refine_a"),
        (("report", "load_a"), (), "load_a report"),
    ],
)
def test_selectors_choose_tasks_by_name_relation_glob_and_tag(tasks, skip, chosen):
    assert select(PIPELINE, tasks, skip) == set(chosen.split())


def test_a_selector_that_matches_nothing_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match="`jion` matches no task") as refused:
        select(PIPELINE, ["jion"])
    assert refused.value.hint == "did you mean `join`?"


def test_a_skip_that_matches_nothing_is_refused_too():
    with pytest.raises(UsageError, match="matches no task"):
        select(PIPELINE, skip=["tag:gold"])
