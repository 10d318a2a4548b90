"""Where bodies run makes no difference to what is recorded."""

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from penstock.bootstrap import open_engine
from penstock.engine.planning.request import RunRequest
from penstock.errors import UsageError
from penstock.kit.clock import SystemClock
from penstock.settings import Settings
from tests.engines import a_pipeline, a_task, an_engine, by_name, run, statuses

PROJECT = """
    import os, sys, time
    from penstock import Item, Param, Pipeline, Skip, SourceError, task

    @task(executor=EXECUTOR)
    def discover(ctx):
        return [Item(f"k{n}", n) for n in range(int(ctx.params.count))]

    @task(each=discover, retries=1, executor=EXECUTOR)
    def handle(ctx, item):
        if item.key == "k1" and ctx.attempt == 1:
            raise OSError("first try")
        ctx.progress(item.payload)
        print("what a body prints goes to standard error")
        return {"pid": os.getpid(), "n": item.payload}

    @task(depends_on=[handle], executor=EXECUTOR)
    def report(ctx):
        ctx.log("hello from the body", n=1)
        return {"items": ctx.result("handle")["completed"], "pid": os.getpid()}

    @task(depends_on=[report], executor=EXECUTOR)
    def nothing(ctx):
        raise Skip("all quiet")

    @task(tags=["bad"], executor=EXECUTOR)
    def broken(ctx):
        raise SourceError("page 3 of `x` is cut off", hint="fetch it again")

    @task(tags=["bad"], executor=EXECUTOR, timeout="0.3s")
    def stuck(ctx):
        time.sleep(600)

    @task(tags=["bad"], executor=EXECUTOR)
    def dies(ctx):
        os._exit(9)

    tasks = [discover, handle, report, nothing, broken, stuck, dies]
    pipeline = Pipeline("work", tasks=tasks, params=[Param("count", int, default=6)])
"""


def a_project(folder, executor="None"):
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines" / "work.py").write_text(textwrap.dedent(PROJECT).replace("EXECUTOR", executor))
    settings = Settings(home=folder / "home", pipelines_path=folder / "pipelines")
    return open_engine(settings, clock=SystemClock(), chance=lambda: 0.0)


@pytest.mark.parametrize(
    ("executor", "hint"), [("inline", "None"), ("threads", "None"), ("processes", "None"), ("inline", "'process'")]
)
def test_the_history_is_the_same_whatever_the_executor(tmp_path, executor, hint):
    with a_project(tmp_path, hint) as engine:
        view = engine.run(RunRequest("work", skip=("tag:bad",)), executor=executor, workers=2)
        again = engine.run(RunRequest("work", skip=("tag:bad", "nothing")), executor=executor, workers=2)
        _, items = engine.store.list_items(view.run.run_id, task="handle")
        messages = [
            event.facts for event in engine.store.read_events(run_id=view.run.run_id) if event.kind == "message_logged"
        ]
    tasks = by_name(view)
    assert view.status == "completed"
    assert tasks["handle"].result["completed"] == 6
    assert tasks["report"].result["items"] == 6
    assert tasks["nothing"].reason == "all quiet"
    assert [item.result["n"] for item in items] == list(range(6))
    assert [item.attempt for item in items] == [1, 2, 1, 1, 1, 1]
    assert messages == [{"message": "hello from the body", "n": 1}]
    assert set(statuses(again).values()) == {"skipped"}


def test_process_bodies_run_in_other_processes(tmp_path):
    import os

    with a_project(tmp_path) as engine:
        view = engine.run(RunRequest("work", tasks=("+report",)), executor="processes", workers=2)
        _, items = engine.store.list_items(view.run.run_id, task="handle")
    pids = {item.result["pid"] for item in items} | {by_name(view)["report"].result["pid"]}
    assert os.getpid() not in pids


def test_a_process_that_is_stuck_dies_or_fails_is_told_apart(tmp_path):
    with a_project(tmp_path) as engine:
        began = time.monotonic()
        view = engine.run(
            RunRequest("work", tasks=("tag:bad",), continue_on_failure=True), executor="processes", workers=2
        )
    failures = {task.name: (task.failure.error, task.failure.message) for task in view.failed}
    assert failures["broken"] == ("SourceError", "page 3 of `x` is cut off")
    assert failures["stuck"][0] == "TimeLimitError"
    assert failures["dies"] == ("ProcessDied", "the process of the body ended by itself with code 9")
    assert by_name(view)["broken"].failure.hint == "fetch it again"
    assert time.monotonic() - began < 60


def test_parameters_read_in_a_child_count_for_freshness(tmp_path):
    with a_project(tmp_path) as engine:
        engine.run(RunRequest("work", tasks=("discover",)), executor="processes", workers=1)
        plan = engine.plan(RunRequest("work", tasks=("discover",), params={"count": 7}))
    assert plan.decisions[0].reason.sentence == "parameter `count` changed 6 → 7"


def test_an_unknown_executor_is_refused(tmp_path):
    with (
        an_engine(tmp_path, a_pipeline(a_task("a"))) as engine,
        pytest.raises(UsageError, match="no executor `thread`"),
    ):
        run(engine, executor="thread")


def test_two_engines_work_on_one_run_without_a_master(tmp_path):
    import threading

    seen, lock = [], threading.Lock()

    def body(name):
        def note(ctx):
            with lock:
                seen.append(name)
            time.sleep(0.002)

        return note

    pipeline = a_pipeline(*(a_task(f"t{n}", body(n)) for n in range(60)))
    with (
        an_engine(tmp_path, pipeline, clock=SystemClock()) as one,
        an_engine(tmp_path, pipeline, clock=SystemClock()) as two,
    ):
        thread = threading.Thread(target=lambda: run(one, executor="threads", workers=1))
        thread.start()
        while not (runs := two.history()):
            time.sleep(0.005)
        joined = two.work(runs[0].run.run_id, executor="threads", workers=1)
        thread.join(30)
    assert sorted(seen) == list(range(60))
    assert joined.status == "completed"


TABLES = """
    import os
    from penstock import Item, Pipeline, task
    from penstock.warehouse import Column, ColumnType, Table

    ROWS = Table("bronze.rows", (Column("key"), Column("pid", ColumnType.INTEGER)), ("key",))
    COUNTS = Table("gold.counts", (Column("rows", ColumnType.INTEGER),), ("rows",))

    @task
    def discover(ctx):
        return [Item(f"k{n}") for n in range(12)]

    @task(each=discover, outputs=[ROWS])
    def store(ctx, item):
        ctx.table("bronze.rows").upsert([{"key": item.key, "pid": os.getpid()}], cursor=item.key, scope=item.key)

    @task(inputs=[ROWS], outputs=[COUNTS])
    def count(ctx):
        rows = ctx.resource("warehouse").query("select count(*) from bronze.rows").rows
        return ctx.table("gold.counts").replace([{"rows": rows[0][0]}]).counts

    pipeline = Pipeline("tables", tasks=[discover, store, count], datasets=[ROWS, COUNTS])
"""


@pytest.mark.parametrize("executor", ["inline", "threads", "processes"])
def test_bodies_share_one_warehouse_file_whatever_the_executor(tmp_path, executor):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "tables.py").write_text(textwrap.dedent(TABLES))
    settings = Settings(
        home=tmp_path / "home",
        pipelines_path=tmp_path / "pipelines",
        warehouse_url=f"duckdb:///{tmp_path}/warehouse.duckdb",
        state_url=f"sqlite:///{tmp_path}/state.db",
    )
    with open_engine(settings) as engine:
        view = engine.run(RunRequest("tables"), executor=executor, workers=2)
        again = engine.run(RunRequest("tables"), executor=executor, workers=2)
    assert view.status == "completed", [task.failure for task in view.failed]
    assert by_name(view)["count"].result["inserted"] == 1
    assert set(statuses(again).values()) == {"skipped"}


def test_a_child_does_not_outlive_a_parent_that_was_killed(tmp_path):
    (tmp_path / "pipelines").mkdir()
    text = """
        import os, time
        from penstock import Pipeline, task

        @task
        def long(ctx):
            open("pid", "w").write(str(os.getpid()))
            time.sleep(60)
            open("written-by-an-orphan", "w").close()

        pipeline = Pipeline("orphan", tasks=[long])
    """
    (tmp_path / "pipelines" / "orphan.py").write_text(textwrap.dedent(text))
    command = [sys.executable, "-m", "penstock", "run", "orphan", "--executor", "processes"]
    parent = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = tmp_path / "pid"
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    while is_alive(int(pid.read_text())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(int(pid.read_text()))


def is_alive(pid):
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except FileNotFoundError:
        return False
