"""What scripts may tell: results, items, progress, messages, and that there is nothing to do."""

import pytest

from penstock.engine.events import EventKind
from tests.engines import a_pipeline, a_task, an_engine, by_name, run, statuses
from tests.scripts import a_step, facts_of, failure_of, messages_of, output_of


def test_results_pass_on_to_python_tasks_and_the_last_one_counts(tmp_path):
    count = a_step(
        tmp_path, "count", """print('::penstock {"result": 1}'); print('::penstock {"result": {"n": [1.5, null]}}')"""
    )
    seen = []
    read = a_task("read", lambda ctx: seen.append(ctx.result("count")), depends_on=["count"])
    with an_engine(tmp_path / "home", a_pipeline(count, read)) as engine:
        assert run(engine).status == "completed"
    assert seen == [{"n": [1.5, None]}]


LIST = """
import json
for n in range(5):
    print("::penstock", json.dumps({"item": f"k{n}", "payload": {"n": n}}))
"""
HANDLE = """
import json, os, sys
n = json.loads(os.environ["PENSTOCK_ITEM"])["n"]
print("handling", os.environ["PENSTOCK_ITEM_KEY"])
if n == 3:
    sys.exit("three is bad")
print("::penstock", json.dumps({"result": n * n}))
"""


@pytest.mark.parametrize(("executor", "workers"), [("inline", 1), ("threads", 3), ("processes", 2)])
def test_items_of_one_script_are_handled_one_by_one_by_another(tmp_path, executor, workers):
    pipeline = a_pipeline(
        a_step(tmp_path, "list", LIST),
        a_step(tmp_path, "handle", HANDLE, task={"each": "list", "failure_tolerance": 1}),
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        view = run(engine, executor=executor, workers=workers)
        _, records = engine.store.list_items(view.run.run_id, task="handle")
        blocks = facts_of(engine, view, EventKind.OUTPUT_WRITTEN, "handle")
    assert statuses(view) == {"list": "completed", "handle": "completed"}
    assert by_name(view)["list"].result == {"items": 5}
    assert {record.key: record.result for record in records} == {"k0": 0, "k1": 1, "k2": 4, "k3": None, "k4": 16}
    (failed,) = [record for record in records if record.failure]
    assert failed.failure.message == "`steps/handle.py` ended with exit code 1: three is bad"
    assert {(block["item"], block["text"]) for block in blocks if block["stream"] == "stdout"} == {
        (f"k{n}", f"handling k{n}") for n in range(5)
    }


def test_a_script_may_list_no_items_at_all(tmp_path):
    pipeline = a_pipeline(
        a_step(tmp_path, "list", """print('::penstock {"result": []}')"""),
        a_step(tmp_path, "handle", HANDLE, task={"each": "list"}),
    )
    with an_engine(tmp_path / "home", pipeline) as engine:
        assert statuses(run(engine)) == {"list": "completed", "handle": "completed"}


def test_a_script_may_report_log_and_skip(tmp_path):
    step = a_step(
        tmp_path,
        "quiet",
        """
        print('::penstock {"progress": 3, "total": 10, "unit": "files"}')
        print('::penstock {"log": "nothing is new", "facts": {"files": 3}}')
        print('::penstock {"skip": "no new files"}')
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        (progress,) = facts_of(engine, view, EventKind.PROGRESS_REPORTED, "quiet")
        (logged,) = facts_of(engine, view, EventKind.MESSAGE_LOGGED, "quiet")
        assert output_of(engine, view) == ""
    assert (progress["done"], progress["total"], progress["unit"]) == (3, 10, "files")
    assert (logged["message"], logged["files"]) == ("nothing is new", 3)
    assert statuses(view) == {"quiet": "skipped"}
    assert "no new files" in by_name(view)["quiet"].reason


def test_a_skip_does_not_hide_a_failure(tmp_path):
    step = a_step(tmp_path, "both", """import sys; print('::penstock {"skip": "x"}'); sys.exit(4)""")
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        assert statuses(run(engine)) == {"both": "failed"}


def test_a_malformed_line_stays_output_and_a_message_says_what_is_wrong(tmp_path):
    step = a_step(
        tmp_path,
        "odd",
        """
        print('::penstock {"resutl": 3}')
        print("::penstock what?")
        print("::penstocks are no lines for penstock")
        print("behind ::penstock {}")
        """,
    )
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
        assert output_of(engine, view).splitlines() == [
            '::penstock {"resutl": 3}',
            "::penstock what?",
            "::penstocks are no lines for penstock",
            "behind ::penstock {}",
        ]
        first, second = messages_of(engine, view)
    assert view.status == "completed"
    assert first.startswith("line 1 of the output is no line for penstock: it says none of progress, result")
    assert first.endswith("did you mean `result`?")
    assert second.startswith("line 2 of the output is no line for penstock: what follows `::penstock` is not JSON")


def test_more_items_than_a_ledger_holds_are_refused(tmp_path):
    step = a_step(tmp_path, "list", """print("\\n".join('::penstock {"item": "k%d"}' % n for n in range(100_001)))""")
    with an_engine(tmp_path / "home", a_pipeline(step)) as engine:
        view = run(engine)
    failure = failure_of(view, "list")
    assert "listed more than 100,000 items" in failure.message
    assert not failure.retriable
